// Runs nested in a run, each of which opens to show its own.
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { RunChildrenDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { compare } from '../runs/compare-runs.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import pageCss from '../ui/page.module.css';
import { ListTable, numeric } from '../ui/tables/list-table.tsx';
import type { FullRun } from './full-run.ts';
import { Row, useCounts } from './nested-run-row.tsx';

export function Children({ run }: { run: FullRun }) {
  const children = useInfiniteQuery({
    queryKey: queryKeys.nestedRuns(run.runId),
    initialPageParam: null as string | null,
    refetchInterval: run.status === 'RUNNING' ? 4_000 : false,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(RunChildrenDocument, { runId: run.runId, first: 100, after: pageParam }, signal)).run!.children,
    getNextPageParam: nextCursor,
  });
  const counts = useCounts(run.team.slug, children.data?.pages.flatMap(({ nodes }) => nodes) ?? []);
  return (
    <Loaded of={children}>
      {({ pages }) => {
        const rows = pages.flatMap(({ nodes }) => nodes);
        const metrics = [...new Set(rows.flatMap((row) => row.metrics.map(({ key }) => key)))]
          .filter((key) => !key.startsWith('system/'))
          .slice(0, 5);
        const params = [...new Set(rows.flatMap((row) => row.params.map(({ key }) => key)))].slice(0, 5);
        return (
          <div className={pageCss.part}>
            <div className={pageCss.bar}>
              <span className="dim">{plural(Number(pages[0]?.totalCount ?? 0), 'nested run')}</span>
              <span className="grow" />
              <Button
                disabled={rows.length < 2}
                onClick={() =>
                  compare(
                    run.team.slug,
                    rows.map(({ runId }) => runId),
                  )
                }
              >
                Compare them
              </Button>
            </div>
            <ListTable label="Nested runs" columns={['Name', 'Status', 'Started', numeric('Took'), ...[...metrics, ...params].map(numeric)]}>
              {rows.map((row) => (
                <Row key={row.id} {...{ row, metrics, params }} team={run.team.slug} depth={0} below={counts.get(row.runId) ?? 0} />
              ))}
            </ListTable>
            <LoadMore of={children} />
          </div>
        );
      }}
    </Loaded>
  );
}
