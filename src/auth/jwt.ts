// Access tokens: JWTs of 15 minutes, HS256 only, with key ids so that secrets rotate. Says nothing of whether the session still lives.
import { createHash } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Config } from '../config.ts';

export const ACCESS_TOKEN_MS = 15 * 60 * 1000;

export type AccessClaims = { userId: number; sessionId: string };

const keyId = (secret: string) => createHash('sha256').update(secret).digest('hex').slice(0, 8);

/** Signs with the first secret. `nowMs`: milliseconds since 1970. */
export function signAccessToken(config: Config, claims: AccessClaims, nowMs: number): { token: string; expiresAt: Date } {
  const secret = config.jwtSecrets[0]!;
  const iat = Math.floor(nowMs / 1000);
  const exp = iat + ACCESS_TOKEN_MS / 1000;
  const token = jwt.sign({ sub: String(claims.userId), sid: claims.sessionId, iat, exp }, secret, { algorithm: 'HS256', keyid: keyId(secret) });
  return { token, expiresAt: new Date(exp * 1000) };
}

/** The claims of a token that one of our secrets signed and that hasn't expired; else why not. */
export function verifyAccessToken(config: Config, token: string, nowMs: number): AccessClaims | 'expired' | 'invalid' {
  const kid = jwt.decode(token, { complete: true })?.header.kid;
  const secret = config.jwtSecrets.find((candidate) => keyId(candidate) === kid);
  if (!secret) return 'invalid';
  try {
    const claims = jwt.verify(token, secret, { algorithms: ['HS256'], clockTimestamp: Math.floor(nowMs / 1000) });
    if (typeof claims === 'string') return 'invalid';
    const userId = Number(claims.sub);
    const sessionId: unknown = claims.sid;
    if (!Number.isSafeInteger(userId) || typeof sessionId !== 'string' || !/^[0-9a-f]{32}$/.test(sessionId)) return 'invalid';
    return { userId, sessionId };
  } catch (error) {
    return error instanceof jwt.TokenExpiredError ? 'expired' : 'invalid';
  }
}

/** When a token that was verified ends, in milliseconds since 1970. */
export function expiryOf(token: string): number | null {
  const payload = jwt.decode(token);
  return typeof payload === 'object' && typeof payload?.exp === 'number' ? payload.exp * 1000 : null;
}
