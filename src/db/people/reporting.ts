// Database roles for BI tools, one a team. Each may ask the views of the schema `reporting` (migration 0007), and sees its team's rows there.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { isFault } from '../../lib/faults.ts';
import { type Db, dynamicSql, sql } from '../../postgres/pool.ts';

export type ReportingRole = { roleName: string; database: string; port: number | null };

const FIND = sql(`/* reporting.find_role */
  select t.role_name as "roleName", current_database() as database, inet_server_port() as port
    from reporting.team_roles t join pg_roles r on r.rolname = t.role_name where t.team_id = $1`);
/** Undefined when the team has none, or it is gone from the database server (a backup brings back tables, not roles). */
export const findReportingRole = (db: Db, teamId: number): Promise<ReportingRole | undefined> => db.row(FIND, [teamId]);

const LOCK = sql(`/* reporting.lock_team */ select 1 from teams where team_id = $1 for no key update`);
const MAP = sql(`/* reporting.map_role */
  insert into reporting.team_roles (team_id, role_name) values ($1, $2)
  on conflict (team_id) do update set role_name = excluded.role_name, created_at = now()`);
const UNMAP = sql(`/* reporting.unmap_role */ delete from reporting.team_roles where team_id = $1`);

/** All databases of a server share its roles, and everybody sees them. So a role's name tells of no team, and can't meet another's. */
const newName = () => `runledger_reporting_${randomBytes(6).toString('hex')}`;
/** Defaults for whoever forgets them; a session may raise the time. The wall is made of grants, not of these. */
const SETTINGS = [`statement_timeout = '60s'`, 'default_transaction_read_only = on', 'search_path = reporting'];
const CONNECTIONS = 10;

/** What Postgres stores of a password (RFC 5802): sent instead of the password, which so reaches no log of statements. */
function scramVerifier(password: string, iterations = 4096): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyed = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}

/** Makes the team's role, or gives the one there is another password. Within a transaction; those of the same team take turns. */
export async function putReportingRole(tx: Db, teamId: number, password: string): Promise<ReportingRole> {
  await tx.rows(LOCK, [teamId]);
  const verifier = scramVerifier(password);
  const known = await findReportingRole(tx, teamId);
  const name = known?.roleName ?? newName();
  // Both texts are made here, of letters that need no quoting.
  const verb = known ? 'alter' : 'create';
  await tx.rows(dynamicSql(`/* reporting.${verb}_role */ ${verb} role ${name} login password '${verifier}' connection limit ${CONNECTIONS}`));
  if (!known) {
    for (const setting of SETTINGS) await tx.rows(dynamicSql(`/* reporting.set_role */ alter role ${name} set ${setting}`));
    await tx.rows(MAP, [teamId, name]);
  }
  return (await findReportingRole(tx, teamId))!;
}

/** The role that the team had: nobody signs in as it any more, and open sessions find nothing. Undefined when there was none. */
export async function retireReportingRole(tx: Db, teamId: number): Promise<string | undefined> {
  await tx.rows(LOCK, [teamId]);
  const known = await findReportingRole(tx, teamId);
  await tx.rows(UNMAP, [teamId]);
  if (known) await tx.rows(dynamicSql(`/* reporting.retire_role */ alter role ${known.roleName} nologin password null`));
  return known?.roleName;
}

/** Removes a retired role. One whose open session still holds a temporary object is left: it can do nothing. */
export async function dropRetiredRole(db: Db, roleName: string): Promise<void> {
  await db.rows(dynamicSql(`/* reporting.drop_role */ drop role if exists ${roleName}`)).catch((error: unknown) => {
    if (!isFault(error, 'held')) throw error;
  });
}
