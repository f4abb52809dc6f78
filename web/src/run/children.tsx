// Runs nested in a run.
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { RunChildrenDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { colourOf, plural } from '../format.ts';
import { Loaded } from '../parts/states.tsx';
import { Ago, Dot, Num, Status, Took } from '../parts/values.tsx';
import { to } from '../router.ts';
import { compare } from '../runs/bulk.tsx';
import type { FullRun } from './room.tsx';

export function Children({ run }: { run: FullRun }) {
  const children = useInfiniteQuery({
    queryKey: ['run', run.runId, 'children'],
    initialPageParam: null as string | null,
    refetchInterval: run.status === 'RUNNING' ? 4_000 : false,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(RunChildrenDocument, { runId: run.runId, first: 100, after: pageParam }, signal)).run!.children,
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
  });
  return (
    <Loaded of={children}>
      {({ pages }) => {
        const rows = pages.flatMap(({ nodes }) => nodes);
        const metrics = [...new Set(rows.flatMap((row) => row.metrics.map(({ key }) => key)))]
          .filter((key) => !key.startsWith('system/'))
          .slice(0, 5);
        const params = [...new Set(rows.flatMap((row) => row.params.map(({ key }) => key)))].slice(0, 5);
        return (
          <div className="page-part">
            <div className="page-bar">
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
            <div className="scroll-x" tabIndex={0} role="group" aria-label="Nested runs, table">
              <table className="list">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Status</th>
                    <th scope="col">Started</th>
                    <th scope="col" className="numeric">
                      Took
                    </th>
                    {[...metrics, ...params].map((key) => (
                      <th key={key} scope="col" className="numeric">
                        {key}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.id}>
                      <td>
                        <Dot colour={colourOf(row.runId)} /> <a href={to('t', run.team.slug, 'runs', row.runId)}>{row.name}</a>
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
                          {row.params.find((param) => param.key === key)?.value ?? '–'}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {children.hasNextPage && (
              <Button variant="default" loading={children.isFetchingNextPage} onClick={() => void children.fetchNextPage()}>
                More
              </Button>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
