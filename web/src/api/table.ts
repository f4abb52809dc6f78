// The rows of the runs table: pages of exactly the columns that are shown, kept up to date by subscription.
import { type InfiniteData, keepPreviousData, type QueryClient, type QueryKey, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Column, columnOf, orderOf } from '../runs/table/columns.ts';
import { ApiError } from './client.ts';
import { type Lifecycle, RunChangesDocument, RunTableDocument } from './documents.gen.ts';
import { follow } from './live.ts';
import { nextCursor } from './pages.ts';
import { queryKeys } from './query-keys.ts';
import { ask } from './session.ts';
import type { TableRow } from './table-rows.ts';

export type { CellValue, TableRow } from './table-rows.ts';

export type TablePage = { rows: TableRow[]; total: number | null; tookMs: number; next: string | null };
export type TableAsk = {
  team: string;
  experimentIds: string[] | null;
  filter: string;
  sort: string;
  lifecycle: Lifecycle;
  columns: readonly Column[];
};

/** The first page is what a screen shows; more are read ahead of whoever scrolls, so they are larger. */
const FIRST_PAGE = 100;
const PAGE = 500;
const MAX_CELLS = 100_000;
/** While something runs, while nothing does, and where changes are told: then only what a broken connection may have hidden. */
const POLL_MS = { busy: 3_000, calm: 10_000, told: 60_000 };
/** So many pages are read again as they are; of more only the rows that changed, and new runs are offered. */
const FEW_PAGES = 2;
/** Changes are gathered this long, so that a busy team doesn't make a busy page. */
const GATHER_MS = 1_000;
const BASE = ['attributes.run_name', 'attributes.status', 'attributes.start_time', 'tags.mlflow.parentRunId'].map((id) => columnOf(id).wire);

export type PageRequest = { after: string | null; size: number; ids?: string[]; count?: boolean; signal?: AbortSignal };

export async function readPage(asked: TableAsk, { after, size, ids, count = false, signal }: PageRequest): Promise<TablePage> {
  const began = performance.now();
  const names = [...new Set([...BASE, ...asked.columns.map(({ wire }) => wire)])];
  const { team } = await ask(
    RunTableDocument,
    {
      team: asked.team,
      experimentIds: asked.experimentIds,
      filter: asked.filter || null,
      where: ids ? { attribute: { key: 'run_id', op: 'IN', values: ids } } : null,
      columns: names,
      orderBy: ids ? null : orderOf(asked.sort),
      lifecycle: asked.lifecycle,
      first: Math.max(1, Math.min(size, Math.floor(MAX_CELLS / names.length))),
      after,
      count,
    },
    signal,
  );
  if (!team) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
  const { runIds, columns, pageInfo, totalCount } = team.runTable;
  const valuesOf = new Map(names.map((name, at) => [name, columns[at]!.values]));
  const [runNames, statuses, starts, parents] = BASE.map((name) => valuesOf.get(name)!);
  const shown = asked.columns.map(({ id, wire }) => [id, valuesOf.get(wire)!] as const);
  return {
    rows: runIds.map((runId, at) => ({
      runId,
      name: String(runNames![at] ?? ''),
      status: String(statuses![at]),
      startedAt: starts![at] == null ? null : Number(starts![at]),
      nested: parents![at] != null,
      cells: Object.fromEntries(shown.map(([id, values]) => [id, values[at] ?? null])),
    })),
    total: totalCount ?? null,
    tookMs: performance.now() - began,
    next: nextCursor({ pageInfo }),
  };
}

const keyOf = ({ columns, ...rest }: TableAsk) => queryKeys.runTable(rest.team, rest, columns.map(({ id }) => id).sort());

/** Rows so far, live: told by subscription, and asked for now and then all the same. `live` can be paused. */
export function useRunTable(asked: TableAsk, live: boolean) {
  const queryKey = keyOf(asked);
  const queries = useQueryClient();
  const [following, setFollowing] = useState(false);
  const result = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      readPage(asked, { after: pageParam, size: pageParam === null ? FIRST_PAGE : PAGE, count: pageParam === null, signal }),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
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
  const [news, setNews] = useLiveRows(asked, live, queryKey, rows, setFollowing);
  const key = JSON.stringify(queryKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  const showNews = useCallback(() => {
    setNews(0);
    void queries.resetQueries({ queryKey });
  }, [key, queries]);
  const first = result.data?.pages[0];
  return { ...result, rows, total: first?.total ?? null, tookMs: first?.tookMs ?? null, news, showNews };
}

type Rows = InfiniteData<TablePage>;
type Told = { touched: Set<string>; gone: Set<string>; created: number; again: boolean };
const nothing = (): Told => ({ touched: new Set(), gone: new Set(), created: 0, again: false });

const mapRows = (queries: QueryClient, queryKey: QueryKey, change: (page: TablePage, index: number) => TablePage) =>
  queries.setQueryData<Rows>(queryKey, (data) => data && { ...data, pages: data.pages.map(change) });

/** Changes of runs reach the rows that are loaded; new runs have the first pages read again, or are counted where many are loaded. */
function useLiveRows(
  asked: TableAsk,
  live: boolean,
  queryKey: QueryKey,
  rows: TableRow[],
  setFollowing: (on: boolean) => void,
): [number, (news: number) => void] {
  const queries = useQueryClient();
  const [news, setNews] = useState(0);
  const latest = useRef({ asked, rows });
  latest.current = { asked, rows };
  // Kept while paused: going on catches up from there.
  const cursor = useRef<{ of: string; at: string | null }>({ of: '', at: null });
  const scope = JSON.stringify([asked.team, asked.experimentIds]);
  const key = JSON.stringify(queryKey);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has no news yet
  useEffect(() => setNews(0), [key]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  useEffect(() => {
    if (!live) return;
    if (cursor.current.of !== scope) cursor.current = { of: scope, at: null };
    let told = nothing();
    const patch = async (ids: string[]) => {
      const page = await readPage({ ...latest.current.asked, filter: '', lifecycle: 'ALL' }, { after: null, size: ids.length, ids });
      const fresh = new Map(page.rows.map((row) => [row.runId, row]));
      mapRows(queries, queryKey, (one) => ({ ...one, rows: one.rows.map((row) => fresh.get(row.runId) ?? row) }));
    };
    const drop = (ids: Set<string>) => {
      const shown = latest.current.rows.filter(({ runId }) => ids.has(runId)).length;
      if (shown === 0) return;
      mapRows(queries, queryKey, (one, index) => ({
        ...one,
        total: index === 0 && one.total !== null ? one.total - shown : one.total,
        rows: one.rows.filter(({ runId }) => !ids.has(runId)),
      }));
    };
    const flush = setInterval(() => {
      const { touched, gone, created, again } = told;
      if (document.hidden || (touched.size === 0 && gone.size === 0 && created === 0 && !again)) return;
      told = nothing();
      const shown = latest.current.rows.filter(({ runId }) => touched.has(runId)).map(({ runId }) => runId);
      // What changed and isn't shown may satisfy the filter now.
      const reread = again || created > 0 || (latest.current.asked.filter !== '' && shown.length < touched.size);
      if (latest.current.asked.lifecycle === 'ACTIVE') drop(gone);
      if (reread && (queries.getQueryData<Rows>(queryKey)?.pages.length ?? 0) <= FEW_PAGES) void queries.invalidateQueries({ queryKey });
      else {
        if (created > 0) setNews((before) => before + created);
        if (shown.length > 0) void patch(shown.slice(0, PAGE)).catch(() => undefined);
      }
    }, GATHER_MS);
    const stop = follow(
      RunChangesDocument,
      { team: asked.team, experimentIds: asked.experimentIds, after: cursor.current.at },
      {
        cursorOf: ({ runChanged }) => runChanged.cursor,
        next: ({ runChanged: { kind, runId, cursor: at } }) => {
          cursor.current.at = at;
          setFollowing(true);
          if (!runId) return;
          if (kind === 'UPDATED' || kind === 'FINISHED') told.touched.add(runId);
          else if (kind === 'CREATED') told.created += 1;
          else if (kind === 'DELETED' && latest.current.asked.lifecycle === 'ACTIVE') told.gone.add(runId);
          else told.again = true;
        },
        lost: () => {
          told.again = true;
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
  return [news, setNews];
}
