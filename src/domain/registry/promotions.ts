// Who moved which alias or stage of a registered model, when, and why: for everyone who may read the model.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { listPromotionRows, type PromotionCursor, type PromotionRow } from '../../db/registry/promotions.ts';
import { cursorInvalid } from '../faults.ts';
import type { RegisteredModel } from './models.ts';

export type Promotion = PromotionRow;

export const printCursor = ({ moment, kind, changeId }: PromotionCursor): string => `${moment} ${kind} ${changeId}`;

/** Throws INVALID_ARGUMENT. */
function readCursor(text: string): PromotionCursor {
  const [, moment, kind, changeId] = /^(\d{1,17}) (alias|stage) (\d{1,17})$/.exec(text) ?? [];
  if (!moment || !kind || !changeId) throw cursorInvalid('after');
  return { moment: BigInt(moment), kind: kind as PromotionCursor['kind'], changeId: BigInt(changeId) };
}

export type PromotionSearch = {
  /** Only moves to it or away from it. */
  version?: number | null;
  kind?: PromotionRow['kind'] | null;
  /** Only moves of this alias. */
  alias?: string | null;
  after?: string | null;
  limit: number;
};

/**
 * Newest first. Stages are known since this is kept, aliases from their beginning. Deleting a version takes its aliases along without a move of
 * its own. Throws INVALID_ARGUMENT for a cursor that isn't one.
 */
export async function getPromotions(
  ctx: TeamCtx,
  { registeredModelId }: Pick<RegisteredModel, 'registeredModelId'>,
  { version = null, kind = null, alias = null, after, limit }: PromotionSearch,
): Promise<Promotion[]> {
  requireCan(ctx, 'team:read');
  const before = after == null ? null : readCursor(after);
  return listPromotionRows(ctx.db, ctx.team.teamId, registeredModelId, { version, kind, alias, before, limit });
}
