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
import { AppError, failedPrecondition, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { registeredModelNotFound, versionNotFound } from '../faults.ts';
import { change } from '../registry/changes.ts';
import { checkComment, checkModelName } from '../registry/checks.ts';
import { deleteModelAlias, setModelAlias } from '../registry/models.ts';
import { transitionStage } from '../registry/versions.ts';
import { inTransaction } from '../transaction.ts';
import { checkTarget, openRequest } from './asking.ts';
import { brokenConditions, type Move, movesDirectly, protectionsOfMove, readAhead, type Target, testMove, UNGUARDED } from './guard.ts';

export type { ConditionResult, PromotionRequest, RequestState, Vote };

export type RequestedMove = { name: string; target: Target; version: number | null; comment?: string | null };

const moveOf = ({ name, target, version }: RequestedMove): Move => ({ model: name, version, to: target, from: null });

/** CONTRIBUTOR. The same move asked for already is that request. Throws NOT_FOUND, FAILED_PRECONDITION. */
export async function requestPromotion(ctx: TeamCtx, wanted: RequestedMove): Promise<PromotionRequest> {
  checkModelName(wanted.name);
  return openRequest(ctx, await withOrigin(ctx, moveOf(wanted)), wanted.comment);
}

/** The stage that a version would leave counts too. */
async function withOrigin(ctx: TeamCtx, move: Move, db: Db = ctx.db): Promise<Move> {
  if (move.to?.kind !== 'stage' || move.version === null) return move;
  const version = await findVersion(db, ctx.team.teamId, move.model, move.version);
  return version ? { ...move, from: { kind: 'stage', target: version.stage } } : move;
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

/** What a move takes, and what its conditions say now. */
export type Preview = {
  protections: Protection[];
  conditions: ConditionResult[];
  /** How many have to approve. */
  approvals: number;
  /** Whether the viewer may move it without asking, as far as roles go. */
  direct: boolean;
};

/** Throws NOT_FOUND. */
export async function previewPromotion(ctx: TeamCtx, wanted: RequestedMove): Promise<Preview> {
  requireCan(ctx, 'team:read');
  checkModelName(wanted.name);
  checkTarget(wanted.target.kind, wanted.target.target);
  const move = await withOrigin(ctx, moveOf(wanted));
  const protections = await protectionsOfMove(ctx.db, ctx.team.teamId, move);
  const conditions = await testMove(ctx, ctx.db, move, protections);
  return { protections, conditions, approvals: approvalsOf(protections), direct: movesDirectly(ctx, protections) };
}

const approvalsOf = (protections: Protection[]) => Math.max(0, ...protections.map(({ approvals }) => approvals));
const approverRoleOf = (protections: Protection[]) => (protections.some(({ approverRole }) => approverRole === 'ADMIN') ? 'ADMIN' : 'MAINTAINER');

const requestedMove = (ctx: TeamCtx, { name, version, kind, target }: PromotionRequest, db?: Db): Promise<Move> =>
  withOrigin(ctx, { model: name, version, to: { kind, target }, from: null }, db);

/** The votes that count: approvals of people whom the protections accept. */
async function approvalsFor(ctx: TeamCtx, tx: Db, request: PromotionRequest, protections: Protection[]): Promise<number> {
  const maker = request.version === null ? null : (await findVersion(tx, ctx.team.teamId, request.name, request.version))?.createdBy;
  const others = [request.requestedBy, maker ?? null].filter((userId) => userId !== null);
  const roles = ROLES.filter((role) => roleAtLeast(role, approverRoleOf(protections)));
  return countApprovals(tx, ctx.team.teamId, request.requestId, { roles, except: others });
}

/** Why the viewer may not approve; null when they may. */
async function refusal(ctx: TeamCtx, db: Db, request: PromotionRequest, protections: Protection[]): Promise<AppError | null> {
  const { viewer, team } = ctx;
  const least = approverRoleOf(protections);
  const forbidden = (message: string, reason: string) => new AppError('FORBIDDEN', message, { reason, action: 'promotion:decide', team: team.slug });
  if (!roleAtLeast(team.role, least))
    return forbidden(`An approval takes the role ${least} in the team '${team.slug}', and yours is ${team.role}.`, 'approver-role');
  if (viewer.kind !== 'USER') return forbidden('Programs ask; people approve.', 'approver-program');
  if (viewer.userId === request.requestedBy) return forbidden('You asked for this: somebody else has to approve it.', 'approver-asked');
  const maker = request.version === null ? null : (await findVersion(db, team.teamId, request.name, request.version))?.createdBy;
  if (viewer.userId === maker) return forbidden('You made this version: somebody else has to approve it.', 'approver-made');
  return null;
}

/** What a request takes; what its conditions say now, or said when it was applied; and whether the viewer may decide on it. */
export async function standing(
  ctx: TeamCtx,
  request: PromotionRequest,
): Promise<{ conditions: ConditionResult[]; approvals: number; viewerCanDecide: boolean }> {
  requireCan(ctx, 'team:read');
  const move = await requestedMove(ctx, request);
  const protections = await protectionsOfMove(ctx.db, ctx.team.teamId, move);
  const approvals = approvalsOf(protections);
  if (request.state !== 'OPEN') return { conditions: request.outcome ?? [], approvals, viewerCanDecide: false };
  // The version may be gone since.
  const conditions = await testMove(ctx, ctx.db, move, protections).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return [];
    throw error;
  });
  return { conditions, approvals, viewerCanDecide: (await refusal(ctx, ctx.db, request, protections)) === null };
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
