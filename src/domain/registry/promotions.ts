// Who moved which alias or stage of a registered model, when, and why: for everyone who may read the model.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { listPromotionRows, type PromotionPlace, type PromotionRow } from '../../db/registry/promotions.ts';
import { invalid } from '../../lib/errors.ts';
import type { RegisteredModel } from './models.ts';

export type Promotion = PromotionRow;

export const printPlace = ({ moment, kind, changeId }: PromotionPlace): string => `${moment} ${kind} ${changeId}`;

/** Throws INVALID_ARGUMENT. */
function readPlace(text: string): PromotionPlace {
  const [, moment, kind, changeId] = /^(\d{1,17}) (alias|stage) (\d{1,17})$/.exec(text) ?? [];
  if (!moment || !kind || !changeId) throw invalid("This isn't a cursor of this list.", { argument: 'after' });
  return { moment: BigInt(moment), kind: kind as PromotionPlace['kind'], changeId: BigInt(changeId) };
}

/** Newest first. `version`: only moves to it or away from it. Stages are known since this is kept, aliases from their beginning. */
export async function getPromotions(
  ctx: TeamCtx,
  { registeredModelId }: Pick<RegisteredModel, 'registeredModelId'>,
  { version, after, limit }: { version: number | null; after: string | null; limit: number },
): Promise<Promotion[]> {
  requireCan(ctx, 'team:read');
  const before = after === null ? null : readPlace(after);
  return listPromotionRows(ctx.db, ctx.team.teamId, registeredModelId, { version, before, limit });
}
