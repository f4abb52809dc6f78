// Seals of the audit log as rows: what waits for one, the end of a team's chain, and the chain with its entries for whoever verifies it.
import { type Db, sql } from '../../postgres/pool.ts';

/** An entry as it is sealed: every column, as Postgres prints it. */
export type SealedEntry = { entryId: string; facts: string };
export type Link = { number: string; entryId: string; keyId: Buffer; seal: Buffer; facts: string | null };

// As JSON made of texts, so that it reads the same whatever the session's settings: times in microseconds, documents as they are stored.
const FACTS = `jsonb_build_array(a.entry_id::text, a.team_id::text, ((extract(epoch from a.at) * 1000000)::bigint)::text, a.actor_id::text, a.actor,
  a.token_id::text, a.address, a.user_agent, a.request_id, a.action, a.target, a.before::text, a.after::text)::text`;

const TEAMS = sql('/* audit_seals.teams */ select distinct team_id as "teamId" from audit_unsealed limit 1000');
const LOCK = sql("/* audit_seals.lock */ select pg_advisory_xact_lock(hashtext('runledger audit seals'), $1::int)");
const LAST = sql(`/* audit_seals.last */
  select s.number::text, s.seal from audit_seals s where coalesce(s.team_id, 0) = coalesce($1::int, 0) order by s.number desc limit 1`);
const WAITING = sql(`/* audit_seals.waiting */
  select u.entry_id::text as "entryId", ${FACTS} as facts from audit_unsealed u join audit_log a on a.entry_id = u.entry_id
  where u.team_id is not distinct from $1::int order by u.entry_id limit $2::int`);
const ADD = sql(`/* audit_seals.add */
  with done as (delete from audit_unsealed where entry_id = any($1::bigint[]))
  insert into audit_seals (entry_id, team_id, number, key_id, seal)
  select e, $2::int, n, $3, s from unnest($1::bigint[], $4::bigint[], $5::bytea[]) t (e, n, s)`);
const CHAIN = sql(`/* audit_seals.chain */
  select s.number::text, s.entry_id::text as "entryId", s.key_id as "keyId", s.seal, case when a.entry_id is not null then ${FACTS} end as facts
  from audit_seals s left join audit_log a on a.entry_id = s.entry_id
  where coalesce(s.team_id, 0) = coalesce($1::int, 0) and s.number > $2::bigint order by s.number limit $3::int`);
const CHAINS = sql(`/* audit_seals.chains */
  select c.team_id as "teamId", case when c.team_id is null then '(server)' else coalesce(t.slug, 'team ' || c.team_id) end as name
  from (select team_id from audit_log union select team_id from audit_seals) c left join teams t on t.team_id = c.team_id
  order by c.team_id nulls first`);
const OUTSIDE = sql(`/* audit_seals.outside */
  select a.entry_id::text as "entryId" from audit_log a
  where a.team_id is not distinct from $1::int and not exists (select 1 from audit_seals s where s.entry_id = a.entry_id)
    and not exists (select 1 from audit_unsealed u where u.entry_id = a.entry_id) order by a.entry_id limit 10`);

export const teamsToSeal = async (db: Db): Promise<(number | null)[]> =>
  (await db.rows<{ teamId: number | null }>(TEAMS)).map(({ teamId }) => teamId);

/** Until the transaction ends, nobody else seals entries of the team. */
export const lockChain = async (tx: Db, teamId: number | null): Promise<void> => {
  await tx.rows(LOCK, [teamId ?? 0]);
};

export const lastSeal = (tx: Db, teamId: number | null): Promise<{ number: string; seal: Buffer } | undefined> => tx.row(LAST, [teamId]);

/** Oldest first. */
export const waitingForSeal = (tx: Db, teamId: number | null, limit: number): Promise<SealedEntry[]> => tx.rows(WAITING, [teamId, limit]);

export const addSeals = async (
  tx: Db,
  teamId: number | null,
  keyId: Buffer,
  seals: { entryId: string; number: bigint; seal: Buffer }[],
): Promise<void> => {
  const columns = [seals.map((one) => one.entryId), seals.map(({ number }) => String(number)), seals.map(({ seal }) => seal)];
  await tx.rows(ADD, [columns[0], teamId, keyId, columns[1], columns[2]]);
};

/** In the order of the chain, behind the link `after`. `facts` null: the entry is gone. */
export const chainAfter = (db: Db, teamId: number | null, after: string, limit: number): Promise<Link[]> => db.rows(CHAIN, [teamId, after, limit]);

/** Who has entries or seals: teams by slug, and `(server)`, whose number is null. */
export const chains = (db: Db): Promise<{ teamId: number | null; name: string }[]> => db.rows(CHAINS);

/** The first entries that neither have a seal nor wait for one. */
export const entriesOutside = async (db: Db, teamId: number | null): Promise<string[]> =>
  (await db.rows<{ entryId: string }>(OUTSIDE, [teamId])).map(({ entryId }) => entryId);
