// Invitations: a one-time link that makes whoever opens it a member of a team. The secret is shown once; its hash is kept.
import { unauthenticated } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { hashPassword } from '../../auth/password.ts';
import { type Role, requireCan } from '../../auth/policy.ts';
import { randomUrlToken, sha256 } from '../../auth/secrets.ts';
import type { Ctx, Deps, Origin, Prisma, TeamCtx, Viewer } from '../../context.ts';
import {
  findInvitation,
  findOpenInvitation,
  type Invitation,
  insertInvitation,
  listInvitationRows,
  revokeInvitationRow,
  takeInvitation,
} from '../../db/people/invitations.ts';
import { insertMember } from '../../db/people/teams.ts';
import { insertUser } from '../../db/people/users.ts';
import { AppError, alreadyExists, failedPrecondition, invalid, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { isHexId } from '../../lib/ids.ts';
import { onServer, record } from './audit.ts';
import { checkEmail, checkName } from './checks.ts';
import { checkNewPassword } from './passwords.ts';
import { type SignedIn, startSession } from './sessions.ts';
import { checkRole } from './teams.ts';

export type { Invitation };
export type InvitationState = 'OPEN' | 'ACCEPTED' | 'REVOKED' | 'EXPIRED';

const DAY_MS = 24 * 60 * 60 * 1000;
const USUAL_MS = 7 * DAY_MS;
const MOST_MS = 30 * DAY_MS;

export function invitationState(invitation: Invitation, now: number): InvitationState {
  if (invitation.acceptedAt) return 'ACCEPTED';
  if (invitation.revokedAt) return 'REVOKED';
  return invitation.expiresAt.getTime() <= now ? 'EXPIRED' : 'OPEN';
}

/** `token` and `url` (null where the server doesn't know its own address) are returned here and never again. An invitation is good for 7 days, at most 30. */
export async function inviteMember(
  ctx: TeamCtx,
  input: { email: string; role: Role; expiresAt?: Date | null },
): Promise<{ invitation: Invitation; token: string; url: string | null }> {
  requireCan(ctx, 'member:manage');
  const role = checkRole(input.role);
  const email = checkEmail(input.email);
  const now = ctx.now();
  const expiresAt = input.expiresAt ?? new Date(now + USUAL_MS);
  if (!(expiresAt.getTime() > now && expiresAt.getTime() <= now + MOST_MS))
    throw invalid('expiresAt must be in the future, at most 30 days from now.', { argument: 'expiresAt' });
  const token = randomUrlToken();
  const made = {
    invitationId: ctx.newId(),
    tokenHash: sha256(token),
    email,
    role,
    invitedBy: ctx.viewer.userId,
    createdAt: new Date(now),
    expiresAt,
  };
  const invitation = await ctx.prisma.$transaction(async (tx) => {
    await record(ctx, tx, { action: 'MEMBER_INVITED', target: `invitation ${made.invitationId}`, after: { email, role } });
    return insertInvitation(tx, ctx.team.teamId, made);
  });
  return { invitation, token, url: ctx.config.publicUrl ? `${ctx.config.publicUrl}/#/invitation/${token}` : null };
}

/** Newest first, also those that were accepted or revoked or have expired. For ADMINs. */
export async function getInvitations(ctx: TeamCtx, page: { after: string | null; limit: number }): Promise<Invitation[]> {
  requireCan(ctx, 'member:manage');
  return listInvitationRows(ctx.prisma, ctx.team.teamId, page);
}

/** Throws NOT_FOUND. */
export async function getInvitation(ctx: TeamCtx, invitationId: string): Promise<Invitation> {
  requireCan(ctx, 'member:manage');
  const found = isHexId(invitationId) ? await findInvitation(ctx.prisma, ctx.team.teamId, invitationId) : undefined;
  if (!found) throw notFound(`No invitation '${invitationId}' exists.`);
  return found;
}

/** Makes the link useless. Revoking twice succeeds. Throws NOT_FOUND; FAILED_PRECONDITION for one that was accepted. */
export async function revokeInvitation(ctx: TeamCtx, invitationId: string): Promise<Invitation> {
  const before = await getInvitation(ctx, invitationId);
  if (before.acceptedAt) throw failedPrecondition('This invitation was accepted. Use removeMember to take the member out of the team.');
  await ctx.prisma.$transaction(async (tx) => {
    const revoked = await revokeInvitationRow(tx, ctx.team.teamId, invitationId, new Date(ctx.now()));
    if (revoked) await record(ctx, tx, { action: 'INVITATION_REVOKED', target: `invitation ${invitationId}`, before: { email: before.email } });
  });
  return getInvitation(ctx, invitationId);
}

const unusable = () => unauthenticated('This invitation is unknown, expired, revoked or used. Ask for a new one.');
export type Accepting = { requestId: string; origin: Origin };
export type Accepted = { teamSlug: string; role: Role; signedIn: SignedIn | null };
type Made = Accepted & { userId: number };

/**
 * Whoever is signed in joins the team. Without a viewer, makes an account with the invitation's address, and signs it in. Throws UNAUTHENTICATED
 * for a link that doesn't hold; ALREADY_EXISTS for a member, or where the address has an account that must sign in first.
 */
export async function acceptInvitation(
  deps: Deps,
  viewer: Viewer | null,
  facts: Accepting,
  input: { token: string; name?: string | null; password?: string | null },
): Promise<Accepted> {
  const hash = sha256(input.token.slice(0, 200));
  const open = await findOpenInvitation(deps.prisma, hash, new Date(deps.now()));
  if (!open) throw unusable();
  const { userId, ...accepted } = viewer ? await joinAs({ ...deps, ...facts, viewer }, open, hash) : await joinAnew(deps, facts, open, hash, input);
  forgetViewers(deps);
  return viewer ? accepted : { ...accepted, signedIn: await startSession(deps, { userId, email: open.email }, facts) };
}

type Hash = Buffer<ArrayBuffer>;
type Open = Invitation & { teamSlug: string };

async function joinAs(ctx: Ctx, open: Open, hash: Hash): Promise<Made> {
  const { viewer } = ctx;
  if (viewer.kind !== 'USER') throw new AppError('FORBIDDEN', 'A service account belongs to one team. Sign in as the person who is invited.');
  if (viewer.token && (viewer.token.teamId !== null || viewer.token.role !== null))
    throw new AppError('FORBIDDEN', 'A token that is narrowed to a team or a role can not join a team. Sign in.');
  return ctx.prisma.$transaction((tx) => take(ctx, tx, open, hash, viewer.userId));
}

async function joinAnew(
  deps: Deps,
  facts: Accepting,
  open: Open,
  hash: Hash,
  input: { name?: string | null; password?: string | null },
): Promise<Made> {
  const { email } = open;
  const name = checkName('name', input.name ?? email.split('@')[0]!);
  if (input.password == null) throw invalid('Choose a password (or sign in first, if you have an account here).', { argument: 'password' });
  checkNewPassword('password', input.password, email);
  const passwordHash = await hashPassword(input.password);
  return deps.prisma.$transaction(async (tx) => {
    const user = await insertUser(tx, { email, name, passwordHash, isAdmin: false }).catch((error: unknown) => {
      if (!isFault(error, 'taken')) throw error;
      throw alreadyExists(`The address '${email}' has an account here. Sign in, then accept the invitation.`);
    });
    const { userId } = user;
    const viewer: Viewer = { kind: 'USER', userId, email, name, isServerAdmin: false, memberships: [], token: null, sessionId: null };
    const ctx: Ctx = { ...deps, ...facts, viewer };
    await record(onServer(ctx), tx, { action: 'USER_CREATED', target: `user ${userId}`, after: { email, name } });
    return take(ctx, tx, open, hash, userId);
  });
}

/** All in one transaction: two who come at once don't both join. */
async function take(ctx: Ctx, tx: Prisma, open: Open, hash: Hash, userId: number): Promise<Made> {
  const { teamId, role, teamSlug, invitationId } = open;
  if (!(await takeInvitation(tx, hash, new Date(ctx.now()), userId))) throw unusable();
  await insertMember(tx, { teamId, userId, role }).catch((error: unknown) => {
    if (!isFault(error, 'taken')) throw error;
    throw alreadyExists(`You are a member of '${teamSlug}' already. The invitation stays open.`);
  });
  await record(onServer(ctx, teamId), tx, { action: 'INVITATION_ACCEPTED', target: `invitation ${invitationId}`, after: { userId, role } });
  return { userId, teamSlug, role, signedIn: null };
}
