// Who sends a request: headers → Viewer, in one statement. Knows the three credentials and nothing of what a viewer may do.
import type { IncomingHttpHeaders } from 'node:http';
import type { Deps, Membership, Viewer } from '../context.ts';
import { type CredentialRow, findByApiToken, findByApiTokenId, findBySession, touchApiToken } from '../db/people/users.ts';
import { AppError } from '../lib/errors.ts';
import { hashApiToken, isApiToken } from './apiTokens.ts';
import { rememberViewer } from './cache.ts';
import { expiryOf, verifyAccessToken } from './jwt.ts';
import { lesserRole } from './policy.ts';

const TOUCH_MS = 60_000;
/** Doors add how their clients are told the token. */
export const HOW_TO_AUTHENTICATE = "Send 'Authorization: Bearer <API token>', or sign in.";

export const unauthenticated = (message: string) => new AppError('UNAUTHENTICATED', message);
const withoutToken = (message: string) => unauthenticated(`${message} ${HOW_TO_AUTHENTICATE}`);
const unknownToken = () => withoutToken('This API token is unknown, expired or revoked, or its owner is disabled. Make a new one.');
const endedSession = () => unauthenticated('This session has ended or its user is disabled. Sign in again.');

/** The API token that each connection sent last, by its header, and its hash: clients send the same token with each request. */
const lastTokens = new WeakMap<object, { header: string; hash: string }>();

/**
 * Accepts `Bearer <access token>`, `Bearer <API token>` and `Basic <any user>:<API token>`; the scheme's case doesn't matter.
 * Throws UNAUTHENTICATED with what to do. `connection`: what the headers came by.
 */
export async function authenticate(deps: Deps, headers: IncomingHttpHeaders, connection?: object): Promise<Viewer> {
  const header = headers.authorization?.trim();
  const last = connection && lastTokens.get(connection);
  if (last !== undefined && last.header === header) return byTokenHash(deps, last.hash);
  if (!header) throw withoutToken('Authentication is required.');
  const [, scheme = '', credential = ''] = /^(\S+)\s*(.*)$/s.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      if (!isApiToken(credential)) return byAccessToken(deps, credential);
      return byTokenHash(deps, remembered(connection, header, credential));
    case 'basic':
      return byTokenHash(deps, remembered(connection, header, basicPassword(credential)));
    default:
      throw withoutToken("The authorization scheme isn't supported.");
  }
}

/** When the credentials that `viewer` came by end by themselves, in milliseconds since 1970; null = never. */
export function credentialsEnd(viewer: Viewer, headers: IncomingHttpHeaders): number | null {
  if (viewer.token) return viewer.token.expiresAt?.getTime() ?? null;
  return expiryOf(headers.authorization?.trim().replace(/^\S+\s*/, '') ?? '');
}

function basicPassword(credential: string): string {
  const decoded = Buffer.from(credential, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}

/** The hash of an API token, in base64. */
function remembered(connection: object | undefined, header: string, secret: string): string {
  if (!isApiToken(secret)) throw withoutToken("An API token has exactly 40 letters and digits; this isn't one.");
  const hash = hashApiToken(secret).toString('base64');
  if (connection) lastTokens.set(connection, { header, hash });
  return hash;
}

async function byTokenHash(deps: Deps, hash: string): Promise<Viewer> {
  const viewer = await rememberViewer(deps, hash, async () => {
    const row = await findByApiToken(deps.db, Buffer.from(hash, 'base64'));
    if (!row?.token || row.disabled || row.token.revoked) throw unknownToken();
    touch(deps, row.token);
    return toViewer(row, null);
  });
  // Checked on each request, so that what is remembered can't outlive it.
  if (viewer.token?.expiresAt && viewer.token.expiresAt.getTime() <= deps.now()) throw unknownToken();
  return viewer;
}

async function byAccessToken(deps: Deps, token: string): Promise<Viewer> {
  const claims = verifyAccessToken(deps.config, token, deps.now());
  if (claims === 'expired') throw unauthenticated('This access token has expired. Use refreshSession, or sign in again.');
  if (claims === 'invalid') throw withoutToken('This is neither an access token of this server nor an API token of 40 letters and digits.');
  return rememberViewer(deps, `${claims.userId} ${claims.sessionId}`, () => viewerOfSession(deps, claims.sessionId, claims.userId));
}

/** Throws UNAUTHENTICATED when the session has ended, isn't that user's, or the user is disabled. */
export async function viewerOfSession(deps: Deps, sessionId: string, userId: number): Promise<Viewer> {
  const row = await findBySession(deps.db, sessionId, new Date(deps.now()));
  if (!row || row.disabled || row.userId !== userId) throw endedSession();
  return toViewer(row, sessionId);
}

/** Who made something with this token or session, as they are now. Throws UNAUTHENTICATED when it no longer holds. */
export async function viewerOfMaker(deps: Deps, maker: { userId: number; tokenId: string | null; sessionId: string | null }): Promise<Viewer> {
  const { userId, tokenId, sessionId } = maker;
  if (sessionId !== null) return rememberViewer(deps, `${userId} ${sessionId}`, () => viewerOfSession(deps, sessionId, userId));
  if (tokenId === null) throw unknownToken();
  const viewer = await rememberViewer(deps, `token ${tokenId}`, async () => {
    const row = await findByApiTokenId(deps.db, tokenId);
    if (!row?.token || row.disabled || row.token.revoked) throw unknownToken();
    return toViewer(row, null);
  });
  if (viewer.token?.expiresAt && viewer.token.expiresAt.getTime() <= deps.now()) throw unknownToken();
  return viewer;
}

/** At most once a minute, and no request waits for it. */
function touch(deps: Deps, token: NonNullable<CredentialRow['token']>): void {
  const now = deps.now();
  if (token.expiresAt && token.expiresAt.getTime() <= now) return;
  if (token.lastUsedAt && now - token.lastUsedAt.getTime() < TOUCH_MS) return;
  touchApiToken(deps.db, token.id, new Date(now)).catch((error: unknown) =>
    deps.log.debug({ err: error }, 'could not note when an API token was used'),
  );
}

function toViewer(row: CredentialRow, sessionId: string | null): Viewer {
  const { token } = row;
  const narrowed = (membership: Membership): Membership =>
    token?.role ? { ...membership, role: lesserRole(membership.role, token.role) } : membership;
  return {
    kind: row.kind,
    userId: row.userId,
    email: row.email,
    name: row.name,
    isServerAdmin: row.isAdmin && !token?.teamId && !token?.role,
    memberships: row.memberships.map(narrowed),
    token: token && { id: token.id, name: token.name, teamId: token.teamId, role: token.role, expiresAt: token.expiresAt },
    sessionId,
  };
}
