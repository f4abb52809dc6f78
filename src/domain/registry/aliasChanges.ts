// What aliases of a registered model meant before: for whoever asks what was champion until now.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type AliasChange, aliasChanges } from '../../db/registry/aliasChanges.ts';
import type { RegisteredModel } from './models.ts';

export type { AliasChange };

/** Newest first. Deleting a version takes its aliases along without a change of its own. */
export async function getAliasChanges(
  ctx: TeamCtx,
  { registeredModelId }: Pick<RegisteredModel, 'registeredModelId'>,
  { alias, limit }: { alias?: string | null; limit: number },
): Promise<AliasChange[]> {
  requireCan(ctx, 'team:read');
  return aliasChanges(ctx.db, ctx.team.teamId, registeredModelId, alias ?? null, limit);
}
