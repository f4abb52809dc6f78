// In a model's history: the request that a move came of with its approvers, and what was compared then.
import type { PromotionsQuery } from '../api/documents.gen.ts';
import { plural } from '../format.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { Conditions } from './conditions.tsx';
import css from './move-ground.module.css';
import { actorName } from './words.ts';

type Move = NonNullable<NonNullable<PromotionsQuery['team']>['registeredModel']>['promotions']['nodes'][number];

export function MoveGround({ move: { request, outcome } }: { move: Move }) {
  const team = useTeam();
  const approvers = request?.votes.filter(({ approves }) => approves).map(({ user }) => actorName(user)) ?? [];
  return (
    <>
      {request && (
        <p className="dim small">
          <a className={css.request} href={to('t', team.slug, 'requests', request.requestId)}>
            asked for by {actorName(request.requestedBy)}
          </a>
          {approvers.length > 0 && `, approved by ${approvers.join(', ')}`}
        </p>
      )}
      {outcome && outcome.length > 0 && (
        <details className={css.outcome}>
          <summary className="dim small">{plural(outcome.length, 'condition')} held</summary>
          <Conditions conditions={outcome} />
        </details>
      )}
    </>
  );
}
