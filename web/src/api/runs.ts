// Reading runs in pages, with only the values that columns show. Where the server grows a leaner way to read a table, it goes in here.
import { type InfiniteData, keepPreviousData, type QueryKey, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Column, columnOf } from '../runs/columns.ts';
import { ApiError } from './client.ts';
import {
  AnyRunDocument,
  type GroupOrder,
  type Lifecycle,
  type Measure,
  RunChangesDocument,
  RunGroupsDocument,
  RunKeysDocument,
  type RunRowFragment,
  RunsDocument,
} from './documents.gen.ts';
import { follow } from './live.ts';
import { ask } from './session.ts';

/** A run with its values by key, so that a cell finds its own in one step. */
export type RunRow = Omit<RunRowFragment, 'params' | 'metrics' | 'tags'> & {
  params: Map<string, string>;
  metrics: Map<string, RunRowFragment['metrics'][number]>;
  tags: Map<string, string>;
};
export type RunPage = { rows: RunRow[]; total: number | null; tookMs: number; next: string | null };
export type RunAsk = {
  team: string;
  experimentIds: string[] | null;
  filter: string;
  sort: string;
  lifecycle: Lifecycle;
  columns: readonly Column[];
};

const PAGE = 100;
/** While something runs, while nothing does, and where changes are told: then only what a broken connection may have hidden. */
const POLL_MS = { busy: 3_000, calm: 10_000, told: 30_000 };
/** So many pages are read again as they are; of more only the rows that changed. */
const FEW_PAGES = 2;
/** Changes are gathered this long, so that a busy team doesn't make a busy page. */
const GATHER_MS = 1_000;

const rowOf = ({ params, metrics, tags, ...run }: RunRowFragment): RunRow => ({
  ...run,
  params: new Map(params.map(({ key, value }) => [key, value])),
  metrics: new Map(metrics.map((metric) => [metric.key, metric])),
  tags: new Map(tags.map(({ key, value }) => [key, value])),
});

const keysOf = (columns: readonly Column[], kind: Column['kind']) => [...new Set(columns.filter((one) => one.kind === kind).map(({ key }) => key))];

/** `-metrics.loss` is descending. Empty is the server's own order, newest first. */
export function orderOf(sort: string): { by: string; direction: 'ASC' | 'DESC' }[] | null {
  if (!sort) return null;
  const { kind, key, stat } = columnOf(sort.replace(/^-/, ''));
  const by = `${kind}.${key}${stat && stat !== 'last' ? `.${stat}` : ''}`;
  return [{ by: kind === 'attributes' ? key : by, direction: sort.startsWith('-') ? 'DESC' : 'ASC' }];
}

async function readPage(asked: RunAsk, after: string | null, signal?: AbortSignal, where: { ids: string[] } | null = null): Promise<RunPage> {
  const began = performance.now();
  const { team } = await ask(
    RunsDocument,
    {
      team: asked.team,
      experimentIds: asked.experimentIds,
      filter: asked.filter || null,
      where: where ? { attribute: { key: 'run_id', op: 'IN', values: where.ids } } : null,
      orderBy: where ? null : orderOf(asked.sort),
      lifecycle: asked.lifecycle,
      first: PAGE,
      after,
      params: keysOf(asked.columns, 'params'),
      metrics: keysOf(asked.columns, 'metrics'),
      tags: [...keysOf(asked.columns, 'tags'), 'mlflow.parentRunId'],
      count: after === null && where === null,
    },
    signal,
  );
  if (!team) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
  const { nodes, pageInfo, totalCount } = team.runs;
  return {
    rows: nodes.map(rowOf),
    total: totalCount === undefined ? null : Number(totalCount),
    tookMs: performance.now() - began,
    next: pageInfo.hasNextPage ? pageInfo.endCursor : null,
  };
}

const keyOf = ({ columns, ...rest }: RunAsk) => ['runs', rest.team, rest, columns.map(({ id }) => id).sort()] as const;

/** Rows so far, live: told by subscription, and asked for now and then all the same. `live` can be paused. */
export function useRuns(asked: RunAsk, live: boolean) {
  const queryKey = keyOf(asked);
  const [following, setFollowing] = useState(false);
  const result = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => readPage(asked, pageParam, signal),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      if (!live || pages.length > FEW_PAGES) return false;
      if (following) return POLL_MS.told;
      return pages.some(({ rows }) => rows.some(({ status }) => status === 'RUNNING')) || pages[0]?.rows.length === 0 ? POLL_MS.busy : POLL_MS.calm;
    },
  });
  const rows = useMemo(() => {
    // A run that moved in the order between two pages would stand twice.
    const seen = new Set<string>();
    return (result.data?.pages ?? []).flatMap((page) => page.rows).filter(({ runId }) => !seen.has(runId) && seen.add(runId));
  }, [result.data]);

  useLiveRows(asked, live, queryKey, rows, setFollowing);

  const first = result.data?.pages[0];
  return { ...result, rows, total: first?.total ?? null, tookMs: first?.tookMs ?? null };
}

type Rows = InfiniteData<RunPage>;

/** Changes of runs reach the rows that are loaded; new and vanished runs have the first pages read again. */
function useLiveRows(asked: RunAsk, live: boolean, queryKey: QueryKey, rows: RunRow[], setFollowing: (on: boolean) => void): void {
  const queries = useQueryClient();
  const latest = useRef({ asked, rows });
  latest.current = { asked, rows };
  const key = JSON.stringify(queryKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  useEffect(() => {
    if (!live) return;
    let touched = new Set<string>();
    let moved = false;
    let before = false;
    const patch = async (ids: string[]) => {
      const page = await readPage({ ...latest.current.asked, filter: '', lifecycle: 'ALL' }, null, undefined, { ids });
      const fresh = new Map(page.rows.map((row) => [row.runId, row]));
      queries.setQueryData<Rows>(
        queryKey,
        (data) => data && { ...data, pages: data.pages.map((one) => ({ ...one, rows: one.rows.map((row) => fresh.get(row.runId) ?? row) })) },
      );
    };
    const flush = setInterval(() => {
      if (document.hidden || (!moved && touched.size === 0)) return;
      const shown = latest.current.rows.filter(({ runId }) => touched.has(runId)).map(({ runId }) => runId);
      // What changed and isn't shown may satisfy the filter now.
      const again = moved || (latest.current.asked.filter !== '' && shown.length < touched.size);
      touched = new Set();
      moved = false;
      if (again && (queries.getQueryData<Rows>(queryKey)?.pages.length ?? 0) <= FEW_PAGES) void queries.invalidateQueries({ queryKey });
      else if (shown.length > 0) void patch(shown.slice(0, PAGE)).catch(() => undefined);
    }, GATHER_MS);
    const stop = follow(
      RunChangesDocument,
      { team: asked.team, experimentIds: asked.experimentIds },
      {
        next: ({ runChanged: { kind, runId } }) => {
          if (kind === 'SUBSCRIBED') {
            setFollowing(true);
            // Again after a break: whatever happened in between was not told.
            moved ||= before;
            before = true;
          } else if ((kind === 'UPDATED' || kind === 'FINISHED') && runId) touched.add(runId);
          else moved = true;
        },
        fault: () => setFollowing(false),
      },
    );
    return () => {
      stop();
      clearInterval(flush);
      setFollowing(false);
    };
  }, [live, key, queries]);
}

/** Some runs by id with all their values, in the order given; what isn't there is left out. */
export function useFullRuns(team: string, ids: string[]) {
  return useQuery({
    queryKey: ['runs', team, 'byId', ids],
    enabled: ids.length > 0,
    queryFn: async ({ signal }): Promise<RunRow[]> => {
      const where = { attribute: { key: 'run_id', op: 'IN' as const, values: ids } };
      const { team: found } = await ask(
        RunsDocument,
        { team, where, lifecycle: 'ALL', first: ids.length, params: null, metrics: null, tags: null, count: false },
        signal,
      );
      const rows = new Map((found?.runs.nodes ?? []).map((node) => [node.runId, rowOf(node)]));
      return ids.flatMap((id) => rows.get(id) ?? []);
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'RUNNING') ? POLL_MS.busy : false),
  });
}

/** `runs` and `values` (how many different ones) count over the newest 1,000 runs. */
export type KeyUse = { key: string; runs: number; values: number };
export type RunKeys = { params: KeyUse[]; metrics: KeyUse[]; tags: KeyUse[]; empty: boolean };

const MAX_KEYS = 500;

/** Which keys there are, those in most runs first. */
export function useRunKeys(team: string, experimentIds: string[] | null) {
  return useQuery({
    queryKey: ['runs', team, 'keys', experimentIds],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<RunKeys> => {
      const { team: found } = await ask(RunKeysDocument, { team, experimentIds, first: MAX_KEYS }, signal);
      const order = (keys: KeyUse[]) => keys.sort((a, b) => b.runs - a.runs || a.key.localeCompare(b.key));
      return {
        params: order(found?.params ?? []),
        metrics: order(found?.metrics ?? []),
        tags: order((found?.tags ?? []).filter(({ key }) => !key.startsWith('mlflow.'))),
        empty: (found?.runs.nodes.length ?? 0) === 0,
      };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.empty ? POLL_MS.busy : 30_000),
  });
}

export type GroupAsk = Pick<RunAsk, 'team' | 'experimentIds' | 'filter' | 'lifecycle'> & { by: string[]; measures: Measure[]; orderBy: GroupOrder[] };

/** The first 200 groups. */
export function useRunGroups(asked: GroupAsk) {
  return useQuery({
    queryKey: ['runs', asked.team, 'groups', asked],
    queryFn: async ({ signal }) => {
      const { team } = await ask(RunGroupsDocument, { ...asked, filter: asked.filter || null }, signal);
      if (!team) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return team.runGroups;
    },
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS.calm,
  });
}

/** Whether the team has any run at all; keeps asking until it does. */
export function useAnyRun(team: string) {
  return useQuery({
    queryKey: ['any-run', team],
    staleTime: 60_000,
    queryFn: async ({ signal }) => ((await ask(AnyRunDocument, { team }, signal)).team?.runs.nodes.length ?? 0) > 0,
    refetchInterval: ({ state }) => (state.data === false ? 2_000 : false),
  });
}
