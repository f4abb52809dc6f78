// What the charts beside the table ask of its runs: how many points each has logged of what, the values to set against each other, and runs that
// the table doesn't show. All by the columns of the runs table.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { PointCounts } from '../charts/chart-settings.ts';
import { columnOf, metricColumn } from '../runs/table/columns.ts';
import { equalsText } from './filter-text.ts';
import { queryKeys } from './query-keys.ts';
import { readPage, type TableAsk, type TableRow } from './table.ts';

/** Columns of one request; the server takes 200 with those that every row has. */
const PART = 190;
const BUSY_MS = 3_000;
/** Hundreds of runs with all their values are asked for less often. */
const VALUES_MS = 10_000;
const isBusy = (rows: readonly TableRow[] | undefined) => rows?.some(({ status }) => status === 'RUNNING') ?? false;
const everywhere = (asked: TableAsk): TableAsk => ({ ...asked, experimentIds: null, filter: '', sort: '', lifecycle: 'ALL' });

type Counted = { rows: TableRow[]; counts: PointCounts };

/** Points that runs have logged of metrics; undefined where they aren't known, which charts can do without. */
export function usePointCounts(asked: TableAsk, runIds: string[], metrics: readonly string[]): { counts: PointCounts | undefined; pending: boolean } {
  const asking = runIds.length > 0 && metrics.length > 0;
  const { data, isPending } = useQuery({
    queryKey: queryKeys.pointCounts(asked.team, runIds, metrics),
    enabled: asking,
    placeholderData: keepPreviousData,
    staleTime: BUSY_MS,
    queryFn: async ({ signal }): Promise<Counted> => {
      const ids = metrics.map((metric) => metricColumn(metric, 'count'));
      const parts = Array.from({ length: Math.ceil(ids.length / PART) }, (_, at) => ids.slice(at * PART, (at + 1) * PART).map(columnOf));
      const pages = await Promise.all(
        parts.map((columns) => readPage({ ...everywhere(asked), columns }, { after: null, size: runIds.length, ids: runIds, signal })),
      );
      const counts = new Map<string, Map<string, number>>();
      for (const [at, id] of ids.entries())
        for (const { runId, cells } of pages[Math.floor(at / PART)]!.rows) {
          const found = Number(cells[id] ?? 0);
          if (found > 0) counts.set(metrics[at]!, (counts.get(metrics[at]!) ?? new Map<string, number>()).set(runId, found));
        }
      return { rows: pages[0]!.rows, counts };
    },
    refetchInterval: ({ state }) => (isBusy(state.data?.rows) ? BUSY_MS : false),
  });
  return { counts: data?.counts, pending: asking && isPending };
}

/** So many runs are set against each other. */
export const MOST_VALUES = 500;
const PARENT = 'tags.mlflow.parentRunId';

/** The first runs of the table with some columns, and the run that each is nested in. `total`: asked again when it is another. */
export function useValues(asked: TableAsk, ids: readonly string[], total: number | null) {
  const { columns: _, ...rest } = asked;
  return useQuery({
    queryKey: queryKeys.runValues(asked.team, rest, ids, total),
    enabled: ids.length > 0 && total !== null,
    placeholderData: keepPreviousData,
    staleTime: BUSY_MS,
    queryFn: async ({ signal }) =>
      (await readPage({ ...asked, columns: [...ids, PARENT].map(columnOf) }, { after: null, size: MOST_VALUES, signal })).rows,
    refetchInterval: ({ state }) => (isBusy(state.data) ? VALUES_MS : false),
  });
}

export const parentOf = ({ cells }: TableRow): string | null => (cells[PARENT] as string | null) ?? null;

/** Runs by id wherever they are, and which of them the filter of the table finds. */
export function useTicked(asked: TableAsk, runIds: string[]) {
  const { data } = useQuery({
    queryKey: queryKeys.runsTicked(asked.team, asked.experimentIds, asked.filter, asked.lifecycle, runIds),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const page = { after: null, size: runIds.length, ids: runIds, signal };
      const [all, found] = await Promise.all([
        readPage({ ...everywhere(asked), columns: [] }, page),
        readPage({ ...asked, sort: '', columns: [] }, page).catch(() => null),
      ]);
      return { rows: all.rows, inside: found && new Set(found.rows.map(({ runId }) => runId)) };
    },
    refetchInterval: ({ state }) => (isBusy(state.data?.rows) ? BUSY_MS : false),
  });
  return runIds.length > 0 ? data : undefined;
}

/** Some runs of each group: those whose columns `by` have its values. */
export function useMembers(asked: TableAsk, by: readonly string[], groups: readonly (readonly (string | null)[])[], each: number) {
  return useQuery({
    queryKey: queryKeys.groupMembers(asked.team, asked.experimentIds, asked.filter, asked.lifecycle, by, groups),
    enabled: groups.length > 0,
    queryFn: ({ signal }) =>
      Promise.all(
        groups.map(async (values) => {
          const own = values.map((value, at) => equalsText(by[at]!, value));
          const filter = [asked.filter ? `(${asked.filter})` : '', ...own].filter(Boolean).join(' AND ');
          return (await readPage({ ...asked, sort: '', filter, columns: [] }, { after: null, size: each, signal })).rows;
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.some(isBusy) ? BUSY_MS : false),
  });
}
