// Invitations and service accounts as rows. Rules about who may see or change them are in src/domain/{invitations,serviceAccounts}.ts.
import type { Role } from '../../auth/policy.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type Invitation = {
  teamId: number;
  invitationId: string;
  email: string;
  role: Role;
  invitedBy: number | null;
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  acceptedBy: number | null;
  revokedAt: Date | null;
};

const COLUMNS = `team_id as "teamId", invitation_id as "invitationId", email, role, invited_by as "invitedBy", created_at as "createdAt",
  expires_at as "expiresAt", accepted_at as "acceptedAt", accepted_by as "acceptedBy", revoked_at as "revokedAt"`;

const INSERT = sql(`/* invitations.insert */
  insert into invitations (team_id, invitation_id, token_hash, email, role, invited_by, created_at, expires_at)
  values ($1, $2::uuid, $3::bytea, $4, $5, $6, $7::timestamptz, $8::timestamptz) returning ${COLUMNS}`);
export type NewInvitation = Pick<Invitation, 'invitationId' | 'email' | 'role' | 'createdAt' | 'expiresAt'> & {
  tokenHash: Buffer;
  invitedBy: number;
};

export async function insertInvitation(tx: Db, teamId: number, made: NewInvitation): Promise<Invitation> {
  const { invitationId, tokenHash, email, role, invitedBy, createdAt, expiresAt } = made;
  return (await tx.row<Invitation>(INSERT, [teamId, invitationId, tokenHash, email, role, invitedBy, createdAt, expiresAt]))!;
}

const LIST = sql(`/* invitations.list */
  select ${COLUMNS} from invitations where team_id = $1 and ($2::uuid is null or invitation_id < $2::uuid) order by invitation_id desc limit $3`);

/** Newest first: ids are made in the order of time. */
export const listInvitationRows = (db: Db, teamId: number, page: { after: string | null; limit: number }): Promise<Invitation[]> =>
  db.rows(LIST, [teamId, page.after, page.limit]);

const BY_ID = sql(`/* invitations.by_id */ select ${COLUMNS} from invitations where team_id = $1 and invitation_id = $2::uuid`);
export const findInvitation = (db: Db, teamId: number, invitationId: string): Promise<Invitation | undefined> =>
  db.row(BY_ID, [teamId, invitationId]);

// By the hash of a secret, before anything is known of the team.
const OPEN = `i.token_hash = $1::bytea and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2::timestamptz`;
const FIND_OPEN = sql(`/* invitations.find_open */
  select ${COLUMNS}, (select slug from teams t where t.team_id = i.team_id) as "teamSlug" from invitations i where ${OPEN}`);
const TAKE = sql(
  `/* invitations.take */ update invitations i set accepted_at = $2::timestamptz, accepted_by = $3::integer where ${OPEN} returning ${COLUMNS}`,
);

/** Undefined when it is unknown, used, revoked or expired. */
export const findOpenInvitation = (db: Db, tokenHash: Buffer, now: Date): Promise<(Invitation & { teamSlug: string }) | undefined> =>
  db.row(FIND_OPEN, [tokenHash, now]);
/** Uses it up: of two who come at once, one gets it. */
export const takeInvitation = (tx: Db, tokenHash: Buffer, now: Date, userId: number): Promise<Invitation | undefined> =>
  tx.row(TAKE, [tokenHash, now, userId]);

const REVOKE = sql(`/* invitations.revoke */
  update invitations set revoked_at = $3::timestamptz where team_id = $1 and invitation_id = $2::uuid and revoked_at is null and accepted_at is null
  returning ${COLUMNS}`);
/** Undefined when it was accepted or revoked before. */
export const revokeInvitationRow = (tx: Db, teamId: number, invitationId: string, now: Date): Promise<Invitation | undefined> =>
  tx.row(REVOKE, [teamId, invitationId, now]);

const ADD_PERSON = sql(`/* users.add_person */
  insert into users (email, name, password_hash) values ($1, $2, $3) on conflict do nothing returning user_id as "userId"`);
/** Undefined when the address is known. */
export const insertPerson = (tx: Db, email: string, name: string, passwordHash: string): Promise<{ userId: number } | undefined> =>
  tx.row(ADD_PERSON, [email, name, passwordHash]);

const JOIN = sql(`/* members.join */
  insert into memberships (team_id, user_id, role) values ($1, $2, $3) on conflict do nothing returning user_id as "userId"`);
/** False when the user is a member already. */
export const joinTeam = async (tx: Db, teamId: number, userId: number, role: Role): Promise<boolean> =>
  (await tx.row(JOIN, [teamId, userId, role])) !== undefined;

// Service accounts -----------------------------------------------------------------------------------------------------------

export type ServiceAccount = { teamId: number; userId: number; name: string; email: string; role: Role; createdAt: Date; disabledAt: Date | null };

const ACCOUNT = `u.team_id as "teamId", u.user_id as "userId", u.name, u.email, m.role, u.created_at as "createdAt", u.disabled_at as "disabledAt"`;
const ACCOUNTS = `from users u join memberships m on m.team_id = u.team_id and m.user_id = u.user_id
   where u.team_id = $1 and u.kind = 'SERVICE_ACCOUNT'`;

const ADD_ACCOUNT = sql(`/* service_accounts.insert */
  insert into users (email, name, kind, team_id) values ($2, $3, 'SERVICE_ACCOUNT', $1) on conflict do nothing returning user_id as "userId"`);
/** Undefined when the team has the name. */
export async function insertServiceAccount(tx: Db, teamId: number, made: { email: string; name: string; role: Role }): Promise<number | undefined> {
  const user = await tx.row<{ userId: number }>(ADD_ACCOUNT, [teamId, made.email, made.name]);
  if (user) await joinTeam(tx, teamId, user.userId, made.role);
  return user?.userId;
}

const LIST_ACCOUNTS = sql(`/* service_accounts.list */
  select ${ACCOUNT} ${ACCOUNTS} and ($2::integer is null or u.user_id > $2::integer) order by u.user_id limit $3`);
const BY_USER_IDS = sql(`/* service_accounts.by_user_ids */ select ${ACCOUNT} ${ACCOUNTS} and u.user_id = any($2::integer[])`);
const DISABLE = sql(`/* service_accounts.disable */
  update users set disabled_at = case when $3 then coalesce(disabled_at, $4::timestamptz) end
   where team_id = $1 and user_id = $2 and kind = 'SERVICE_ACCOUNT' returning user_id`);

/** In the order of their numbers. */
export const listServiceAccountRows = (db: Db, teamId: number, page: { afterUserId: number | null; limit: number }): Promise<ServiceAccount[]> =>
  db.rows(LIST_ACCOUNTS, [teamId, page.afterUserId, page.limit]);
export const findServiceAccounts = (db: Db, teamId: number, userIds: number[]): Promise<ServiceAccount[]> => db.rows(BY_USER_IDS, [teamId, userIds]);
export async function setServiceAccountDisabled(tx: Db, teamId: number, userId: number, disabled: boolean, now: Date): Promise<void> {
  await tx.rows(DISABLE, [teamId, userId, disabled, now]);
}
