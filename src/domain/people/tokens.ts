// API tokens: making, listing, revoking. A token never allows more than its maker could do with the credential it was made by. A token that another
// token made ends with that one.
import { hashApiToken, newApiTokenSecret } from '../../auth/apiTokens.ts';
import { unauthenticated } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { ROLES, type Role, requireCan, roleAtLeast } from '../../auth/policy.ts';
import { requireTeam } from '../../auth/team.ts';
import type { Ctx, Membership, TeamCtx, Viewer } from '../../context.ts';
import {
  type ApiToken,
  findApiToken,
  holdApiToken,
  insertApiToken,
  listApiTokens as listRows,
  revokeApiToken as revokeRow,
} from '../../db/people/teams.ts';
import { AppError, invalid, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { onServer, record } from './audit.ts';
import { checkName } from './checks.ts';
import { getServiceAccount } from './serviceAccounts.ts';
import { checkRole } from './teams.ts';

export type { ApiToken };
/**
 * `team`: slug; none = every team of the owner. `role`: at most this one; none = the owner's. `serviceAccount`: whose it is, instead of one's
 * own; then it holds in that account's team.
 */
export type NewApiToken = {
  team?: string | null;
  name: string;
  role?: Role | null;
  expiresAt?: Date | null;
  serviceAccount?: { team: TeamCtx; userId: number } | null;
};

const forbidden = (message: string) => new AppError('FORBIDDEN', message);

/**
 * The secret is returned here and never again. With a narrowed token, what isn't named is taken from that token.
 * Throws FORBIDDEN for more than the viewer (or the service account) has, INVALID_ARGUMENT for a past expiry, NOT_FOUND for a team that
 * isn't theirs.
 */
export async function createApiToken(ctx: Ctx, input: NewApiToken): Promise<{ secret: string; apiToken: ApiToken }> {
  const by = ctx.viewer.token;
  const asked = input.role == null ? null : checkRole(input.role);
  const owner = input.serviceAccount ? await accountOwner(input, input.serviceAccount, asked) : ownOwner(ctx, input, asked);
  const expiresAt = input.expiresAt ?? by?.expiresAt ?? null;
  if (expiresAt && !(expiresAt.getTime() > ctx.now())) throw invalid('expiresAt must be in the future.', { argument: 'expiresAt' });
  if (by?.expiresAt && expiresAt && expiresAt > by.expiresAt) {
    throw forbidden(`A token made with an expiring token can't outlive it: at most ${by.expiresAt.toISOString()}.`);
  }
  const secret = newApiTokenSecret();
  const name = checkName('name', input.name);
  const apiToken = await ctx.prisma.$transaction(async (people) => {
    if (by && !(await holdApiToken(people, by.id))) throw unauthenticated('The API token of this request was revoked. Make a new one.');
    const made = await insertApiToken(people, {
      ...owner,
      tokenId: ctx.newId(),
      tokenHash: new Uint8Array(hashApiToken(secret)),
      name,
      createdAt: new Date(ctx.now()),
      expiresAt,
      parentId: by?.id ?? null,
    });
    const after = { name, userId: owner.userId, role: owner.role, expiresAt: expiresAt?.toISOString() ?? null };
    await record(onServer(ctx, owner.teamId), people, { action: 'TOKEN_CREATED', target: `token ${made.tokenId}`, after });
    return made;
  });
  return { secret, apiToken };
}

type Owner = Pick<ApiToken, 'userId' | 'teamId' | 'role'>;

function ownOwner(ctx: Ctx, input: NewApiToken, asked: Role | null): Owner {
  const team = teamOf(ctx, input.team ?? null);
  return { userId: ctx.viewer.userId, teamId: team?.teamId ?? null, role: roleOf(ctx.viewer, team, asked) };
}

/** For the ADMINs of its team. */
async function accountOwner(input: NewApiToken, { team, userId }: NonNullable<NewApiToken['serviceAccount']>, asked: Role | null): Promise<Owner> {
  requireCan(team, 'account:manage');
  if (input.team != null && input.team !== team.team.slug)
    throw invalid(`The service account belongs to the team '${team.team.slug}' alone. Leave 'team' out.`, { argument: 'team' });
  const account = await getServiceAccount(team, userId);
  if (asked && !roleAtLeast(account.role, asked))
    throw forbidden(`A token can't have more than its account's role, ${account.role}; you asked for ${asked}.`);
  return { userId, teamId: team.team.teamId, role: asked };
}

function teamOf(ctx: Ctx, slug: string | null): Membership | null {
  if (slug !== null) return requireTeam(ctx, slug).team;
  return ctx.viewer.token?.teamId ? requireTeam(ctx, undefined).team : null;
}

function roleOf(viewer: Viewer, team: Membership | null, asked: Role | null): Role | null {
  const limit = viewer.token?.role ?? null;
  const most = team?.role ?? limit;
  if (asked && most && !roleAtLeast(most, asked)) throw forbidden(`A token can't have more than your own role, ${most}; you asked for ${asked}.`);
  return asked ?? limit;
}

/** Whether a viewer's own token lets them see and revoke another of their tokens: those that it could have made. */
function withinOwnToken(viewer: Viewer, token: ApiToken): boolean {
  const by = viewer.token;
  if (!by || by.id === token.tokenId) return true;
  const sameTeam = by.teamId === null || by.teamId === token.teamId;
  return sameTeam && (by.role === null || (token.role !== null && roleAtLeast(by.role, token.role)));
}

/** One's own tokens, newest first; with a narrowed token only those within its limits. */
export function listApiTokens(ctx: Ctx, page: { afterTokenId: string | null; limit: number }): Promise<ApiToken[]> {
  const { token: by, userId } = ctx.viewer;
  const roles = by?.role ? ROLES.filter((role) => roleAtLeast(by.role!, role)) : undefined;
  return listRows(ctx.prisma, { userId, teamId: by?.teamId ?? undefined, roles, orId: by?.id }, page);
}

/** Everyone's tokens that are narrowed to the team, newest first. For its ADMINs. */
export function listTeamApiTokens(ctx: TeamCtx, page: { afterTokenId: string | null; limit: number }): Promise<ApiToken[]> {
  requireCan(ctx, 'token:manage-others');
  return listRows(ctx.prisma, { teamId: ctx.team.teamId }, page);
}

/** One's own, or as ADMIN of the team that it is narrowed to; any other is NOT_FOUND. Revoking twice succeeds. */
export async function revokeApiToken(ctx: Ctx, tokenId: string): Promise<ApiToken> {
  const token = isHexId(tokenId) ? await findApiToken(ctx.prisma, tokenId) : null;
  if (!token || !mayRevoke(ctx, token)) throw notFound(`No API token '${tokenId}' exists.`);
  const now = new Date(ctx.now());
  if (!token.revokedAt) {
    await ctx.prisma.$transaction(async (people) => {
      const more = await revokeRow(people, tokenId, now);
      const before = { name: token.name, userId: token.userId, role: token.role };
      const act = { action: 'TOKEN_REVOKED', target: `token ${tokenId}`, before, ...(more > 0 ? { after: { madeWithIt: more } } : {}) } as const;
      await record(onServer(ctx, token.teamId), people, act);
    });
  }
  forgetViewers(ctx);
  return { ...token, revokedAt: token.revokedAt ?? now };
}

function mayRevoke(ctx: Ctx, token: ApiToken): boolean {
  if (token.userId === ctx.viewer.userId && withinOwnToken(ctx.viewer, token)) return true;
  return ctx.viewer.memberships.some((membership) => membership.teamId === token.teamId && membership.role === 'ADMIN');
}

/** One's own, or as ADMIN of its team; else null. */
export async function getApiToken(ctx: Ctx, tokenId: string): Promise<ApiToken | null> {
  const token = isHexId(tokenId) ? await findApiToken(ctx.prisma, tokenId) : null;
  return token && mayRevoke(ctx, token) ? token : null;
}
