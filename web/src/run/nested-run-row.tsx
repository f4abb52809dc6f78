// A nested run as a row, which opens to show its own.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { NestedCountsDocument, RunChildrenDocument, type RunChildrenQuery } from '../api/documents.gen.ts';
import { fieldText } from '../api/filter-text.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { colourOf, plural } from '../format.ts';
import { to } from '../router.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Icon } from '../ui/icons.tsx';
import { Ago, Dot, Num, Status, Took } from '../ui/tables/values.tsx';
import css from './nested-run-row.module.css';

type Child = NonNullable<RunChildrenQuery['run']>['children']['nodes'][number];

type RowProps = { row: Child; team: string; metrics: string[]; params: string[]; depth: number; below: number };

/** Of a run that has more, its own page shows the rest. */
const SHOWN_BELOW = 100;

const MOST_COUNTED = 1_000;

/** How many runs are nested in each of these: one question for all. */
export function useCounts(team: string, rows: Child[]): Map<string, number> {
  const runIds = rows.map(({ runId }) => runId).slice(0, MOST_COUNTED);
  const { data } = useQuery({
    queryKey: queryKeys.nestedCounts(team, runIds),
    enabled: runIds.length > 0,
    queryFn: async ({ signal }) =>
      (
        await ask(NestedCountsDocument, { team, runIds, by: [fieldText('tags', 'mlflow.parentRunId')], first: runIds.length }, signal)
      ).team?.runGroups.nodes.map(({ by: [of], runCount }) => [of?.value ?? '', Number(runCount)] as const) ?? [],
  });
  return new Map(data);
}

export function Row({ row, team, metrics, params, depth, below }: RowProps) {
  const [open, setOpen] = useState(false);
  const children = useQuery({
    queryKey: queryKeys.nestedBelow(row.runId),
    enabled: open,
    queryFn: async ({ signal }) =>
      (await ask(RunChildrenDocument, { runId: row.runId, first: SHOWN_BELOW, after: null }, signal)).run?.children.nodes ?? [],
  });
  const counts = useCounts(team, children.data ?? []);
  return (
    <>
      <tr>
        <td style={{ paddingLeft: 12 + depth * 18 }}>
          {below > 0 ? (
            <button
              type="button"
              className={clsx(buttonsCss.quiet, css.childFold)}
              aria-expanded={open}
              aria-label={`${plural(below, 'run')} nested in ${row.name}`}
              onClick={() => setOpen(!open)}
            >
              <Icon name={open ? 'down' : 'right'} size={11} />
            </button>
          ) : (
            <span className={css.childFold} />
          )}
          <Dot colour={colourOf(row.runId)} /> <a href={to('t', team, 'runs', row.runId)}>{row.name}</a>
          {below > 0 && <span className="dim"> {below}</span>}
        </td>
        <td>
          <Status status={row.status} />
        </td>
        <td>
          <Ago when={row.startedAt} />
        </td>
        <td className="numeric">
          <Took run={row} />
        </td>
        {metrics.map((key) => (
          <td key={key} className="numeric">
            <Num value={row.metrics.find((metric) => metric.key === key)?.last ?? null} />
          </td>
        ))}
        {params.map((key) => (
          <td key={key} className="numeric mono">
            {row.params.find((param) => param.key === key)?.value ?? <span className="absent">–</span>}
          </td>
        ))}
      </tr>
      {open &&
        children.data?.map((one) => (
          <Row key={one.id} {...{ team, metrics, params }} row={one} depth={depth + 1} below={counts.get(one.runId) ?? 0} />
        ))}
      {open && below > SHOWN_BELOW && (
        <tr>
          <td colSpan={4 + metrics.length + params.length} style={{ paddingLeft: 48 + depth * 18 }}>
            <a href={to('t', team, 'runs', row.runId, 'children')}>All {below} of them</a>
          </td>
        </tr>
      )}
    </>
  );
}
