// How a move or a request stands: what it takes, what its conditions say, who may decide on it. Changes nothing.
import { requireCan, roleAtLeast } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import { type Protection, protectionsOf } from '../../db/governance/protections.ts';
import { type ConditionResult, listRequestRows, type PromotionRequest } from '../../db/governance/requests.ts';
import { findVersion, findVersions, type VersionRow } from '../../db/registry/versions.ts';
import { AppError } from '../../lib/errors.ts';
import { checkModelName } from '../registry/checks.ts';
import { checkTarget } from './asking.ts';
import { holderOf, leaving, type Move, movesDirectly, protectionsAmong, protectionsOfMove, type Target, testMove, withOrigin } from './guard.ts';

export type RequestedMove = { name: string; target: Target; version: number | null; comment?: string | null };

export const moveOf = ({ name, target, version }: RequestedMove): Move => ({ model: name, version, to: target, from: null });

const plainMove = ({ name, version, kind, target }: PromotionRequest): Move => ({ model: name, version, to: { kind, target }, from: null });

export const requestedMove = (ctx: TeamCtx, request: PromotionRequest, db?: Db): Promise<Move> => withOrigin(ctx, plainMove(request), db);

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

export const approvalsOf = (protections: Protection[]) => Math.max(0, ...protections.map(({ approvals }) => approvals));
export const approverRoleOf = (protections: Protection[]) =>
  protections.some(({ approverRole }) => approverRole === 'ADMIN') ? 'ADMIN' : 'MAINTAINER';

const makerOf = async (ctx: TeamCtx, db: Db, { name, version }: PromotionRequest) =>
  version === null ? null : ((await findVersion(db, ctx.team.teamId, name, version))?.createdBy ?? null);

/** Why the viewer may not approve; null when they may. */
export const refusal = async (ctx: TeamCtx, db: Db, request: PromotionRequest, protections: Protection[]): Promise<AppError | null> =>
  refusalOf(ctx, request, await makerOf(ctx, db, request), protections);

/** `maker`: who made the version. */
function refusalOf({ viewer, team }: TeamCtx, request: PromotionRequest, maker: number | null, protections: Protection[]): AppError | null {
  const least = approverRoleOf(protections);
  const forbidden = (message: string, reason: string) => new AppError('FORBIDDEN', message, { reason, action: 'promotion:decide', team: team.slug });
  if (!roleAtLeast(team.role, least))
    return forbidden(`An approval takes the role ${least} in the team '${team.slug}', and yours is ${team.role}.`, 'approver-role');
  if (viewer.kind !== 'USER') return forbidden('Programs ask; people approve.', 'approver-program');
  if (viewer.userId === request.requestedBy) return forbidden('You asked for this: somebody else has to approve it.', 'approver-asked');
  if (viewer.userId === maker) return forbidden('You made this version: somebody else has to approve it.', 'approver-made');
  return null;
}

/** `refusal`: why the viewer may not decide on it, in a sentence; null where they may, and where it is closed. */
export type Standing = { approvals: number; viewerCanDecide: boolean; refusal: string | null };

/** What requests take, and whether the viewer may decide on them: in their order, by two statements however many there are. */
export async function standings(ctx: TeamCtx, requests: readonly PromotionRequest[]): Promise<Standing[]> {
  requireCan(ctx, 'team:read');
  const { teamId } = ctx.team;
  const wanted = requests.flatMap(({ name, version }) => (version === null ? [] : [{ name, version }]));
  const versions = wanted.length > 0 ? await findVersions(ctx.db, teamId, wanted) : [];
  const all = await protectionsOf(ctx.db, teamId);
  return requests.map((request) => {
    const version = versions.find((one) => one.name === request.name && one.version === request.version);
    const protections = protectionsAmong(all, leaving(plainMove(request), version));
    const refused = request.state === 'OPEN' ? refusalOf(ctx, request, version?.createdBy ?? null, protections) : null;
    return {
      approvals: approvalsOf(protections),
      viewerCanDecide: request.state === 'OPEN' && refused === null,
      refusal: refused?.message ?? null,
    };
  });
}

/** What the conditions of a request say now, or said when it was applied. */
export async function conditionsOf(ctx: TeamCtx, request: PromotionRequest): Promise<ConditionResult[]> {
  requireCan(ctx, 'team:read');
  if (request.state !== 'OPEN') return request.outcome ?? [];
  const move = await requestedMove(ctx, request);
  const protections = await protectionsOfMove(ctx.db, ctx.team.teamId, move);
  // The version may be gone since.
  return testMove(ctx, ctx.db, move, protections).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return [];
    throw error;
  });
}

/** Where the alias or stage of a request is now; null: nowhere. */
export async function presentHolder(ctx: TeamCtx, { name, kind, target }: PromotionRequest): Promise<VersionRow | null> {
  requireCan(ctx, 'team:read');
  return holderOf(ctx.db, ctx.team.teamId, name, { kind, target });
}

/** As many open requests are looked at. */
const MOST_OPEN = 500;

/** The open requests that the viewer may decide on, newest first. */
export async function requestsToDecide(ctx: TeamCtx): Promise<PromotionRequest[]> {
  requireCan(ctx, 'team:read');
  const open = await listRequestRows(ctx.db, ctx.team.teamId, { registeredModelId: null, state: 'OPEN', before: null, limit: MOST_OPEN });
  if (open.length === 0) return [];
  const stand = await standings(ctx, open);
  return open.filter((_request, index) => stand[index]!.viewerCanDecide);
}
