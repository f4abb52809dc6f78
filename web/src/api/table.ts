// The rows of the runs table, page by page, kept up to date by subscription.
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { queryKeys } from './query-keys.ts';
import { readPage, type TableAsk } from './table-page.ts';
import { FEW_PAGES, useLiveRows } from './use-live-rows.ts';

export { readPage, type TableAsk } from './table-page.ts';
export type { CellValue, TableRow } from './table-rows.ts';

/** The first page is what a screen shows; more are read ahead of whoever scrolls, so they are larger. */
const FIRST_PAGE = 100;
const PAGE = 500;
/** While something runs, while nothing does, and where changes are told: then only what a broken connection may have hidden. */
const POLL_MS = { busy: 3_000, calm: 10_000, told: 60_000 };

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
