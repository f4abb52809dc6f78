// The runs of the table as trials: the values that they came to, the params that they were given.
import { useMemo } from 'react';
import { parentOf, useValues } from '../../api/charted.ts';
import type { TableAsk } from '../../api/table.ts';
import { goalOf } from '../../charts/best-value.ts';
import { candidatesOf, type TrialRow } from '../../charts/story/trials.ts';
import { metricColumn, type RunKeys } from '../table/columns.ts';

const METRICS = 8;
const PARAMS = 12;
/** Of an experiment with fewer runs there is nothing to tell. */
const FEWEST = 3;

/** `total`: null where there is nothing to ask. */
export function useTrials(asked: TableAsk, keys: RunKeys | undefined, hidden: ReadonlySet<string>, total: number | null) {
  const sorted = sortedBy(asked.sort);
  // By what the table is sorted is what somebody looks at.
  const metricText = (keys?.metrics ?? [])
    .filter(({ key, runs }) => key === sorted || (!key.startsWith('system/') && runs >= FEWEST))
    .sort((a, b) => Number(b.key === sorted) - Number(a.key === sorted))
    .slice(0, METRICS)
    .map(({ key }) => key)
    .join('\n');
  const paramText = (keys?.params ?? [])
    .filter(({ values }) => values > 1)
    .slice(0, PARAMS)
    .map(({ key }) => key)
    .join('\n');
  const metrics = useMemo(() => metricText.split('\n').filter(Boolean), [metricText]);
  const params = useMemo(() => paramText.split('\n').filter(Boolean), [paramText]);
  const ids = useMemo(
    () =>
      metrics.length === 0
        ? []
        : [...metrics.flatMap((key) => [metricColumn(key, 'last'), metricColumn(key, 'count')]), ...params.map((key) => `params.${key}`)],
    [metrics, params],
  );
  const asking = total !== null && total >= FEWEST;
  const { data, isPending } = useValues(asked, asking ? ids : NONE, total);
  return useMemo(() => {
    const rows = (asking ? (data ?? []) : [])
      .filter(({ runId }) => !hidden.has(runId))
      .map((row): TrialRow => {
        const pick = <T>(of: readonly string[], id: (key: string) => string, read: (value: string | number) => T) =>
          new Map(
            of.flatMap((key) => {
              const value = row.cells[id(key)] ?? null;
              return value === null ? [] : [[key, read(value)] as const];
            }),
          );
        return {
          runId: row.runId,
          name: row.name,
          startedAt: row.startedAt,
          parent: parentOf(row),
          values: pick(metrics, (key) => metricColumn(key, 'last'), numberOf),
          counts: pick(metrics, (key) => metricColumn(key, 'count'), Number),
          params: pick(params, (key) => `params.${key}`, String),
        };
      });
    return { rows, params, candidates: candidatesOf(rows, metrics, goalOf), loading: asking && ids.length > 0 && isPending };
  }, [asking, data, hidden, metrics, params, ids, isPending]);
}

const NONE: string[] = [];

/** The metric that a table is sorted by. */
export const sortedBy = (sort: string): string | null => /^-?metrics\.(.+?)(@[^@]*)?$/.exec(sort)?.[1] ?? null;

/** As the server writes what JSON can't. */
const numberOf = (value: string | number) => Number(typeof value === 'string' ? value.replace(/^(-?)inf(inity)?$/i, '$1Infinity') : value);
