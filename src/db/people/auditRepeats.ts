// Refusals that repeat. The first of its kind in an hour is an entry of the audit log; the rest are counted here until the hour is over.
import { type Db, sql } from '../../postgres/pool.ts';

// 0 repeats: this one is the first. A row of a past hour is flushed before.
const COUNT = sql(`/* auditRepeats.count */
  insert into audit_repeats as r (key, team_id, hour, entry) values ($1::bytea, $2::integer, date_trunc('hour', $3::timestamptz), $4::jsonb)
  on conflict (key) do update set repeats = r.repeats + 1
  returning repeats`);

/** How many there were in this hour before. */
export const countRepeat = async (db: Db, key: Buffer, teamId: number | null, now: Date, entry: object): Promise<number> =>
  (await db.row<{ repeats: number }>(COUNT, [key, teamId, now, JSON.stringify(entry)]))!.repeats;

const TAKE = sql(`/* auditRepeats.take */
  delete from audit_repeats where key in (
    select key from audit_repeats where hour < date_trunc('hour', $1::timestamptz) and ($2::bytea is null or key = $2::bytea)
     order by key limit 500 for update skip locked)
  returning team_id as "teamId", hour, repeats, entry`);

export type Repeats = { teamId: number | null; hour: Date; repeats: number; entry: Record<string, unknown> };
/** Of hours that are over, each given once; `key`: this one alone. */
export const takeRepeats = (db: Db, now: Date, key: Buffer | null): Promise<Repeats[]> => db.rows(TAKE, [now, key]);
