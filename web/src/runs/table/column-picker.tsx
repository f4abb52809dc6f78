// Which columns the table shows: everything that runs logged, by kind, searchable; the order is changed in the headers.
import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useKeysLike } from '../../api/runs.ts';
import { useTeam } from '../../shell/team.ts';
import { Icon } from '../../ui/icons.tsx';
import pickerCss from '../toolbar/picker.module.css';
import type { RunKeys } from './columns.ts';
import { ATTRIBUTES, columnOf } from './columns.ts';

type Props = { experimentIds: string[] | null; shown: string[]; change: (ids: string[] | null) => void; keys: RunKeys | undefined };

export function ColumnPicker({ experimentIds, shown, change, keys: first }: Props) {
  const [search, setSearch] = useState('');
  const keys = useKeysLike(useTeam().slug, experimentIds, first, search);
  const groups = useMemo(() => {
    const wanted = search.toLowerCase();
    const of = (title: string, ids: string[]) => ({ title, ids: ids.filter((id) => columnOf(id).title.toLowerCase().includes(wanted)) });
    const extra = (kind: string, known: string[]) => [
      ...known,
      ...shown.filter((id) => id.startsWith(`${kind}.`) && !id.includes('@') && !known.includes(id)),
    ];
    return [
      of(
        'Metrics',
        extra(
          'metrics',
          (keys?.metrics ?? []).map(({ key }) => `metrics.${key}`),
        ),
      ),
      of(
        'Params',
        extra(
          'params',
          (keys?.params ?? []).map(({ key }) => `params.${key}`),
        ),
      ),
      of(
        'Tags',
        extra(
          'tags',
          (keys?.tags ?? []).map(({ key }) => `tags.${key}`),
        ),
      ),
      of(
        'Attributes',
        Object.keys(ATTRIBUTES)
          .filter((key) => key !== 'run_name')
          .map((key) => `attributes.${key}`),
      ),
    ].filter(({ ids }) => ids.length > 0);
  }, [keys, search, shown]);
  const toggle = (id: string) => change(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]);
  return (
    <Popover position="bottom-end" width={300} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Icon name="columns" size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={pickerCss.picker}>
          <TextInput
            data-autofocus
            placeholder="Find a column"
            aria-label="Find a column"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <div className={pickerCss.list} tabIndex={0} role="group" aria-label="Columns">
            {groups.map(({ title, ids }) => (
              <fieldset key={title}>
                <legend>
                  {title} <span className="dim">{ids.length}</span>
                </legend>
                {ids.slice(0, 300).map((id) => (
                  <Checkbox key={id} label={columnOf(id).title} checked={shown.includes(id)} onChange={() => toggle(id)} />
                ))}
              </fieldset>
            ))}
            {groups.length === 0 && <p className="dim">No column by that name.</p>}
          </div>
          <footer>
            <Button variant="subtle" size="compact-xs" onClick={() => change(null)}>
              Back to the usual
            </Button>
            <Button variant="subtle" size="compact-xs" color="gray" onClick={() => change([])}>
              None
            </Button>
          </footer>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
