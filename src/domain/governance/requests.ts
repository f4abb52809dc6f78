// Requests to move a protected alias or stage: voted on by people other than who asked and who made the version (four eyes), applied by the last
// approval that it takes if the conditions hold then.
import { ROLES, requireCan, roleAtLeast } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import { lockModel, type Protection } from '../../db/governance/protections.ts';
import {
  type ConditionResult,
  closeRequest,
  countApprovals,
  findRequest,
  findRequests,
  listRequestRows,
  lockRequest,
  type PromotionRequest,
  type RequestState,
  setVote,
  type Vote,
  votesOf,
} from '../../db/governance/requests.ts';
import { listPromotionRows } from '../../db/registry/promotions.ts';
import { findVersion } from '../../db/registry/versions.ts';
import { failedPrecondition, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { registeredModelNotFound, versionNotFound } from '../faults.ts';
import { change } from '../registry/changes.ts';
import { checkComment, checkModelName } from '../registry/checks.ts';
import { deleteModelAlias, setModelAlias } from '../registry/models.ts';
import { transitionStage } from '../registry/versions.ts';
import { inTransaction } from '../transaction.ts';
import { checkTarget, openRequest } from './asking.ts';
import { brokenConditions, type Move, protectionsOfMove, readAhead, testMove, UNGUARDED } from './guard.ts';
import { approvalsOf, approverRoleOf, moveOf, type RequestedMove, refusal, requestedMove } from './standing.ts';

export type { PromotionRequest, RequestState, Vote };

/** CONTRIBUTOR. The same move asked for already is that request. Throws NOT_FOUND, FAILED_PRECONDITION. */
export async function requestPromotion(ctx: TeamCtx, wanted: RequestedMove): Promise<PromotionRequest> {
  checkModelName(wanted.name);
  return openRequest(ctx, moveOf(wanted), wanted.comment);
}

const noRequest = () => notFound('No such promotion request exists.', { reason: 'promotion-request-not-found' });

export async function getPromotionRequest(ctx: TeamCtx, requestId: string): Promise<PromotionRequest> {
  requireCan(ctx, 'team:read');
  const found = isHexId(requestId) ? await findRequest(ctx.db, ctx.team.teamId, requestId) : undefined;
  if (!found) throw noRequest();
  return found;
}

/** For loaders: those that are there, in any order. */
export async function promotionRequestsByIds(ctx: TeamCtx, requestIds: string[]): Promise<PromotionRequest[]> {
  requireCan(ctx, 'team:read');
  return findRequests(ctx.db, ctx.team.teamId, requestIds);
}

export type RequestPage = { registeredModelId?: number | null; state?: RequestState | null; after: string | null; limit: number };

/** Newest first. */
export async function getPromotionRequests(ctx: TeamCtx, { registeredModelId = null, state = null, after, limit }: RequestPage) {
  requireCan(ctx, 'team:read');
  return listRequestRows(ctx.db, ctx.team.teamId, { registeredModelId, state, before: after, limit });
}

/** Oldest first, by request. */
export async function votesByRequests(ctx: TeamCtx, requestIds: readonly string[]): Promise<Vote[][]> {
  requireCan(ctx, 'team:read');
  const votes = await votesOf(ctx.db, ctx.team.teamId, [...requestIds]);
  return requestIds.map((requestId) => votes.filter((vote) => vote.requestId === requestId));
}

/** The votes that count: approvals of people whom the protections accept. */
async function approvalsFor(ctx: TeamCtx, tx: Db, request: PromotionRequest, protections: Protection[]): Promise<number> {
  const maker = request.version === null ? null : (await findVersion(tx, ctx.team.teamId, request.name, request.version))?.createdBy;
  const others = [request.requestedBy, maker ?? null].filter((userId) => userId !== null);
  const roles = ROLES.filter((role) => roleAtLeast(role, approverRoleOf(protections)));
  return countApprovals(tx, ctx.team.teamId, request.requestId, { roles, except: others });
}

const isClosed = (request: PromotionRequest) =>
  failedPrecondition(`The request is ${request.state.toLowerCase()} already.`, { reason: 'promotion-request-closed', state: request.state });

/** The request as nobody else can decide on it meanwhile. The model is locked first, as every move does. */
async function holdOpen(ctx: TeamCtx, requestId: string): Promise<PromotionRequest> {
  const { teamId } = ctx.team;
  const found = isHexId(requestId) ? await findRequest(ctx.db, teamId, requestId) : undefined;
  if (!found) throw noRequest();
  await lockModel(ctx.db, teamId, found.name);
  const request = await lockRequest(ctx.db, teamId, requestId);
  if (!request) throw noRequest();
  if (request.state !== 'OPEN') throw isClosed(request);
  return request;
}

type Decision = 'approved' | 'rejected' | 'withdrawn' | 'applied';
const tell = (ctx: TeamCtx, { requestId, name, version, kind, target }: PromotionRequest, decision: Decision, write: (tx: Db) => Promise<void>) =>
  change(ctx, async (tx) => {
    await write(tx);
    return { event: `promotion_request.${decision}` as const, name, version, requestId, kind, target };
  });

/**
 * Votes for it; with the last approval that it takes the move is made. Throws FORBIDDEN to who asked, who made the version, programs, and roles
 * below the protection's; FAILED_PRECONDITION when it is closed, or when it would be applied and conditions don't hold: then the vote stands,
 * and whoever approves again once they do applies it.
 */
export async function approvePromotion(ctx: TeamCtx, requestId: string, comment?: string | null): Promise<PromotionRequest> {
  requireCan(ctx, 'promotion:decide');
  checkComment(comment);
  const seen = await getPromotionRequest(ctx, requestId);
  const signed = await readAhead(ctx, await requestedMove(ctx, seen));
  const broken = await inTransaction(ctx, async (at) => {
    const request = await holdOpen(at, requestId);
    const move = await requestedMove(at, request);
    const protections = await protectionsOfMove(at.db, at.team.teamId, move);
    const refused = await refusal(at, at.db, request, protections);
    if (refused) throw refused;
    const vote = { requestId, userId: ctx.viewer.userId, approves: true, comment: comment?.trim() || null, votedAt: new Date(ctx.now()) };
    await tell(at, request, 'approved', (tx) => setVote(tx, at.team.teamId, vote));
    if ((await approvalsFor(at, at.db, request, protections)) < approvalsOf(protections)) return null;
    const outcome = await testMove(at, at.db, move, protections, signed);
    if (outcome.some(({ holds }) => !holds)) return brokenConditions(move.to!, outcome);
    await apply(at, request, outcome);
    return null;
  });
  if (broken) throw broken;
  return getPromotionRequest(ctx, requestId);
}

async function apply(ctx: TeamCtx, request: PromotionRequest, outcome: ConditionResult[]): Promise<void> {
  const { requestId, name, kind, target, version, comment } = request;
  const granted = { requestId, outcome: outcome.length > 0 ? outcome : null };
  if (version === null) await deleteModelAlias(ctx, name, target, comment, granted);
  else if (kind === 'alias') await setModelAlias(ctx, name, target, version, comment, granted);
  else await transitionStage(ctx, name, version, target, false, comment, granted);
  const closed = { state: 'APPLIED' as const, by: ctx.viewer.userId, at: new Date(ctx.now()), outcome };
  await tell(ctx, request, 'applied', async (tx) => void (await closeRequest(tx, ctx.team.teamId, requestId, closed)));
}

/** One voice against it closes it. The same people may as approve. */
export async function rejectPromotion(ctx: TeamCtx, requestId: string, comment?: string | null): Promise<PromotionRequest> {
  requireCan(ctx, 'promotion:decide');
  checkComment(comment);
  await inTransaction(ctx, async (at) => {
    const request = await holdOpen(at, requestId);
    const protections = await protectionsOfMove(at.db, at.team.teamId, await requestedMove(at, request));
    const refused = await refusal(at, at.db, request, protections);
    if (refused) throw refused;
    const now = new Date(ctx.now());
    const vote = { requestId, userId: ctx.viewer.userId, approves: false, comment: comment?.trim() || null, votedAt: now };
    await tell(at, request, 'rejected', async (tx) => {
      await setVote(tx, at.team.teamId, vote);
      await closeRequest(tx, at.team.teamId, requestId, { state: 'REJECTED', by: ctx.viewer.userId, at: now, outcome: null });
    });
  });
  return getPromotionRequest(ctx, requestId);
}

/** By who asked, or an ADMIN. */
export async function withdrawPromotion(ctx: TeamCtx, requestId: string): Promise<PromotionRequest> {
  requireCan(ctx, 'promotion:request');
  await inTransaction(ctx, async (at) => {
    const request = await holdOpen(at, requestId);
    if (request.requestedBy !== ctx.viewer.userId) requireCan(ctx, 'protection:manage');
    const closed = { state: 'WITHDRAWN' as const, by: ctx.viewer.userId, at: new Date(ctx.now()), outcome: null };
    await tell(at, request, 'withdrawn', async (tx) => void (await closeRequest(tx, at.team.teamId, requestId, closed)));
  });
  return getPromotionRequest(ctx, requestId);
}

/**
 * Points an alias back to the version that it pointed at before the last move. Where the protection lets roll back freely, it takes no approval and
 * asks no condition; else it is a move like any other. Throws FAILED_PRECONDITION where it never pointed elsewhere.
 */
export async function rollBackAlias(ctx: TeamCtx, name: string, alias: string, comment?: string | null): Promise<void> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkTarget('alias', alias);
  checkComment(comment);
  const { teamId } = ctx.team;
  const [back, free] = await inTransaction(ctx, async (at) => {
    const registeredModelId = await lockModel(at.db, teamId, name);
    if (registeredModelId === undefined) throw registeredModelNotFound(name);
    const page = { version: null, kind: 'alias' as const, alias, before: null, limit: 1 };
    const [last] = await listPromotionRows(at.db, teamId, registeredModelId, page);
    const back = last?.previousVersion ?? null;
    if (back === null) {
      throw failedPrecondition(`The alias '${alias}' of '${name}' pointed at no other version before.`, { reason: 'nothing-to-roll-back' });
    }
    if (!(await findVersion(at.db, teamId, name, back))) throw versionNotFound(name, back);
    const move: Move = { model: name, version: back, to: { kind: 'alias', target: alias }, from: null };
    const protections = await protectionsOfMove(at.db, teamId, move);
    const free = protections.length > 0 && protections.every(({ freeRollback }) => freeRollback);
    if (free) await setModelAlias(at, name, alias, back, comment ?? ROLLED_BACK, UNGUARDED);
    return [back, free] as const;
  });
  // Like any other move: what it is refused for may ask for it, which must outlive this refusal.
  if (!free) await setModelAlias(ctx, name, alias, back, comment ?? ROLLED_BACK);
}
const ROLLED_BACK = 'Rolled back.';
