// Changes of runs as they reach the rows that are loaded: gathered for a second, then patched, dropped, read again or counted.
import { type InfiniteData, type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { RunChangesDocument } from './documents.gen.ts';
import { follow } from './live.ts';
import { readPage, type TableAsk, type TablePage } from './table-page.ts';
import type { TableRow } from './table-rows.ts';

/** So many pages are read again as they are; of more only the rows that changed, and new runs are offered. */
export const FEW_PAGES = 2;
/** As many rows as one patch asks for. */
const PATCHED = 500;
/** Changes are gathered this long, so that a busy team doesn't make a busy page. */
const GATHER_MS = 1_000;

type Rows = InfiniteData<TablePage>;
type Told = { touched: Set<string>; gone: Set<string>; created: number; again: boolean };
const nothing = (): Told => ({ touched: new Set(), gone: new Set(), created: 0, again: false });

const mapRows = (queries: QueryClient, queryKey: QueryKey, change: (page: TablePage, index: number) => TablePage) =>
  queries.setQueryData<Rows>(queryKey, (data) => data && { ...data, pages: data.pages.map(change) });

/** Changes of runs reach the rows that are loaded; new runs have the first pages read again, or are counted where many are loaded. */
export function useLiveRows(
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
        if (shown.length > 0) void patch(shown.slice(0, PATCHED)).catch(() => undefined);
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
