// Runs put together by what they share: how many, and a statistic of each metric over the group. Opening a group filters by it.

import { Button, Checkbox, Popover, Select } from '@mantine/core';
import clsx from 'clsx';
import { useMemo } from 'react';
import type { RunGroupsQuery, Statistic } from '../api/documents.gen.ts';
import { type GroupAsk, useRunGroups } from '../api/runs.ts';
import { count, plural } from '../format.ts';
import { patchQuery, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Icon } from '../ui/icons.tsx';
import listTableCss from '../ui/list-table.module.css';
import { Empty, ErrorState, Rows } from '../ui/states.tsx';
import { Num } from '../ui/values.tsx';
import type { Column, RunKeys } from './columns.ts';
import { printCsv, save } from './export.ts';
import css from './group-table.module.css';
import pickerCss from './picker.module.css';

type Group = NonNullable<RunGroupsQuery['team']>['runGroups']['nodes'][number];

const MAX_BY = 3;
const MAX_METRICS = 8;
const STATISTICS: { value: Statistic; label: string }[] = [
  { value: 'AVG', label: 'Mean' },
  { value: 'MEDIAN', label: 'Median' },
  { value: 'ARG_MIN', label: 'Lowest, with its run' },
  { value: 'ARG_MAX', label: 'Highest, with its run' },
  { value: 'STDDEV', label: 'Standard deviation' },
  { value: 'P90', label: '90th percentile' },
  { value: 'COUNT', label: 'How many have it' },
];

const quotedKey = (key: string) => (/^\w+$/.test(key) ? key : `\`${key}\``);
/** As the search language writes it. */
const nameOf = (id: string) =>
  id.startsWith('attributes.') ? id.slice(11) : `${id.slice(0, id.indexOf('.'))}.${quotedKey(id.slice(id.indexOf('.') + 1))}`;

export function GroupPicker({ by, keys }: { by: string[]; keys: RunKeys | undefined }) {
  const choices = useMemo(() => {
    // Grouping by what every run has its own value of puts nothing together.
    const telling = (kind: 'params' | 'tags') =>
      (keys?.[kind] ?? []).filter(({ runs, values }) => values > 1 && values < Math.max(3, runs)).map(({ key }) => `${kind}.${key}`);
    return [...new Set([...by, ...telling('params'), ...telling('tags'), 'attributes.user_id', 'attributes.status'])];
  }, [by, keys]);
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

type Props = Pick<GroupAsk, 'team' | 'experimentIds' | 'filter' | 'lifecycle'> & { by: string[]; columns: Column[] };

export function Groups({ team, experimentIds, filter, lifecycle, by, columns }: Props) {
  const [statistic, setStatistic] = useParam('stat', 'AVG');
  const [sort, setSort] = useParam('gsort', '-runs');
  const metrics = useMemo(() => columns.filter(({ kind }) => kind === 'metrics').slice(0, MAX_METRICS), [columns]);
  const place = sort.replace(/^-/, '');
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
  const groups = useRunGroups({
    team,
    experimentIds,
    filter,
    lifecycle,
    by: by.map((id) => (id.startsWith('attributes.') ? id.slice(11) : id)),
    measures: metrics.map(({ key, stat }) => ({ metric: key, stat: (stat ?? 'last').toUpperCase() as 'LAST', statistic: statistic as Statistic })),
    orderBy: [
      place === 'runs'
        ? { direction }
        : place.startsWith('m')
          ? { measure: Math.min(Number(place.slice(1)), metrics.length - 1), direction }
          : { by: place, direction },
    ],
  });
  if (groups.error && !groups.data) return <ErrorState error={groups.error} again={() => void groups.refetch()} />;
  if (!groups.data) return <Rows count={12} />;
  const { nodes, totalCount } = groups.data;
  if (nodes.length === 0) return <Empty title="No run matches" />;
  const exportGroups = () =>
    save(
      printCsv([
        [...by, 'runs', ...metrics.map(({ title }) => `${statistic} ${title}`)],
        ...nodes.map((group) => [...group.by.map(({ value }) => value), group.runCount, ...group.measures.map(({ value }) => value ?? null)]),
      ]),
      'groups.csv',
    );
  const header = (id: string, title: string, numeric: boolean) => (
    <th
      key={id}
      scope="col"
      className={numeric ? 'numeric' : undefined}
      aria-sort={place === id ? (direction === 'ASC' ? 'ascending' : 'descending') : undefined}
    >
      <button
        type="button"
        className={listTableCss.sort}
        onClick={() => setSort(place === id && direction === 'DESC' ? id : `-${id}`, { replace: true })}
      >
        {title}
        {place === id && <Icon name={direction === 'ASC' ? 'up' : 'down'} size={11} />}
      </button>
    </th>
  );
  return (
    <div className={css.groups} tabIndex={0} role="group" aria-label="Groups of runs">
      <div className={css.bar}>
        <span className="dim">
          {plural(totalCount, 'group')}
          {totalCount > nodes.length && `, the first ${nodes.length}`}
        </span>
        <span className="grow" />
        <Button variant="subtle" color="gray" leftSection={<Icon name="download" size={13} />} onClick={exportGroups}>
          CSV
        </Button>
        {metrics.length > 0 && (
          <Select
            aria-label="Statistic of the metrics"
            data={STATISTICS}
            value={statistic}
            allowDeselect={false}
            onChange={(next) => setStatistic(next, { replace: true })}
          />
        )}
      </div>
      <table className={listTableCss.list}>
        <thead>
          <tr>
            {by.map((id) => header(id.startsWith('attributes.') ? id.slice(11) : id, id.slice(id.indexOf('.') + 1), false))}
            {header('runs', 'Runs', true)}
            {metrics.map(({ title }, at) => header(`m${at}`, title, true))}
          </tr>
        </thead>
        <tbody>
          {nodes.map((group) => (
            <GroupRow key={JSON.stringify(group.by)} group={group} by={by} filter={filter} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function GroupRow({ group, by, filter }: { group: Group; by: string[]; filter: string }) {
  const team = useTeam();
  const open = () => {
    const own = group.by.map(({ value }, at) =>
      value === null ? `${nameOf(by[at]!)} IS NULL` : `${nameOf(by[at]!)} = '${value.replaceAll("'", "''")}'`,
    );
    patchQuery({ filter: [filter ? `(${filter})` : '', ...own].filter(Boolean).join(' AND '), group: null, gsort: null });
  };
  return (
    <tr>
      {group.by.map(({ name, value }, at) => (
        <td key={name}>
          {at === 0 ? (
            <button type="button" className={buttonsCss.link} title="Show its runs" onClick={open}>
              {value ?? 'none'}
            </button>
          ) : (
            (value ?? <span className="absent">none</span>)
          )}
        </td>
      ))}
      <td className="numeric mono">{count(group.runCount)}</td>
      {group.measures.map(({ value, run }, at) => (
        <td key={at} className="numeric">
          {run && (
            <a className={css.groupRun} href={to('t', team.slug, 'runs', run.runId)}>
              {run.name}
            </a>
          )}
          <Num value={value} />
        </td>
      ))}
    </tr>
  );
}
