// Teams, memberships and API tokens as rows. Rules about who may see or change them are in src/domain/{teams,tokens}.ts.
import type { Role } from '../../auth/policy.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type Team = { teamId: number; slug: string; name: string; createdAt: Date };
const TEAM = { teamId: true, slug: true, name: true, createdAt: true } as const;

/** The team with its counters and its experiment 0, which no client may find missing; `adminId` becomes its first ADMIN. */
export async function insertTeam(people: Prisma, team: { slug: string; name: string; adminId: number; now: number }): Promise<Team> {
  const made = await people.team.create({ data: { slug: team.slug, name: team.name }, select: TEAM });
  await people.membership.create({ data: { teamId: made.teamId, userId: team.adminId, role: 'ADMIN' }, select: { teamId: true } });
  await people.teamCounter.create({ data: { teamId: made.teamId, nextExperimentId: 1 }, select: { teamId: true } });
  await people.experiment.create({
    data: {
      teamId: made.teamId,
      experimentId: 0,
      name: 'Default',
      artifactLocation: 'mlflow-artifacts:/0',
      createdBy: team.adminId,
      creationTime: BigInt(team.now),
      lastUpdateTime: BigInt(team.now),
    },
    select: { experimentId: true },
  });
  return made;
}

export const updateTeamName = (people: Prisma, teamId: number, name: string): Promise<Team> =>
  people.team.update({ where: { teamId }, data: { name }, select: TEAM });

export const findTeams = (people: Prisma, teamIds: number[]): Promise<Team[]> =>
  people.team.findMany({ where: { teamId: { in: teamIds } }, select: TEAM });

// Memberships ----------------------------------------------------------------------------------------------------------------

export type Member = { teamId: number; userId: number; role: Role; createdAt: Date };
const MEMBER = { teamId: true, userId: true, role: true, createdAt: true } as const;
const asMember = (row: { teamId: number; userId: number; role: string; createdAt: Date }): Member => ({ ...row, role: row.role as Role });

const MATCHING = (search: string) => `(${search}::text is null or position(lower(${search}::text) in lower(u.email || ' ' || u.name)) > 0)`;
const LIST = sql(`/* members.list */
  select m.team_id as "teamId", m.user_id as "userId", m.role, m.created_at as "createdAt"
    from memberships m join users u on u.user_id = m.user_id and u.kind = 'USER'
   where m.team_id = $1 and ($2::int is null or m.user_id > $2::int) and ${MATCHING('$4')} order by m.user_id limit $3`);
const COUNT = sql(`/* members.count */
  select count(*)::int as count from memberships m join users u on u.user_id = m.user_id and u.kind = 'USER'
   where m.team_id = $1 and ${MATCHING('$2')}`);

/** People, not service accounts. `search`: part of the address or name. */
export const listMembers = (db: Db, teamId: number, search: string | null, page: { afterUserId: number | null; limit: number }): Promise<Member[]> =>
  db.rows(LIST, [teamId, page.afterUserId, page.limit, search]);

export const countMembers = async (db: Db, teamId: number, search: string | null): Promise<number> =>
  (await db.row<{ count: number }>(COUNT, [teamId, search]))!.count;

export const isMemberOfAny = async (people: Prisma, userId: number, teamIds: number[]): Promise<boolean> =>
  (await people.membership.findFirst({ where: { userId, teamId: { in: teamIds } }, select: { userId: true } })) !== null;

export async function insertMember(people: Prisma, member: { teamId: number; userId: number; role: Role }): Promise<Member> {
  return asMember(await people.membership.create({ data: member, select: MEMBER }));
}

const LOCK_TEAM = sql('/* members.lock */ select 1 from teams where team_id = $1::int for no key update');
const MEMBERS_ROLE = sql(`/* members.role */
  select m.role, (select count(*)::int from memberships o join users p on p.user_id = o.user_id and p.kind = 'USER'
                   where o.team_id = $1::int and o.user_id <> $2::int and o.role = 'ADMIN') as "otherAdmins"
  from memberships m join users u on u.user_id = m.user_id and u.kind = 'USER' where m.team_id = $1::int and m.user_id = $2::int`);
const SET_ROLE = sql(`/* members.set_role */
  update memberships set role = $3 where team_id = $1::int and user_id = $2::int
  returning team_id as "teamId", user_id as "userId", role, created_at as "createdAt"`);
const REMOVE = sql('/* members.remove */ delete from memberships where team_id = $1::int and user_id = $2::int');

/** Locks the team's memberships against other changes until the transaction ends, and says what the member is. */
export async function lockMember(tx: Db, teamId: number, userId: number): Promise<{ role: Role; otherAdmins: number } | undefined> {
  await tx.rows(LOCK_TEAM, [teamId]);
  return tx.row(MEMBERS_ROLE, [teamId, userId]);
}
export const setMemberRole = (tx: Db, teamId: number, userId: number, role: Role): Promise<Member | undefined> =>
  tx.row(SET_ROLE, [teamId, userId, role]);
export async function deleteMember(tx: Db, teamId: number, userId: number): Promise<void> {
  await tx.rows(REMOVE, [teamId, userId]);
}

// API tokens -----------------------------------------------------------------------------------------------------------------

export type ApiToken = {
  tokenId: string;
  userId: number;
  teamId: number | null;
  name: string;
  role: Role | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};
const TOKEN = {
  tokenId: true,
  userId: true,
  teamId: true,
  name: true,
  role: true,
  createdAt: true,
  expiresAt: true,
  lastUsedAt: true,
  revokedAt: true,
} as const;
type RawToken = Omit<ApiToken, 'role'> & { role: string | null };
const asToken = (row: RawToken): ApiToken => ({ ...row, tokenId: row.tokenId.replaceAll('-', ''), role: row.role as Role | null });

export async function insertApiToken(
  people: Prisma,
  token: Pick<ApiToken, 'tokenId' | 'userId' | 'teamId' | 'name' | 'role' | 'expiresAt' | 'createdAt'> & {
    tokenHash: Uint8Array<ArrayBuffer>;
    parentId?: string | null;
  },
): Promise<ApiToken> {
  return asToken(await people.apiToken.create({ data: token, select: TOKEN }));
}

export async function findApiToken(people: Prisma, tokenId: string): Promise<ApiToken | null> {
  const row = await people.apiToken.findUnique({ where: { tokenId }, select: TOKEN });
  return row && asToken(row);
}

/** Newest first: ids are made in the order of time. Of one user, or of one team; `roles`: only those with such a limit; `orId`: and this one. */
export async function listApiTokens(
  people: Prisma,
  of: { userId?: number; teamId?: number; roles?: Role[]; orId?: string },
  page: { afterTokenId: string | null; limit: number },
): Promise<ApiToken[]> {
  const { roles, orId, ...exact } = of;
  const limited = { ...exact, ...(roles ? { role: { in: roles } } : {}) };
  const rows = await people.apiToken.findMany({
    where: {
      AND: [orId ? { OR: [limited, { tokenId: orId }] } : limited, page.afterTokenId === null ? {} : { tokenId: { lt: page.afterTokenId } }],
    },
    orderBy: { tokenId: 'desc' },
    take: page.limit,
    select: TOKEN,
  });
  return rows.map(asToken);
}

/** Until the transaction ends it isn't revoked; false when it is. */
export async function holdApiToken(people: Prisma, tokenId: string): Promise<boolean> {
  const held = await people.$queryRaw<
    { live: boolean }[]
  >`/* tokens.hold */ select revoked_at is null as live from api_tokens where token_id = ${tokenId}::uuid for share`;
  return held[0]?.live ?? false;
}

/** With all that were made with it, and with those. Keeps the first revocation's time. How many beside it. */
export async function revokeApiToken(people: Prisma, tokenId: string, now: Date): Promise<number> {
  await people.apiToken.updateMany({ where: { tokenId, revokedAt: null }, data: { revokedAt: now } });
  let more = 0;
  // A statement for each generation: one that was being made is seen only once its maker's revocation is.
  for (let makers = [tokenId]; makers.length > 0; ) {
    const made = await people.apiToken.findMany({ where: { parentId: { in: makers } }, select: { tokenId: true } });
    makers = made.map((token) => token.tokenId);
    const { count } = await people.apiToken.updateMany({ where: { tokenId: { in: makers }, revokedAt: null }, data: { revokedAt: now } });
    more += count;
  }
  return more;
}

const DELETE_EMPTY = sql(`/* teams.delete_empty */
  delete from teams t where t.team_id = $1
     and not exists (select 1 from runs where team_id = $1) and not exists (select 1 from logged_models where team_id = $1)
     and not exists (select 1 from registered_models where team_id = $1) and not exists (select 1 from experiments where team_id = $1 and experiment_id > 0)
  returning t.team_id as "teamId"`);

/** False when the team holds anything beside its empty Default experiment. */
export const deleteEmptyTeam = async (db: Db, teamId: number): Promise<boolean> =>
  (await db.row<{ teamId: number }>(DELETE_EMPTY, [teamId])) !== undefined;
