// What runs are grouped by.
import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { useMemo, useState } from 'react';
import { useKeysLike } from '../../api/runs.ts';
import { patchQuery } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import type { RunKeys } from '../table/columns.ts';
import pickerCss from './picker.module.css';

const MAX_BY = 3;

type Props = { experimentIds: string[] | null; by: string[]; keys: RunKeys | undefined };

export function GroupPicker({ experimentIds, by, keys: first }: Props) {
  const [search, setSearch] = useState('');
  const keys = useKeysLike(useTeam().slug, experimentIds, first, search);
  const choices = useMemo(() => {
    // Grouping by what every run has its own value of puts nothing together.
    const telling = (kind: 'params' | 'tags') =>
      (keys?.[kind] ?? []).filter(({ runs, values }) => values > 1 && values < Math.max(3, runs)).map(({ key }) => `${kind}.${key}`);
    const wanted = search.trim().toLowerCase();
    const all = new Set([...by, ...telling('params'), ...telling('tags'), 'attributes.user_id', 'attributes.status']);
    return [...all].filter((id) => by.includes(id) || id.toLowerCase().includes(wanted));
  }, [by, keys, search]);
  const set = (next: string[]) => patchQuery({ group: next.slice(0, MAX_BY).join(',') || null, gsort: null });
  return (
    <Popover position="bottom-end" width={260} trapFocus>
      <Popover.Target>
        <Button variant={by.length > 0 ? 'light' : 'default'}>
          {by.length > 0 ? `Grouped by ${by.map((id) => id.slice(id.indexOf('.') + 1)).join(', ')}` : 'Group'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={pickerCss.picker}>
          <TextInput
            data-autofocus
            placeholder="Find a param or tag"
            aria-label="Find a param or tag"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <fieldset className={clsx(pickerCss.list, pickerCss.groups)} tabIndex={0}>
            <legend>Group by up to {MAX_BY}</legend>
            {choices.map((id) => (
              <Checkbox
                key={id}
                label={id.startsWith('attributes.') ? id.slice(11) : id}
                checked={by.includes(id)}
                disabled={!by.includes(id) && by.length >= MAX_BY}
                onChange={() => set(by.includes(id) ? by.filter((one) => one !== id) : [...by, id])}
              />
            ))}
          </fieldset>
          <footer>
            <Button variant="subtle" size="compact-xs" disabled={by.length === 0} onClick={() => set([])}>
              Ungroup
            </Button>
          </footer>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
