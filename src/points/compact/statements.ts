// Compaction's statements. Blocks of runs become chunks; what subscribers may still ask for is kept aside. Each is one transaction, so that it can
// be stopped at any moment. Rows are claimed, so that several processes may work at once.

import type { Long } from '../../lib/long.ts';
import { int4Array, int8Array, uuidArray } from '../../postgres/arrays.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Columns } from '../codec/columns.ts';
import { type Section, unpack } from '../codec/packing.ts';
import { SEVERAL_KEYS } from '../read/storedPoints.ts';

/** Blocks and points that wait. */
export type DueRun = { teamId: number; runId: string; blocks: number; points: number };

// Two of the few statements that see several teams: one worker serves them all.
const DUE = sql(`/* compaction.due */
  select team_id as "teamId", run_id as "runId", count(*)::integer as blocks, sum(count)::integer as points from metric_blocks group by team_id, run_id
  having count(*) >= $1::integer or sum(count) >= $2::integer or min(created_at) < now() - make_interval(secs => $3::double precision)
   order by count(*) desc limit $4::integer`);

/** Runs with at least so many blocks or points, or with a block of that age. */
export const runsDue = (db: Db, due: { blocks: number; points: number; ageSeconds: number; limit: number }): Promise<DueRun[]> =>
  db.rows(DUE, [due.blocks, due.points, due.ageSeconds, due.limit]);

const CLAIM = sql(`/* compaction.claim */
  select run_id as "runId", txid, block_id as "blockId", count from metric_blocks where team_id = $1 and run_id = any($2::uuid[])
   order by run_id, txid, block_id limit $3::integer for update skip locked`);
const TAKE = sql(`/* compaction.take */
  with taken as (
    delete from metric_blocks b using unnest($2::uuid[], $3::bigint[], $4::bigint[]) as w (run_id, txid, block_id)
     where b.team_id = $1 and b.run_id = w.run_id and b.txid = w.txid and b.block_id = w.block_id
    returning b.run_id, b.txid, b.block_id, b.count, b.points
  ), kept as (
    insert into metric_recent (team_id, run_id, last_txid, count, txids, sizes, points)
    select $1, run_id, max(txid), sum(count), array_agg(txid order by txid, block_id), array_agg(length(points) order by txid, block_id),
           string_agg(points, ''::bytea order by txid, block_id)
      from taken group by run_id
  )
  select run_id as "runId", points from taken order by run_id, txid, block_id`);

/** Run → what blocks or chunks of it hold, by key. */
export type Taken = Map<string, Map<number, Columns>[]>;

function byRun(rows: { runId: string; points: Buffer }[]): Taken {
  const taken: Taken = new Map();
  for (const { runId, points } of rows) {
    const list = taken.get(runId);
    if (list) list.push(unpack(points));
    else taken.set(runId, [unpack(points)]);
  }
  return taken;
}

/** Takes the oldest blocks of these runs that nobody else has, up to so many blocks and points. `left`: there are more. */
export async function takeBlocks(
  tx: Db,
  teamId: number,
  runIds: string[],
  limit: { blocks: number; points: number },
): Promise<{ blocks: Taken; left: boolean }> {
  const claimed = await tx.rows<{ runId: string; txid: Long; blockId: Long; count: number }>(CLAIM, [teamId, uuidArray(runIds), limit.blocks]);
  let points = 0;
  const some = claimed.filter(({ count }, index) => {
    points += count;
    return index === 0 || points <= limit.points;
  });
  if (some.length === 0) return { blocks: new Map(), left: false };
  const rows = await tx.rows<{ runId: string; points: Buffer }>(TAKE, [
    teamId,
    uuidArray(some.map((block) => block.runId)),
    int8Array(some.map((block) => block.txid)),
    int8Array(some.map((block) => block.blockId)),
  ]);
  return { blocks: byRun(rows), left: some.length < claimed.length || claimed.length === limit.blocks };
}

const NEAR = sql(`/* compaction.near */
  select run_id as "runId", key_id as "keyId", to_step as "toStep", chunk_id as "chunkId", count from (
    select c.run_id, c.key_id, c.to_step, c.chunk_id, c.count
      from unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[]) as r (run_id, first_key, last_key, several)
      join metric_chunks c on c.team_id = $1 and c.run_id = r.run_id and c.key_id = ${SEVERAL_KEYS}
       and c.first_key <= r.last_key and c.last_key >= r.first_key and c.count <= r.several
     union
    select c.run_id, c.key_id, c.to_step, c.chunk_id, c.count
      from unnest($6::uuid[], $7::integer[], $8::bigint[], $9::bigint[]) as k (run_id, key_id, from_step, to_step)
      join metric_chunks c on c.team_id = $1 and c.run_id = k.run_id and c.key_id = k.key_id and c.to_step >= k.from_step and c.from_step <= k.to_step
     union
    select k.run_id, c.key_id, c.to_step, c.chunk_id, c.count
      from unnest($6::uuid[], $7::integer[]) as k (run_id, key_id)
     cross join lateral (
       select key_id, to_step, chunk_id, count from metric_chunks
        where team_id = $1 and run_id = k.run_id and key_id = k.key_id order by to_step desc, chunk_id desc limit 1
     ) c where c.count < $10::integer
  ) c order by count limit $11::integer`);
const REMOVE = sql(`/* compaction.remove */
  with free as (
    select c.run_id, c.key_id, c.to_step, c.chunk_id
      from unnest($2::uuid[], $3::integer[], $4::bigint[], $5::bigint[]) as w (run_id, key_id, to_step, chunk_id)
      join metric_chunks c on c.team_id = $1 and c.run_id = w.run_id and c.key_id = w.key_id and c.to_step = w.to_step and c.chunk_id = w.chunk_id
       for update of c skip locked
  )
  delete from metric_chunks c using free f
   where c.team_id = $1 and c.run_id = f.run_id and c.key_id = f.key_id and c.to_step = f.to_step and c.chunk_id = f.chunk_id
  returning c.run_id as "runId", c.points`);

export type Near = { runId: string; keyId: number; toStep: Long; chunkId: Long; count: number };
/** What one run is to be given. `several`: chunks of several keys with at most so many points are written anew with it. */
export type Fresh = { runId: string; sections: readonly Section[]; several: number };

/**
 * Chunks that are better written anew together with these points. Those of several keys (see Fresh), the last of a key if it holds less than
 * `small`, and those that the points fall into. Smallest first.
 */
export function chunksNear(tx: Db, teamId: number, fresh: Fresh[], most: { small: number; chunks: number }): Promise<Near[]> {
  const keys = fresh.flatMap(({ runId, sections }) => sections.map(([keyId, { steps }]) => ({ runId, keyId, steps })));
  return tx.rows<Near>(NEAR, [
    teamId,
    uuidArray(fresh.map(({ runId }) => runId)),
    int4Array(fresh.map(({ sections }) => sections[0]![0])),
    int4Array(fresh.map(({ sections }) => sections.at(-1)![0])),
    int4Array(fresh.map(({ several }) => several)),
    uuidArray(keys.map(({ runId }) => runId)),
    int4Array(keys.map(({ keyId }) => keyId)),
    int8Array(keys.map(({ steps }) => steps[0]!)),
    int8Array(keys.map(({ steps }) => steps[steps.length - 1]!)),
    most.small,
    most.chunks,
  ]);
}

/** Removes those of these chunks that nobody else is about to, for what they hold. */
export async function takeChunks(tx: Db, teamId: number, chunks: Near[]): Promise<Taken> {
  if (chunks.length === 0) return new Map();
  const rows = await tx.rows<{ runId: string; points: Buffer }>(REMOVE, [
    teamId,
    uuidArray(chunks.map((chunk) => chunk.runId)),
    int4Array(chunks.map((chunk) => chunk.keyId)),
    int8Array(chunks.map((chunk) => chunk.toStep)),
    int8Array(chunks.map((chunk) => chunk.chunkId)),
  ]);
  return byRun(rows);
}

/** `ends`, `parts` and `coarse` only for chunks of one key. */
export type NewChunk = {
  runId: string;
  keyId: number;
  firstKey: number;
  lastKey: number;
  count: number;
  fromStep: Long;
  toStep: Long;
  fromTimestamp: Long;
  toTimestamp: Long;
  byTime: boolean;
  ends: Buffer | null;
  parts: Buffer | null;
  coarse: Buffer | null;
  points: Buffer;
};

// The bytes of all chunks come as one value, each with its ends, parts, coarse parts and points one after the other.
const INSERT = sql(`/* compaction.insert */
  insert into metric_chunks (team_id, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, ends, parts, coarse, points)
  select $1, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time <> 0,
         case when ends > 0 then substring($2::bytea from start for ends) end,
         case when parts > 0 then substring($2::bytea from start + ends for parts) end,
         case when coarse > 0 then substring($2::bytea from start + ends + parts for coarse) end,
         substring($2::bytea from start + ends + parts + coarse for points)
    from unnest($3::uuid[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                $12::integer[], $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::integer[])
         as c (run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, start, ends, parts, coarse, points)`);

export async function insertChunks(tx: Db, teamId: number, chunks: NewChunk[]): Promise<void> {
  let end = 1;
  const starts = chunks.map(({ ends, parts, coarse, points }) => {
    const start = end;
    end += (ends?.length ?? 0) + (parts?.length ?? 0) + (coarse?.length ?? 0) + points.length;
    return start;
  });
  await tx.rows(INSERT, [
    teamId,
    Buffer.concat(chunks.flatMap(({ ends, parts, coarse, points }) => [ends, parts, coarse, points].filter((bytes) => bytes !== null))),
    uuidArray(chunks.map((chunk) => chunk.runId)),
    int4Array(chunks.map((chunk) => chunk.keyId)),
    int4Array(chunks.map((chunk) => chunk.firstKey)),
    int4Array(chunks.map((chunk) => chunk.lastKey)),
    int4Array(chunks.map((chunk) => chunk.count)),
    int8Array(chunks.map((chunk) => chunk.fromStep)),
    int8Array(chunks.map((chunk) => chunk.toStep)),
    int8Array(chunks.map((chunk) => chunk.fromTimestamp)),
    int8Array(chunks.map((chunk) => chunk.toTimestamp)),
    int4Array(chunks.map((chunk) => Number(chunk.byTime))),
    int4Array(starts),
    int4Array(chunks.map((chunk) => chunk.ends?.length ?? 0)),
    int4Array(chunks.map((chunk) => chunk.parts?.length ?? 0)),
    int4Array(chunks.map((chunk) => chunk.coarse?.length ?? 0)),
    int4Array(chunks.map((chunk) => chunk.points.length)),
  ]);
}

// Only what every snapshot taken from now on sees: a cursor taken later than that has missed nothing.
const FORGET = sql(`/* compaction.forget */
  with old as (
    select team_id, run_id, last_txid, recent_id from metric_recent
     where created_at < now() - make_interval(secs => $1::double precision) and last_txid < txid_snapshot_xmin(txid_current_snapshot())
     order by created_at limit $2::integer for update skip locked
  ), gone as (
    delete from metric_recent r using old
     where r.team_id = old.team_id and r.run_id = old.run_id and r.last_txid = old.last_txid and r.recent_id = old.recent_id
    returning r.team_id, r.last_txid
  ), horizons as (
    insert into metric_horizons as h (team_id, txid) select team_id, max(last_txid) from gone group by team_id order by team_id
    on conflict (team_id) do update set txid = greatest(h.txid, excluded.txid)
  )
  select count(*)::integer as count from gone`);

/** Forgets which transaction wrote what compaction took longer ago than this; at most `limit` rows. Returns how many. */
export const forgetRecent = async (db: Db, ageSeconds: number, limit: number): Promise<number> =>
  (await db.row<{ count: number }>(FORGET, [ageSeconds, limit]))!.count;
