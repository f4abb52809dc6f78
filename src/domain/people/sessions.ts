// Signing in, staying signed in, signing out. The only rules that run without a viewer, so they take Deps.
import { unauthenticated, viewerOfSession } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { signAccessToken } from '../../auth/jwt.ts';
import { verifyPassword } from '../../auth/password.ts';
import { randomUrlToken, sha256 } from '../../auth/secrets.ts';
import type { Ctx, Deps, Viewer } from '../../context.ts';
import {
  deleteSessions,
  deleteSessionsOf,
  findUser,
  findUserByEmail,
  insertSession,
  insertSignInLink,
  listSessions,
  rotateSession,
  type SessionRow,
  takeSession,
  takeSignInLink,
} from '../../db/people/users.ts';
import { failedPrecondition } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { entryOfStranger, type Facts, noteRepeated, recordEntry } from './audit.ts';
import { brake } from './brake.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A session ends this long after it was last refreshed. */
const SESSION_MS = 30 * DAY_MS;
const LINK_MS = 60 * 60 * 1000;

/** `expiresAt` is the access token's; the refresh token is good for one use within 30 days. */
export type SignedIn = { accessToken: string; refreshToken: string; expiresAt: Date; viewer: Viewer };

const WRONG = 'The email address or the password is wrong, or the user is disabled.';

/** Throws UNAUTHENTICATED, the same for an unknown user and a wrong password, and LIMIT_EXCEEDED after too many failures. */
export async function signIn(deps: Deps, email: string, password: string, facts: Facts): Promise<SignedIn> {
  const release = await brake(deps, email, facts.origin?.address ?? null);
  const user = await findUserByEmail(deps.prisma, email.slice(0, 300));
  const matches = await verifyPassword(user?.passwordHash ?? null, password.slice(0, 256));
  if (!user || !matches || user.disabledAt) {
    const address = facts.origin?.address ?? '';
    const act = { action: 'SIGN_IN_REFUSED', target: user ? `user ${user.userId}` : 'unknown user' } as const;
    const entry = entryOfStranger(deps, facts, { userId: user?.userId ?? null, email }, act);
    // Names of accounts that aren't there are no end of kinds.
    await noteRepeated(deps, entry, user ? ['sign-in', String(user.userId)] : ['sign-in by', address]);
    throw unauthenticated(WRONG);
  }
  await release();
  return startSession(deps, user, facts);
}

/** A link works once, for an hour. Throws UNAUTHENTICATED. */
export async function signInWithLink(deps: Deps, linkToken: string, facts: Facts): Promise<SignedIn> {
  const link = await takeSignInLink(deps.db, sha256(linkToken.slice(0, 200)), 'SIGN_IN');
  const user = link && link.expiresAt.getTime() > deps.now() ? await findUser(deps.prisma, link.userId) : null;
  if (!user || user.disabledAt) throw unauthenticated('This sign-in link has been used or has expired. A restart of the server prints a new one.');
  return startSession(deps, user, facts);
}

/** A one-time token of an hour. `kind`: to sign in with, or to set a new password. */
export async function newSignInLink(deps: Deps, userId: number, kind: 'SIGN_IN' | 'RESET' = 'SIGN_IN'): Promise<string> {
  const token = randomUrlToken();
  const now = deps.now();
  await insertSignInLink(deps.prisma, { linkHash: sha256(token), userId, kind, expiresAt: new Date(now + LINK_MS) }, new Date(now));
  return token;
}

/** For a user who has proved who they are. */
export async function startSession(deps: Deps, user: { userId: number; email: string }, facts: Facts): Promise<SignedIn> {
  const { userId } = user;
  const sessionId = deps.newId();
  const now = deps.now();
  const refreshToken = newRefreshToken(sessionId);
  await deps.prisma.$transaction(async (people) => {
    await insertSession(people, {
      sessionId,
      userId,
      refreshHash: sha256(refreshToken),
      userAgent: facts.origin?.userAgent?.slice(0, 500) ?? null,
      now: new Date(now),
      expiresAt: new Date(now + SESSION_MS),
    });
    await recordEntry(people, entryOfStranger(deps, facts, user, { action: 'SIGNED_IN', target: `user ${userId}` }));
  });
  return signedIn(deps, sessionId, userId, refreshToken);
}

async function signedIn(deps: Deps, sessionId: string, userId: number, refreshToken: string): Promise<SignedIn> {
  const viewer = await viewerOfSession(deps, sessionId, userId);
  const { token, expiresAt } = signAccessToken(deps.config, { userId, sessionId }, deps.now());
  return { accessToken: token, refreshToken, expiresAt, viewer };
}

// The token holds the session's id. So an old token of a live session is known for what it is: a copy in other hands.
const newRefreshToken = (sessionId: string) => `${sessionId}.${randomUrlToken()}`;

/** Exchanges a refresh token for new tokens. Using one twice ends the session, since one of the two users isn't its owner. */
export async function refreshSession(deps: Deps, refreshToken: string, facts: Facts): Promise<SignedIn> {
  const [sessionId = ''] = refreshToken.split('.');
  if (!isHexId(sessionId)) throw endedSession();
  const now = deps.now();
  const next = newRefreshToken(sessionId);
  const session = await rotateSession(deps.prisma, sessionId, sha256(refreshToken), {
    refreshHash: sha256(next),
    now: new Date(now),
    expiresAt: new Date(now + SESSION_MS),
  });
  if (!session) {
    await deps.prisma.$transaction(async (people) => {
      const owner = await takeSession(people, sessionId, new Date(now));
      if (owner) await recordEntry(people, entryOfStranger(deps, facts, owner, { action: 'REFRESH_TOKEN_REUSED', target: `session ${sessionId}` }));
    });
    forgetViewers(deps);
    throw endedSession();
  }
  return signedIn(deps, sessionId, session.userId, next);
}

const endedSession = () => unauthenticated('This refresh token is unknown, expired or was used before; its session has ended. Sign in again.');

/** Ends the session of the request: its access and refresh tokens stop working. */
export async function signOut(ctx: Ctx): Promise<void> {
  if (!ctx.viewer.sessionId) throw failedPrecondition('This request carries an API token, which has no session. Use revokeApiToken.');
  await deleteSessions(ctx.prisma, { sessionId: ctx.viewer.sessionId });
  forgetViewers(ctx);
}

const MAX_LISTED = 200;
const bare = (sessionId: string) => sessionId.replaceAll('-', '').toLowerCase();

/** A token, which may lie in a script, neither sees nor ends where its owner is signed in. */
function requireSession(ctx: Ctx): string {
  if (!ctx.viewer.sessionId) throw failedPrecondition('This request carries an API token. Sign in to see and end your sessions.');
  return bare(ctx.viewer.sessionId);
}

export type Session = SessionRow & { current: boolean };

/** One's own, the last used first. Throws FAILED_PRECONDITION with an API token. */
export async function getSessions(ctx: Ctx): Promise<Session[]> {
  const own = requireSession(ctx);
  const rows = await listSessions(ctx.prisma, ctx.viewer.userId, new Date(ctx.now()), MAX_LISTED);
  return rows.map((row) => ({ ...row, sessionId: bare(row.sessionId), current: bare(row.sessionId) === own }));
}

/** Ends these of one's own sessions, or all but the one of the request; how many have ended. Throws FAILED_PRECONDITION with an API token. */
export async function endSessions(ctx: Ctx, sessionIds: string[] | null): Promise<number> {
  const own = requireSession(ctx);
  const { userId } = ctx.viewer;
  const ended = sessionIds
    ? await deleteSessionsOf(ctx.prisma, userId, sessionIds.map(bare).filter(isHexId))
    : await deleteSessions(ctx.prisma, { userId, keep: own });
  forgetViewers(ctx);
  return ended;
}
