// How many runs an experiment has, and when the last was.
import { useQuery } from '@tanstack/react-query';
import { ExperimentCountsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { count } from '../format.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { Ago } from '../ui/tables/values.tsx';

/** Counted row by row, so that the list stands at once. */
export function RunsOf({ id }: { id: string }) {
  const team = useTeam();
  const { data } = useQuery({
    queryKey: queryKeys.runCount(team.slug, id),
    staleTime: 30_000,
    queryFn: async ({ signal }) => (await ask(ExperimentCountsDocument, { team: team.slug, id }, signal)).team?.experiment?.runs ?? null,
  });
  const last = data?.nodes[0];
  return (
    <>
      <td className="numeric mono">{data ? count(data.totalCount) : ''}</td>
      <td>
        {last && (
          <a href={to('t', team.slug, 'runs', last.runId)}>
            <Ago when={last.startedAt} />
          </a>
        )}
      </td>
    </>
  );
}
