// Asking for a move of a protected alias or stage: the request that others decide on.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { lockModel } from '../../db/governance/protections.ts';
import { findOpenRequest, findRequest, insertRequest, type PromotionRequest } from '../../db/governance/requests.ts';
import { findModel } from '../../db/registry/models.ts';
import { findVersion } from '../../db/registry/versions.ts';
import { AppError, failedPrecondition, invalid } from '../../lib/errors.ts';
import { registeredModelNotFound, versionNotFound } from '../faults.ts';
import { change } from '../registry/changes.ts';
import { checkAlias, checkComment, parseStage } from '../registry/checks.ts';
import { inTransaction } from '../transaction.ts';
import { holderOf, type Move, protectionsOfMove, type Target, withOrigin } from './guard.ts';

/**
 * The same move asked for already is that request. Throws NOT_FOUND, FAILED_PRECONDITION where it is there already or nothing protects it.
 */
export async function openRequest(ctx: TeamCtx, move: Move, comment: string | null | undefined): Promise<PromotionRequest> {
  requireCan(ctx, 'promotion:request');
  checkComment(comment);
  const { model, version, to } = move;
  if (!to) throw invalid('Say which alias or stage to move.', { argument: 'alias' });
  checkTarget(to.kind, to.target);
  const { teamId } = ctx.team;
  if (!(await findModel(ctx.db, teamId, model))) throw registeredModelNotFound(model);
  const protections = await protectionsOfMove(ctx.db, teamId, await withOrigin(ctx, move));
  if (protections.length === 0) {
    const what = to.kind === 'alias' ? `The alias '${to.target}'` : `The stage ${to.target}`;
    throw failedPrecondition(`${what} of '${model}' isn't protected: move it directly.`, { reason: 'target-not-protected' });
  }
  const requestId = await inTransaction(ctx, async (at) => {
    const registeredModelId = await lockModel(at.db, teamId, model);
    if (registeredModelId === undefined) throw registeredModelNotFound(model);
    if (version !== null && !(await findVersion(at.db, teamId, model, version))) throw versionNotFound(model, version);
    const holder = (await holderOf(at.db, teamId, model, to))?.version ?? null;
    if (holder === version) throw failedPrecondition('It is there already.', { reason: 'target-there-already' });
    const wanted = { registeredModelId, kind: to.kind, target: to.target, version };
    const known = await findOpenRequest(at.db, teamId, wanted);
    if (known) return known.requestId;
    const made = { ...wanted, requestId: ctx.newId(), holder, comment: comment?.trim() || null };
    await change(at, async (tx) => {
      await insertRequest(tx, teamId, { ...made, requestedBy: ctx.viewer.userId, requestedAt: new Date(ctx.now()) });
      return { event: 'promotion_request.opened', name: model, version, requestId: made.requestId, kind: to.kind, target: to.target };
    });
    return made.requestId;
  });
  return (await findRequest(ctx.db, teamId, requestId))!;
}

/** Throws INVALID_ARGUMENT. */
export function checkTarget(kind: Target['kind'], target: string): void {
  if (kind === 'alias') checkAlias(target);
  else parseStage(target);
}

/** Does a move; where that is protected and its protection says so, asks for it in the same breath. The refusal is answered all the same. */
export async function orAsk<R>(ctx: TeamCtx, move: Move, comment: string | null | undefined, act: () => Promise<R>): Promise<R> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'target-protected' || error.detail.askByMove !== true) throw error;
    const { requestId } = await openRequest(ctx, move, comment);
    throw new AppError('FORBIDDEN', `${error.message} It has been asked for now: request ${requestId}.`, { ...error.detail, requestId });
  }
}
