// Compaction's statements: a run's blocks become chunks, and what subscribers may still ask for is kept aside. One transaction each time, so that
// it can be stopped at any moment; rows are claimed, so that several processes may do it at once.
import type { Columns } from '../codec/columns.ts';
import { type Section, unpack } from '../codec/points.ts';
import { int4Array, int8Array } from './binary.ts';
import { type Db, type Long, sql } from './pool.ts';
import { SEVERAL_KEYS } from './stored.ts';

export type RunOfTeam = { teamId: number; runId: string };

// Two of the few statements that see several teams: one worker serves them all.
const DUE = sql(`/* compaction.due */
  select team_id as "teamId", run_id as "runId" from metric_blocks group by team_id, run_id
  having count(*) >= $1::integer or sum(count) >= $2::integer or min(created_at) < now() - make_interval(secs => $3::double precision)
   order by count(*) desc limit $4::integer`);

/** Runs with at least so many blocks or points, or with a block of that age. */
export const runsDue = (db: Db, due: { blocks: number; points: number; ageSeconds: number; limit: number }): Promise<RunOfTeam[]> =>
  db.rows(DUE, [due.blocks, due.points, due.ageSeconds, due.limit]);

const CLAIM = sql(`/* compaction.claim */
  select txid, block_id as "blockId", count from metric_blocks where team_id = $1 and run_id = $2::uuid
   order by txid, block_id limit $3::integer for update skip locked`);
const TAKE = sql(`/* compaction.take */
  with taken as (
    delete from metric_blocks b using unnest($3::bigint[], $4::bigint[]) as w (txid, block_id)
     where b.team_id = $1 and b.run_id = $2::uuid and b.txid = w.txid and b.block_id = w.block_id
    returning b.txid, b.block_id, b.count, b.points
  ), kept as (
    insert into metric_recent (team_id, run_id, last_txid, count, txids, sizes, points)
    select $1, $2::uuid, max(txid), sum(count), array_agg(txid order by txid, block_id), array_agg(length(points) order by txid, block_id),
           string_agg(points, ''::bytea order by txid, block_id)
      from taken having count(*) > 0
  )
  select points from taken order by txid, block_id`);

/** Takes the oldest blocks of a run that nobody else has, up to so many blocks and points. `left`: there are more. */
export async function takeBlocks(
  tx: Db,
  { teamId, runId }: RunOfTeam,
  limit: { blocks: number; points: number },
): Promise<{ blocks: Map<number, Columns>[]; left: boolean }> {
  const claimed = await tx.rows<{ txid: Long; blockId: Long; count: number }>(CLAIM, [teamId, runId, limit.blocks]);
  let points = 0;
  const some = claimed.filter(({ count }, index) => {
    points += count;
    return index === 0 || points <= limit.points;
  });
  if (some.length === 0) return { blocks: [], left: false };
  const values = [teamId, runId, int8Array(some.map((block) => block.txid)), int8Array(some.map((block) => block.blockId))];
  const rows = await tx.rows<{ points: Buffer }>(TAKE, values);
  return { blocks: rows.map((row) => unpack(row.points)), left: some.length < claimed.length || claimed.length === limit.blocks };
}

const NEAR = sql(`/* compaction.near */
  select key_id as "keyId", to_step as "toStep", chunk_id as "chunkId", count from (
    select key_id, to_step, chunk_id, count from metric_chunks
     where team_id = $1 and run_id = $2::uuid and key_id = ${SEVERAL_KEYS} and first_key <= $3::integer and last_key >= $4::integer and count <= $5::integer
     union
    select c.key_id, c.to_step, c.chunk_id, c.count
      from unnest($6::integer[], $7::bigint[], $8::bigint[]) as k (key_id, from_step, to_step)
      join metric_chunks c on c.team_id = $1 and c.run_id = $2::uuid and c.key_id = k.key_id and c.to_step >= k.from_step and c.from_step <= k.to_step
     union
    select c.key_id, c.to_step, c.chunk_id, c.count
      from unnest($6::integer[]) as k (key_id)
     cross join lateral (
       select key_id, to_step, chunk_id, count from metric_chunks
        where team_id = $1 and run_id = $2::uuid and key_id = k.key_id order by to_step desc, chunk_id desc limit 1
     ) c where c.count < $9::integer
  ) c order by count limit $10::integer`);
const REMOVE = sql(`/* compaction.remove */
  with free as (
    select c.key_id, c.to_step, c.chunk_id
      from unnest($3::integer[], $4::bigint[], $5::bigint[]) as w (key_id, to_step, chunk_id)
      join metric_chunks c on c.team_id = $1 and c.run_id = $2::uuid and c.key_id = w.key_id and c.to_step = w.to_step and c.chunk_id = w.chunk_id
       for update of c skip locked
  )
  delete from metric_chunks c using free f
   where c.team_id = $1 and c.run_id = $2::uuid and c.key_id = f.key_id and c.to_step = f.to_step and c.chunk_id = f.chunk_id
  returning c.points`);

export type Near = { keyId: number; toStep: Long; chunkId: Long; count: number };

/**
 * Chunks of a run that are better written anew together with these points: those of several keys that hold at most `several` points, the last
 * of a key if it holds less than `small`, and those that the points fall into. Smallest first.
 */
export function chunksNear(
  tx: Db,
  { teamId, runId }: RunOfTeam,
  sections: readonly Section[],
  most: { several: number; small: number; chunks: number },
): Promise<Near[]> {
  const keyIds = sections.map(([keyId]) => keyId);
  return tx.rows<Near>(NEAR, [
    teamId,
    runId,
    keyIds.at(-1),
    keyIds[0],
    most.several,
    int4Array(keyIds),
    int8Array(sections.map(([, points]) => points.steps[0]!)),
    int8Array(sections.map(([, points]) => points.steps[points.steps.length - 1]!)),
    most.small,
    most.chunks,
  ]);
}

/** Removes those of these chunks that nobody else is about to, for what they hold. */
export async function takeChunks(tx: Db, { teamId, runId }: RunOfTeam, chunks: Near[]): Promise<Map<number, Columns>[]> {
  if (chunks.length === 0) return [];
  const rows = await tx.rows<{ points: Buffer }>(REMOVE, [
    teamId,
    runId,
    int4Array(chunks.map((chunk) => chunk.keyId)),
    int8Array(chunks.map((chunk) => chunk.toStep)),
    int8Array(chunks.map((chunk) => chunk.chunkId)),
  ]);
  return rows.map((row) => unpack(row.points));
}

/** `ends` and `parts` only for chunks of one key. */
export type NewChunk = {
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
  points: Buffer;
};

const INSERT = sql(`/* compaction.insert */
  insert into metric_chunks (team_id, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, ends, parts, points)
  values ($1, $2::uuid, $3, $4, $5, $6, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11, $12::bytea, $13::bytea, $14::bytea)`);

export async function insertChunk(tx: Db, { teamId, runId }: RunOfTeam, chunk: NewChunk): Promise<void> {
  await tx.rows(INSERT, [
    teamId,
    runId,
    chunk.keyId,
    chunk.firstKey,
    chunk.lastKey,
    chunk.count,
    chunk.fromStep,
    chunk.toStep,
    chunk.fromTimestamp,
    chunk.toTimestamp,
    chunk.byTime,
    chunk.ends,
    chunk.parts,
    chunk.points,
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
