// Runs put together by what they share: how many, and a statistic of each metric over the group. Opening a group filters by it.
import { Button, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { Statistic } from '../../api/documents.gen.ts';
import { type GroupAsk, useRunGroups } from '../../api/runs.ts';
import type { Stroke } from '../../charts/slots.ts';
import { plural } from '../../format.ts';
import { useParam } from '../../router.ts';
import { Empty, ErrorState, Rows } from '../../ui/feedback/states.tsx';
import { Icon } from '../../ui/icons.tsx';
import listTableCss from '../../ui/tables/list-table.module.css';
import { groupName } from '../charted/said.ts';
import { save } from '../export/export.ts';
import { printCsv } from '../export/export-text.ts';
import type { Column } from './columns.ts';
import { GroupRow } from './group-row.tsx';
import css from './group-table.module.css';

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

type Props = Pick<GroupAsk, 'team' | 'experimentIds' | 'filter' | 'lifecycle'> & {
  by: string[];
  columns: Column[];
  /** Of the groups that the charts draw, by name. */
  looks: ReadonlyMap<string, Stroke>;
};

export function Groups({ team, experimentIds, filter, lifecycle, by, columns, looks }: Props) {
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
            <GroupRow
              key={JSON.stringify(group.by)}
              {...{ group, by, filter }}
              look={looks.get(groupName(group.by.map(({ value }) => value ?? null)))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
