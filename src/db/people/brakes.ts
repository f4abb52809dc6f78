// How often something was tried in vain, and from when it may be tried again. One table for all servers; rows end by themselves.
import { type Db, sql } from '../../postgres/pool.ts';

/** `free`: failures without delay; then the delay doubles from `firstMs` to `mostMs`. */
export type Brake = { key: Buffer; free: number; firstMs: number; mostMs: number };

// Two who come at once take turns on the row, so that both are counted. In the order of keys, so that they never wait for each other in a circle.
const TAKE = sql(`/* brakes.take */
  insert into sign_in_brakes as b (key, failures, free_at, expires_at)
  select k.key, 1, case when k.free >= 1 then $5::timestamptz else $5::timestamptz + k.first_ms * interval '1 ms' end, $5::timestamptz + interval '1 hour'
    from unnest($1::bytea[], $2::integer[], $3::float8[], $4::float8[]) as k (key, free, first_ms, most_ms) order by k.key
  on conflict (key) do update set
    failures = case when b.expires_at < $5::timestamptz then 1 else least(b.failures, 1000000) + 1 end,
    free_at = $5::timestamptz + (
      select case when n.failures <= k.free then 0 else least(k.most_ms, k.first_ms * power(2, least(n.failures - k.free - 1, 40))) end
        from unnest($1::bytea[], $2::integer[], $3::float8[], $4::float8[]) as k (key, free, first_ms, most_ms),
             (select case when b.expires_at < $5::timestamptz then 1 else b.failures + 1 end as failures) n
       where k.key = b.key) * interval '1 ms',
    expires_at = $5::timestamptz + interval '1 hour'
  where b.free_at <= $5::timestamptz
  returning key`);
const WAIT = sql('/* brakes.wait */ select max(free_at) as "freeAt" from sign_in_brakes where key = any($1::bytea[])');

/** Counts a try against each, or against none where one is to wait; then says until when. In a transaction of its own. */
export async function takeBrakes(db: Db, brakes: Brake[], now: Date): Promise<Date | null> {
  const column = <K extends keyof Brake>(name: K) => brakes.map((brake) => brake[name]);
  class Waiting extends Error {}
  try {
    await db.tx(async (tx) => {
      const taken = await tx.rows(TAKE, [column('key'), column('free'), column('firstMs'), column('mostMs'), now]);
      if (taken.length < brakes.length) throw new Waiting();
    });
    return null;
  } catch (error) {
    if (!(error instanceof Waiting)) throw error;
    return (await db.row<{ freeAt: Date | null }>(WAIT, [column('key')]))?.freeAt ?? now;
  }
}

const FORGET = sql('/* brakes.forget */ delete from sign_in_brakes where key = any($1::bytea[])');
const UNCOUNT = sql(`/* brakes.uncount */
  update sign_in_brakes set failures = greatest(failures - 1, 0), free_at = $2::timestamptz where key = any($1::bytea[])`);
const KNOW = sql(`/* brakes.know */
  insert into sign_in_brakes (key, failures, free_at, expires_at) values ($1::bytea, 0, $2::timestamptz, $2::timestamptz + interval '90 days')
  on conflict (key) do update set expires_at = excluded.expires_at`);
const CLEAN = sql(`/* brakes.clean */
  delete from sign_in_brakes where key in (select key from sign_in_brakes where expires_at < $1::timestamptz limit 100)`);

/** After a success: `forget` start anew, of `uncount` this try wasn't one, and `know` is remembered for 90 days. Ended rows go. */
export async function releaseBrakes(
  db: Db,
  { forget, uncount, know }: { forget: Buffer[]; uncount: Buffer[]; know: Buffer | null },
  now: Date,
): Promise<void> {
  await db.rows(FORGET, [forget]);
  await db.rows(UNCOUNT, [uncount, now]);
  if (know) await db.rows(KNOW, [know, now]);
  await db.rows(CLEAN, [now]);
}

const KNOWN = sql('/* brakes.known */ select 1 as known from sign_in_brakes where key = $1::bytea and expires_at > $2::timestamptz');
export const isKnown = async (db: Db, key: Buffer, now: Date): Promise<boolean> => (await db.row(KNOWN, [key, now])) !== undefined;
