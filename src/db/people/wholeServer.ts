// Users and teams as the server's administrator sees them, and what removing them takes away. Nothing here reads a team's runs, models or files.

import type { Role } from '../../auth/policy.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type ServerUser = {
  userId: number;
  email: string;
  name: string;
  isAdmin: boolean;
  disabledAt: Date | null;
  createdAt: Date;
  /** When a session or token of theirs was last used. */
  lastSeenAt: Date | null;
  teams: { slug: string; role: Role }[];
};

// `search` is part of the address or name.
const SEARCH = `u.kind = 'USER' and u.removed_at is null
   and ($1::text is null or strpos(lower(u.email), lower($1::text)) > 0 or strpos(lower(u.name), lower($1::text)) > 0)`;
const USERS = sql(`/* server.users */
  select u.user_id as "userId", u.email, u.name, u.is_admin as "isAdmin", u.disabled_at as "disabledAt", u.created_at as "createdAt",
         greatest((select max(s.used_at) from sessions s where s.user_id = u.user_id),
                  (select max(a.last_used_at) from api_tokens a where a.user_id = u.user_id)) as "lastSeenAt",
         coalesce((select json_agg(json_build_object('slug', t.slug, 'role', m.role) order by t.slug)
                     from memberships m join teams t on t.team_id = m.team_id where m.user_id = u.user_id), '[]') as teams
    from users u where ${SEARCH} and u.user_id > coalesce($2::integer, 0) order by u.user_id limit $3::integer`);
const COUNT_USERS = sql(`/* server.count_users */ select count(*)::integer as count from users u where ${SEARCH}`);

/** In the order of their numbers. */
export const listServerUsers = (db: Db, search: string | null, page: { after: number | null; limit: number }): Promise<ServerUser[]> =>
  db.rows(USERS, [search, page.after, page.limit]);
export const countServerUsers = async (db: Db, search: string | null): Promise<number> =>
  (await db.row<{ count: number }>(COUNT_USERS, [search]))!.count;

export type ServerTeam = { teamId: number; slug: string; name: string; createdAt: Date; members: number; admins: number; programs: number };
const LIVE_ADMIN = `(select count(*)::integer from memberships m join users u on u.user_id = m.user_id
   where m.team_id = t.team_id and u.kind = 'USER' and u.disabled_at is null and m.role = 'ADMIN')`;
const TEAMS = sql(`/* server.teams */
  select t.team_id as "teamId", t.slug, t.name, t.created_at as "createdAt", ${LIVE_ADMIN} as admins,
         (select count(*)::integer from memberships m join users u on u.user_id = m.user_id where m.team_id = t.team_id and u.kind = 'USER') as members,
         (select count(*)::integer from users u where u.team_id = t.team_id and u.kind = 'SERVICE_ACCOUNT') as programs
    from teams t
   where t.removed_at is null and ($1::text[] is null or t.slug = any($1::text[])) and t.team_id > coalesce($2::integer, 0) order by t.team_id limit $3::integer`);
const COUNT_TEAMS = sql('/* server.count_teams */ select count(*)::integer as count from teams where removed_at is null');

/** In the order of their numbers; `slugs`: these alone. */
export const listServerTeams = (db: Db, slugs: string[] | null, page: { after: number | null; limit: number }): Promise<ServerTeam[]> =>
  db.rows(TEAMS, [slugs, page.after, page.limit]);
export const countServerTeams = async (db: Db): Promise<number> => (await db.row<{ count: number }>(COUNT_TEAMS, []))!.count;

// Removing a person ------------------------------------------------------------------------------------------------------------

const REMOVE_USER = sql(`/* server.remove_user */
  update users set removed_at = $2::timestamptz, disabled_at = coalesce(disabled_at, $2::timestamptz), password_hash = null, is_admin = false,
         email = email || '#removed-' || user_id
   where user_id = $1::integer and kind = 'USER' and removed_at is null returning user_id as "userId"`);
const LEAVE_TEAMS = sql(`/* server.leave_teams */
  with gone as (delete from memberships where user_id = $1::integer returning team_id, role)
  select g.team_id as "teamId", t.slug, g.role from gone g join teams t on t.team_id = g.team_id order by g.team_id`);
const END_SESSIONS = sql('/* server.end_sessions */ delete from sessions where user_id = $1::integer');
const END_LINKS = sql('/* server.end_links */ delete from sign_in_links where user_id = $1::integer');
const END_TOKENS = sql(`/* server.end_tokens */
  update api_tokens set revoked_at = $2::timestamptz where user_id = $1::integer and revoked_at is null returning token_id as "tokenId"`);

/** The row stays, since runs and versions name it; its address is free again. The teams that it was in, or undefined when it is gone already. */
export async function removeUserRow(tx: Db, userId: number, now: Date): Promise<{ teamId: number; slug: string; role: Role }[] | undefined> {
  if (!(await tx.row(REMOVE_USER, [userId, now]))) return undefined;
  await tx.rows(END_SESSIONS, [userId]);
  await tx.rows(END_LINKS, [userId]);
  await tx.rows(END_TOKENS, [userId, now]);
  return tx.rows(LEAVE_TEAMS, [userId]);
}

// Removing a team --------------------------------------------------------------------------------------------------------------

const HOLDS = sql(`/* server.team_holds */
  select (select count(*) from runs where team_id = $1::integer) as runs, (select count(*) from experiments where team_id = $1::integer and experiment_id > 0) as experiments,
         (select count(*) from logged_models where team_id = $1::integer) as "loggedModels", (select count(*) from registered_models where team_id = $1::integer) as "registeredModels",
         (select coalesce(sum(count), 0)::bigint from run_metrics where team_id = $1::integer) as points`);
export type TeamHolds = Record<'runs' | 'experiments' | 'loggedModels' | 'registeredModels' | 'points', number | bigint>;
export const whatTeamHolds = async (db: Db, teamId: number): Promise<TeamHolds> => (await db.row<TeamHolds>(HOLDS, [teamId]))!;

const MARK = sql(`/* server.mark_team */
  update teams set removed_at = $2::timestamptz, slug = slug || '~' || team_id where team_id = $1::integer and removed_at is null returning team_id as "teamId"`);
// Whoever could reach it can't any more: people, programs, tokens, invitations.
const SHUT = [
  sql('/* server.shut_members */ delete from memberships where team_id = $1::integer'),
  sql('/* server.shut_tokens */ update api_tokens set revoked_at = coalesce(revoked_at, now()) where team_id = $1::integer'),
  sql('/* server.shut_programs */ update users set disabled_at = coalesce(disabled_at, now()) where team_id = $1::integer'),
  sql('/* server.shut_invitations */ update invitations set revoked_at = coalesce(revoked_at, now()) where team_id = $1::integer'),
  sql('/* server.shut_webhooks */ delete from webhooks where team_id = $1::integer'),
];

/** False when somebody else has removed it. */
export async function removeTeamRow(tx: Db, teamId: number, now: Date): Promise<boolean> {
  if (!(await tx.row(MARK, [teamId, now]))) return false;
  for (const statement of SHUT) await tx.rows(statement, [teamId]);
  return true;
}

const REMOVED = sql('/* server.removed_teams */ select team_id as "teamId" from teams where removed_at is not null order by team_id');
export const listRemovedTeams = async (db: Db): Promise<number[]> => (await db.rows<{ teamId: number }>(REMOVED, [])).map(({ teamId }) => teamId);

// So that nothing is kept for a version's sake, and all is old enough. Long before now, since clocks differ.
const RELEASE = [
  sql('/* server.release_models */ delete from registered_models where team_id = $1::integer'),
  sql(`/* server.release_experiments */
    update experiments set deleted_at = now() - interval '1 day' where team_id = $1::integer and experiment_id > 0 and (deleted_at is null or deleted_at > now() - interval '1 day')`),
  sql(`/* server.release_runs */
    update runs set deleted_at = now() - interval '1 day' where team_id = $1::integer and (deleted_at is null or deleted_at > now() - interval '1 day')`),
  sql(`/* server.release_logged_models */
    update logged_models set deleted_at = now() - interval '1 day' where team_id = $1::integer and (deleted_at is null or deleted_at > now() - interval '1 day')`),
];
export async function releaseTeamData(db: Db, teamId: number): Promise<void> {
  for (const statement of RELEASE) await db.rows(statement, [teamId]);
}

const DROP = sql(`/* server.drop_team */
  delete from teams t where t.team_id = $1::integer and t.removed_at is not null
     and not exists (select 1 from runs where team_id = $1::integer) and not exists (select 1 from purges where team_id = $1::integer)
  returning t.team_id as "teamId"`);
/** The row, with what hangs on it, once no run and no note of one is left. */
export const dropRemovedTeam = async (db: Db, teamId: number): Promise<boolean> => (await db.row(DROP, [teamId])) !== undefined;
