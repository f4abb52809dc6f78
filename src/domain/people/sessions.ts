// Signing in, staying signed in, signing out. The only rules that run without a viewer, so they take Deps.
import { LRUCache } from 'lru-cache';
import { unauthenticated, viewerOfSession } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { signAccessToken } from '../../auth/jwt.ts';
import { verifyPassword } from '../../auth/password.ts';
import { randomUrlToken, sha256 } from '../../auth/secrets.ts';
import type { Ctx, Db, Deps, Viewer } from '../../context.ts';
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
  takeSignInLink,
} from '../../db/people/users.ts';
import { failedPrecondition, limitExceeded } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A session ends this long after it was last refreshed. */
const SESSION_MS = 30 * DAY_MS;
const LINK_MS = 60 * 60 * 1000;

/** `expiresAt` is the access token's; the refresh token is good for one use within 30 days. */
export type SignedIn = { accessToken: string; refreshToken: string; expiresAt: Date; viewer: Viewer };

/** Throws UNAUTHENTICATED, the same for an unknown user and a wrong password, and LIMIT_EXCEEDED after too many failures. */
export async function signIn(deps: Deps, email: string, password: string, userAgent: string | null): Promise<SignedIn> {
  const succeeded = brake(deps, email);
  const user = await findUserByEmail(deps.prisma, email.slice(0, 300));
  const matches = await verifyPassword(user?.passwordHash ?? null, password.slice(0, 256));
  if (!user || !matches || user.disabledAt) throw unauthenticated('The email address or the password is wrong, or the user is disabled.');
  succeeded();
  return startSession(deps, user.userId, userAgent);
}

/** A link works once, for an hour. Throws UNAUTHENTICATED. */
export async function signInWithLink(deps: Deps, linkToken: string, userAgent: string | null): Promise<SignedIn> {
  const link = await takeSignInLink(deps.db, sha256(linkToken));
  const user = link && link.expiresAt.getTime() > deps.now() ? await findUser(deps.prisma, link.userId) : null;
  if (!user || user.disabledAt) throw unauthenticated('This sign-in link has been used or has expired. A restart of the server prints a new one.');
  return startSession(deps, user.userId, userAgent);
}

export async function newSignInLink(deps: Deps, userId: number): Promise<string> {
  const token = randomUrlToken();
  const now = deps.now();
  await insertSignInLink(deps.prisma, { linkHash: sha256(token), userId, expiresAt: new Date(now + LINK_MS) }, new Date(now));
  return token;
}

/** For a user who has proved who they are. */
export async function startSession(deps: Deps, userId: number, userAgent: string | null): Promise<SignedIn> {
  const sessionId = deps.newId();
  const now = deps.now();
  const refreshToken = newRefreshToken(sessionId);
  await insertSession(deps.prisma, {
    sessionId,
    userId,
    refreshHash: sha256(refreshToken),
    userAgent: userAgent?.slice(0, 500) ?? null,
    now: new Date(now),
    expiresAt: new Date(now + SESSION_MS),
  });
  return signedIn(deps, sessionId, userId, refreshToken);
}

async function signedIn(deps: Deps, sessionId: string, userId: number, refreshToken: string): Promise<SignedIn> {
  const viewer = await viewerOfSession(deps, sessionId, userId);
  const { token, expiresAt } = signAccessToken(deps.config, { userId, sessionId }, deps.now());
  return { accessToken: token, refreshToken, expiresAt, viewer };
}

// The session's id stands in the token, so that an old token of a live session is known for what it is: a copy in other hands.
const newRefreshToken = (sessionId: string) => `${sessionId}.${randomUrlToken()}`;

/** Exchanges a refresh token for new tokens. Using one twice ends the session, since one of the two users isn't its owner. */
export async function refreshSession(deps: Deps, refreshToken: string): Promise<SignedIn> {
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
    await deleteSessions(deps.prisma, { sessionId });
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

// A brake on guessing: ten failures for an address in five minutes, per process; addresses beyond the bound push out the oldest.
const MAX_FAILURES = 10;
const WINDOW_MS = 5 * 60 * 1000;
type Failures = { count: number; since: number };
const failures = new WeakMap<Db, LRUCache<string, Failures>>();

/** Counts an attempt as failed until the returned function is called. Throws LIMIT_EXCEEDED. */
export function brake(deps: Deps, email: string): () => void {
  const all = failures.get(deps.db) ?? new LRUCache<string, Failures>({ max: 10_000 });
  failures.set(deps.db, all);
  const key = email.trim().toLowerCase().slice(0, 300);
  const now = deps.now();
  const known = all.get(key);
  const mine = known && now - known.since < WINDOW_MS ? known : { count: 0, since: now };
  if (mine.count >= MAX_FAILURES) {
    const minutes = Math.ceil((mine.since + WINDOW_MS - now) / 60_000);
    throw limitExceeded(`Too many failed sign-ins for this address. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}, or use an API token.`);
  }
  mine.count += 1;
  all.set(key, mine);
  return () => all.delete(key);
}
