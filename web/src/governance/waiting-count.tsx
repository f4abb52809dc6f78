// Beside Models in the shell: how many requests wait for one's decision. Keeps what is shown of the registry in motion, too.
import { useQuery } from '@tanstack/react-query';
import { RequestsToDecideCountDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { to, usePlace } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useLiveModels } from './live-models.ts';
import css from './waiting-count.module.css';

const ROOMS = new Set(['models', 'requests', 'team']);

export function WaitingCount() {
  const team = useTeam();
  const mayDecide = useCan('promotion:decide');
  const { path } = usePlace();
  useLiveModels(team.slug, mayDecide || ROOMS.has(path[2] ?? ''));
  const { data = 0 } = useQuery({
    queryKey: queryKeys.countToDecide(team.slug),
    enabled: mayDecide,
    // What is protected changes without a word on the stream of changes.
    refetchInterval: 60_000,
    queryFn: async ({ signal }) =>
      (await ask(RequestsToDecideCountDocument, { team: team.slug }, signal)).team?.promotionRequestsToDecide.length ?? 0,
  });
  if (data === 0) return null;
  const text = `${plural(data, 'request waits', 'requests wait')} for you`;
  return (
    <a className={css.count} href={to('t', team.slug, 'requests')} aria-label={text} title={text}>
      <span>{data}</span>
    </a>
  );
}
