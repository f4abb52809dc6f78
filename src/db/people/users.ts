// Users, teams, memberships, sessions and API tokens. Global tables: the rules about who may see which row are the caller's (src/domain).
import type { Role } from '../../auth/policy.ts';
import type { Membership } from '../../context.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

// Authentication: one statement each ---------------------------------------------------------------------------------------

export type AccountKind = 'USER' | 'SERVICE_ACCOUNT';

export type CredentialRow = {
  kind: AccountKind;
  userId: number;
  email: string;
  name: string;
  isAdmin: boolean;
  disabled: boolean;
  /** Of the token's team only, where it has one. By default team first, then in the order of joining. */
  memberships: Membership[];
  token: {
    id: string;
    name: string;
    teamId: number | null;
    role: Role | null;
    expiresAt: Date | null;
    lastUsedAt: Date | null;
    revoked: boolean;
  } | null;
};

type RawCredential = Omit<CredentialRow, 'token'> & {
  tokenId?: string;
  tokenName: string;
  tokenTeamId: number | null;
  tokenRole: Role | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revoked: boolean;
};

const PERSON = `u.kind, u.user_id as "userId", u.email, u.name, u.is_admin as "isAdmin", u.disabled_at is not null as disabled`;
const memberships = (where: string) => `coalesce((
    select json_agg(json_build_object('teamId', m.team_id, 'slug', t.slug, 'name', t.name, 'role', m.role)
                    order by (t.slug = 'default') desc, m.created_at, m.team_id)
    from memberships m join teams t on t.team_id = m.team_id
    where m.user_id = u.user_id${where}), '[]') as memberships`;

const byToken = (name: string, where: string) =>
  sql(`/* auth.${name} */
  select ${PERSON}, a.token_id as "tokenId", a.name as "tokenName", a.team_id as "tokenTeamId", a.role as "tokenRole",
         a.expires_at as "expiresAt", a.last_used_at as "lastUsedAt", a.revoked_at is not null as revoked,
         ${memberships(' and (a.team_id is null or m.team_id = a.team_id)')}
  from api_tokens a join users u on u.user_id = a.user_id
  where ${where}`);
const BY_TOKEN = byToken('by_token', 'a.token_hash = $1::bytea');
const BY_TOKEN_ID = byToken('by_token_id', 'a.token_id = $1::uuid');

const BY_SESSION = sql(`/* auth.by_session */
  select ${PERSON}, ${memberships('')}
  from sessions s join users u on u.user_id = s.user_id
  where s.session_id = $1::uuid and s.expires_at > $2::timestamptz`);

const TOUCH = sql(`/* auth.touch_token */
  update api_tokens set last_used_at = $2::timestamptz
  where token_id = $1::uuid and (last_used_at is null or last_used_at < $2::timestamptz)`);

export const findByApiToken = async (db: Db, tokenHash: Buffer): Promise<CredentialRow | null> =>
  credential(await db.row<RawCredential>(BY_TOKEN, [tokenHash]));
/** `tokenId`: 32 hex digits. */
export const findByApiTokenId = async (db: Db, tokenId: string): Promise<CredentialRow | null> =>
  credential(await db.row<RawCredential>(BY_TOKEN_ID, [tokenId]));

function credential(row: RawCredential | undefined): CredentialRow | null {
  if (!row?.tokenId) return null;
  const { tokenId, tokenName, tokenTeamId, tokenRole, expiresAt, lastUsedAt, revoked, ...person } = row;
  return { ...person, token: { id: tokenId, name: tokenName, teamId: tokenTeamId, role: tokenRole, expiresAt, lastUsedAt, revoked } };
}

export async function findBySession(db: Db, sessionId: string, now: Date): Promise<CredentialRow | null> {
  const row = await db.row<Omit<CredentialRow, 'token'>>(BY_SESSION, [sessionId, now]);
  return row ? { ...row, token: null } : null;
}

export async function touchApiToken(db: Db, tokenId: string, now: Date): Promise<void> {
  await db.rows(TOUCH, [tokenId, now]);
}

const START_LOCK = 72707370;
/** Until the transaction ends, only one server makes the first user. */
export async function lockStart(people: Prisma): Promise<void> {
  await people.$queryRaw`/* bootstrap.lock */ select 1 as locked from pg_advisory_xact_lock(${START_LOCK}::bigint)`;
}

export const countUsers = (people: Prisma): Promise<number> => people.user.count();

// Users ----------------------------------------------------------------------------------------------------------------------

/** `teamId`: the only team of a service account; null for people. */
export type User = {
  userId: number;
  email: string;
  name: string;
  isAdmin: boolean;
  disabledAt: Date | null;
  createdAt: Date;
  kind: AccountKind;
  teamId: number | null;
  /** Nobody can be them again; the row stays, since runs and versions name it. */
  removedAt: Date | null;
};
const USER = {
  userId: true,
  email: true,
  name: true,
  isAdmin: true,
  disabledAt: true,
  createdAt: true,
  kind: true,
  teamId: true,
  removedAt: true,
} as const;
const asUser = <Row extends { kind: string }>(row: Row) => ({ ...row, kind: row.kind as AccountKind });

/** A person: service accounts have no address of their own. */
export async function findUserByEmail(people: Prisma, email: string): Promise<(User & { passwordHash: string | null }) | null> {
  const where = { email: { equals: likeLiteral(email), mode: 'insensitive' as const }, kind: 'USER' };
  const row = await people.user.findFirst({ where, select: { ...USER, passwordHash: true } });
  return row && asUser(row);
}

export async function findUser(people: Prisma, userId: number): Promise<(User & { passwordHash: string | null }) | null> {
  const row = await people.user.findUnique({ where: { userId }, select: { ...USER, passwordHash: true } });
  return row && asUser(row);
}

export const findUsers = async (people: Prisma, userIds: number[]): Promise<User[]> =>
  (await people.user.findMany({ where: { userId: { in: userIds } }, select: USER })).map(asUser);

/** The administrator that start-up messages name: the oldest who can sign in, if any can. */
export async function findFirstAdmin(people: Prisma): Promise<User | null> {
  const orderBy = [{ disabledAt: { sort: 'asc', nulls: 'first' } }, { userId: 'asc' }] as const;
  const row = await people.user.findFirst({ where: { isAdmin: true }, orderBy: [...orderBy], select: USER });
  return row && asUser(row);
}

export const insertUser = async (
  people: Prisma,
  data: { email: string; name: string; passwordHash: string | null; isAdmin: boolean },
): Promise<User> => asUser(await people.user.create({ data, select: USER }));

export const updateUser = async (people: Prisma, userId: number, data: { passwordHash?: string; disabledAt?: Date | null }): Promise<User> =>
  asUser(await people.user.update({ where: { userId }, data, select: USER }));

/** Prisma's insensitive equality is ILIKE, whose wildcards an address may hold. */
const likeLiteral = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&');

// Sessions and sign-in links -------------------------------------------------------------------------------------------------

export async function insertSession(
  people: Prisma,
  session: { sessionId: string; userId: number; refreshHash: Uint8Array<ArrayBuffer>; userAgent: string | null; now: Date; expiresAt: Date },
): Promise<void> {
  const { now, ...data } = session;
  await people.session.deleteMany({ where: { userId: session.userId, expiresAt: { lte: now } } });
  await people.session.create({ data: { ...data, createdAt: now, usedAt: now }, select: { sessionId: true } });
}

/** Exchanges the refresh token of a live session; null when `oldHash` isn't its present one. */
export async function rotateSession(
  people: Prisma,
  sessionId: string,
  oldHash: Uint8Array<ArrayBuffer>,
  next: { refreshHash: Uint8Array<ArrayBuffer>; now: Date; expiresAt: Date },
): Promise<{ userId: number } | null> {
  const [session] = await people.session.updateManyAndReturn({
    where: { sessionId, refreshHash: oldHash, expiresAt: { gt: next.now } },
    data: { refreshHash: next.refreshHash, usedAt: next.now, expiresAt: next.expiresAt },
    select: { userId: true },
  });
  return session ?? null;
}

export async function deleteSessions(people: Prisma, where: { sessionId?: string; userId?: number; keep?: string }): Promise<number> {
  const { keep, ...exact } = where;
  const { count } = await people.session.deleteMany({ where: { ...exact, ...(keep ? { NOT: { sessionId: keep } } : {}) } });
  return count;
}

/** Ends a live session; whose it was. */
export async function takeSession(people: Prisma, sessionId: string, now: Date): Promise<{ userId: number; email: string } | null> {
  const session = await people.session.findFirst({ where: { sessionId, expiresAt: { gt: now } }, select: { userId: true } });
  if (!session || (await deleteSessions(people, { sessionId })) === 0) return null;
  return people.user.findUnique({ where: { userId: session.userId }, select: { userId: true, email: true } });
}

export type SessionRow = { sessionId: string; userAgent: string | null; createdAt: Date; usedAt: Date; expiresAt: Date };

/** Live ones, the last used first. */
export const listSessions = (people: Prisma, userId: number, now: Date, most: number): Promise<SessionRow[]> =>
  people.session.findMany({
    where: { userId, expiresAt: { gt: now } },
    orderBy: [{ usedAt: 'desc' }, { sessionId: 'asc' }],
    take: most,
    select: { sessionId: true, userAgent: true, createdAt: true, usedAt: true, expiresAt: true },
  });

/** Of these, those of the user. */
export const deleteSessionsOf = async (people: Prisma, userId: number, sessionIds: string[]): Promise<number> =>
  (await people.session.deleteMany({ where: { userId, sessionId: { in: sessionIds } } })).count;

export async function insertSignInLink(
  people: Prisma,
  link: { linkHash: Uint8Array<ArrayBuffer>; userId: number; kind: 'SIGN_IN' | 'RESET'; expiresAt: Date },
  now: Date,
): Promise<void> {
  await people.signInLink.deleteMany({ where: { expiresAt: { lte: now } } });
  await people.signInLink.create({ data: link, select: { userId: true } });
}

/** Uses a link up: it works once, whoever comes first. */
const TAKE_LINK = sql(`/* auth.take_sign_in_link */
  delete from sign_in_links where link_hash = $1::bytea and kind = $2 returning user_id as "userId", expires_at as "expiresAt"`);
export const takeSignInLink = (db: Db, linkHash: Buffer, kind: 'SIGN_IN' | 'RESET'): Promise<{ userId: number; expiresAt: Date } | undefined> =>
  db.row(TAKE_LINK, [linkHash, kind]);

export const deleteSignInLinks = async (people: Prisma, userId: number): Promise<number> =>
  (await people.signInLink.deleteMany({ where: { userId } })).count;
