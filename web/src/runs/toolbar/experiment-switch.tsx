// Which experiment's runs are shown: one, several ticked ones together, or all of the team.
import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import { plural } from '../../format.ts';
import { go, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { Icon } from '../../ui/icons.tsx';
import { useExperimentsLike } from '../use-experiments.ts';
import css from './experiment-switch.module.css';
import pickerCss from './picker.module.css';

type Props = { title: string; experimentIds: string[] | null };

export function ExperimentSwitch({ title, experimentIds }: Props) {
  const team = useTeam();
  const [opened, setOpened] = useState(false);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(experimentIds));
  const here = new Set(experimentIds);
  const { list = [], more = false } = useExperimentsLike(team.slug, search, opened).data ?? {};
  // What is still shown of the search before is narrowed here, so that Enter never takes what no longer fits.
  const fitting = list.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  // Ticked ones stay in sight.
  const shown = [...fitting.filter((one) => here.has(one.experimentId)), ...fitting.filter((one) => !here.has(one.experimentId))];
  const open = (ids: string[]) => {
    setOpened(false);
    go(ids.length > 0 ? to('t', team.slug, 'experiments', ids.join(',')) : to('t', team.slug, 'runs'));
  };
  return (
    <h1 className={css.where}>
      <Popover position="bottom-start" width={320} trapFocus opened={opened} onChange={setOpened}>
        <Popover.Target>
          <button type="button" className={css.switch} aria-label={`${title}, switch experiment`} onClick={() => setOpened(!opened)}>
            <span>{title || '…'}</span>
            <Icon name="down" size={13} />
          </button>
        </Popover.Target>
        <Popover.Dropdown p={0}>
          <div className={clsx(pickerCss.picker, pickerCss.switch)}>
            <TextInput
              data-autofocus
              placeholder="Find an experiment"
              aria-label="Find an experiment"
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              onKeyDown={(event) => event.key === 'Enter' && shown[0] && open([shown[0].experimentId])}
            />
            <ul className={pickerCss.switchList}>
              <li>
                <button type="button" aria-current={experimentIds === null ? 'true' : undefined} onClick={() => open([])}>
                  All runs
                </button>
              </li>
              {shown.map(({ id, experimentId, name }) => (
                <li key={id}>
                  <Checkbox
                    aria-label={`Show ${name} too`}
                    checked={chosen.has(experimentId)}
                    onChange={() =>
                      setChosen(
                        chosen.has(experimentId) ? new Set([...chosen].filter((one) => one !== experimentId)) : new Set([...chosen, experimentId]),
                      )
                    }
                  />
                  <button type="button" aria-current={here.has(experimentId) ? 'true' : undefined} onClick={() => open([experimentId])}>
                    {name}
                  </button>
                </li>
              ))}
              {fitting.length === 0 && <li className="dim">No experiment by that name.</li>}
            </ul>
            <footer>
              <span className="dim">{more ? `The first ${fitting.length}: type to find others` : plural(fitting.length, 'experiment')}</span>
              <Button size="compact-xs" disabled={chosen.size < 2} onClick={() => open([...chosen])}>
                Show {chosen.size > 1 ? `${chosen.size} ` : ''}together
              </Button>
            </footer>
          </div>
        </Popover.Dropdown>
      </Popover>
    </h1>
  );
}
