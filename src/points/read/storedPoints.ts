// Where the points of runs are stored, and reading them: blocks (not compacted yet) and chunks. A distinct point is in one of them, once.

import type { Long } from '../../lib/long.ts';
import { int4Array, int8Array, uuidArray } from '../../postgres/arrays.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import { type Head, unpackHead } from '../codec/blockSummary.ts';
import { type Columns, mergeColumns } from '../codec/columns.ts';
import { type Section, unpack } from '../codec/packing.ts';
import { COARSE, PART } from '../codec/sampling.ts';

/** Part of one key's points. `ends`: first, last, least, greatest. `parts`: the least and greatest of each `every` points. */
export type Chunk = {
  runId: string;
  keyId: number;
  /** Of a block that stands for a chunk, by its head; null: a chunk. `chunkId` is then the block's. */
  txid: Long | null;
  chunkId: Long;
  count: number;
  fromTimestamp: Long;
  toTimestamp: Long;
  /** The order by time is the same as by step. */
  byTime: boolean;
  ends: Columns;
  parts: Columns | null;
  every: number;
  /** Null until loadChunks. */
  points: Columns | null;
};
/** What is stored of one (run, key). `loose`: from blocks without a head, and from chunks of several keys. */
export type Stored = { loose: Columns[]; chunks: Chunk[] };

/** Bounds included; null is open. They spare chunks from being read; what is read may still lie outside. */
export type Bounds = { fromStep?: Long | null; toStep?: Long | null; fromTime?: Long | null; toTime?: Long | null };

/** Chunks of several keys. */
export const SEVERAL_KEYS = 0;
/** `blocks` and `data`: the expressions that say what comes along of blocks and chunks: head or parts, points, and `every`. */
const locate = (blocks: string, data: string) => `
  select run_id as "runId", 0 as "keyId", txid, block_id as "chunkId", count, null::bigint as "fromTimestamp", null::bigint as "toTimestamp",
         false as "byTime", null::bytea as ends, ${blocks}
    from (select *, sum(count) over (partition by run_id) as total from metric_blocks
   where team_id = $1 and run_id = any($2::uuid[])
     and ($6::bigint is null or to_step >= $6::bigint) and ($7::bigint is null or from_step <= $7::bigint)
    ) b
   union all
  select run_id, key_id, null::bigint, chunk_id, count, from_timestamp, to_timestamp, by_time, ends, ${data}
    from (
      select *, sum(count) over (order by run_id, key_id, from_step, chunk_id) - count as before, sum(count) over (partition by run_id, key_id) as total
        from metric_chunks
       where team_id = $1 and run_id = any($2::uuid[]) and key_id = any($3::integer[])
         and (key_id <> ${SEVERAL_KEYS} or (first_key <= $4::integer and last_key >= $5::integer))
         and ($6::bigint is null or to_step >= $6::bigint) and ($7::bigint is null or from_step <= $7::bigint)
         and ($8::bigint is null or to_timestamp >= $8::bigint) and ($9::bigint is null or from_timestamp <= $9::bigint)
    ) c`;

/** The first $10 points come along. */
const LOCATE = sql(
  `/* stored.locate */ ${locate(
    `null::bytea as parts, points, ${PART} as every`,
    `null, case when key_id = ${SEVERAL_KEYS} or before < $10::bigint then points end, ${PART}`,
  )}`,
);
/** What comes along is as fine as $10 stretches of each series ask for. */
const LOCATE_CURVES = sql(
  `/* stored.locate_curves */ ${locate(
    `case when total >= ${PART} * $10::bigint then head end as parts, case when head is null or total < ${PART} * $10::bigint then points end as points, ${PART} as every`,
    `
         case when key_id = ${SEVERAL_KEYS} or total < ${PART} * $10::bigint or total >= 8192 * $10::bigint then null
              when total >= ${COARSE} * $10::bigint then coalesce(coarse, parts) else parts end,
         case when key_id = ${SEVERAL_KEYS} or total < ${PART} * $10::bigint then points end,
         case when total >= ${COARSE} * $10::bigint and coarse is not null then ${COARSE} else ${PART} end`,
  )}`,
);

type Row = Omit<Chunk, 'ends' | 'parts' | 'points'> & {
  ends: Buffer | null;
  parts: Buffer | null;
  points: Buffer | null;
};

export type StoredByRun = Map<string, Map<number, Stored>>;

/** Run id → key → where its points are. `along`: how many points, or for curves how many stretches. */
export async function locatePoints(
  db: Db,
  teamId: number,
  wanted: { runIds: string[]; keyIds: number[]; bounds?: Bounds; along: number; curves?: boolean },
): Promise<StoredByRun> {
  const { runIds, keyIds, bounds = {} } = wanted;
  const rows = await db.rows<Row>(wanted.curves ? LOCATE_CURVES : LOCATE, [
    teamId,
    runIds,
    [SEVERAL_KEYS, ...keyIds],
    Math.max(...keyIds),
    Math.min(...keyIds),
    bounds.fromStep ?? null,
    bounds.toStep ?? null,
    bounds.fromTime ?? null,
    bounds.toTime ?? null,
    wanted.along,
  ]);
  const found: StoredByRun = new Map();
  const storedOf = (runId: string, keyId: number): Stored => {
    const byKey = found.get(runId) ?? new Map<number, Stored>();
    const stored = byKey.get(keyId) ?? { loose: [], chunks: [] };
    found.set(runId, byKey.set(keyId, stored));
    return stored;
  };
  const isWanted = new Set(keyIds);
  for (const row of rows) {
    if (row.keyId === SEVERAL_KEYS && row.points) {
      for (const [keyId, points] of unpack(row.points, isWanted)) storedOf(row.runId, keyId).loose.push(points);
    } else if (row.keyId === SEVERAL_KEYS) {
      for (const [keyId, head] of unpackHead(row.parts!, isWanted)) storedOf(row.runId, keyId).chunks.push(headChunk(row, keyId, head));
    } else storedOf(row.runId, row.keyId).chunks.push(toChunk(row));
  }
  return found;
}

const only = (packed: Buffer | null, keyId: number): Columns | null => (packed ? unpack(packed, new Set([keyId])).get(keyId)! : null);

const toChunk = (row: Row): Chunk => ({
  ...row,
  ends: only(row.ends, row.keyId)!,
  parts: only(row.parts, row.keyId),
  points: only(row.points, row.keyId),
});

function headChunk({ runId, txid, chunkId }: Row, keyId: number, head: Head): Chunk {
  const { timestamps } = head.ends;
  return {
    runId,
    keyId,
    txid,
    chunkId,
    ...head,
    every: PART,
    fromTimestamp: timestamps[0]!,
    toTimestamp: timestamps[1]!,
    byTime: true,
    points: null,
  };
}

const LOAD = sql(`/* stored.load */
  select null::bigint as txid, c.chunk_id as "chunkId", c.points
    from unnest($2::uuid[], $3::integer[], $4::bigint[], $5::bigint[]) as w (run_id, key_id, to_step, chunk_id)
    join metric_chunks c on c.team_id = $1 and c.run_id = w.run_id and c.key_id = w.key_id and c.to_step = w.to_step and c.chunk_id = w.chunk_id
   union all
  select b.txid, b.block_id, b.points
    from unnest($6::uuid[], $7::bigint[], $8::bigint[]) as w (run_id, txid, block_id)
    join metric_blocks b on b.team_id = $1 and b.run_id = w.run_id and b.txid = w.txid and b.block_id = w.block_id`);

/** Compaction replaced a chunk between the statement that found it and the one that reads it. */
class ChunkMoved extends Error {}

/** Fills in the points of these chunks. */
export async function loadChunks(db: Db, teamId: number, chunks: Chunk[]): Promise<void> {
  const missing = chunks.filter((chunk) => !chunk.points);
  if (missing.length === 0) return;
  const chunksAlone = missing.filter((chunk) => chunk.txid === null);
  const blocks = [...new Map(missing.filter((chunk) => chunk.txid !== null).map((chunk) => [chunk.chunkId, chunk])).values()];
  const rows = await db.rows<{ txid: Long | null; chunkId: Long; points: Buffer }>(LOAD, [
    teamId,
    uuidArray(chunksAlone.map((chunk) => chunk.runId)),
    int4Array(chunksAlone.map((chunk) => chunk.keyId)),
    int8Array(chunksAlone.map((chunk) => chunk.ends.steps[1]!)),
    int8Array(chunksAlone.map((chunk) => chunk.chunkId)),
    uuidArray(blocks.map((chunk) => chunk.runId)),
    int8Array(blocks.map((chunk) => chunk.txid!)),
    int8Array(blocks.map((chunk) => chunk.chunkId)),
  ]);
  const placeOf = ({ txid, chunkId }: { txid: Long | null; chunkId: Long }) => `${txid} ${chunkId}`;
  const byPlace = new Map(rows.map((row) => [placeOf(row), row.points]));
  for (const chunk of missing) {
    const packed = byPlace.get(placeOf(chunk));
    if (!packed) throw new ChunkMoved(`chunk ${chunk.chunkId} is no longer there`);
    chunk.points = only(packed, chunk.keyId);
  }
}

const ATTEMPTS = 10;

/** Reads again from the start while compaction gets in between. Each pass of compaction over a run takes much longer than a read. */
export async function undisturbed<R>(read: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ChunkMoved) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Points of a run, and the steps between which it is asked what is stored of their keys. `near`: see latePoints.ts. */
export type Near = { runId: string; sections: readonly Section[]; from: Long; to: Long; near: boolean };

const NEAR = sql(`/* stored.near */
  select b.run_id as "runId", b.points
    from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as w (run_id, from_step, to_step)
    join metric_blocks b on b.team_id = $1 and b.run_id = w.run_id and b.to_step >= w.from_step and b.from_step <= w.to_step
   union all
  select c.run_id, c.points
    from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as w (run_id, from_step, to_step)
   cross join unnest($5::integer[]) as k (key_id)
    join metric_chunks c on c.team_id = $1 and c.run_id = w.run_id and c.key_id = k.key_id and c.to_step >= w.from_step and c.from_step <= w.to_step
     and (c.key_id <> ${SEVERAL_KEYS} or (c.first_key <= $6::integer and c.last_key >= $7::integer))`);

/** Run → key → what is stored of it from the step `from` to the step `to`, and maybe more, in order. */
export async function pointsNear(db: Db, teamId: number, near: readonly Near[]): Promise<Map<string, Map<number, Columns>>> {
  if (near.length === 0) return new Map();
  const wanted = new Map(near.map(({ runId, sections }) => [runId, new Set(sections.map(([keyId]) => keyId))]));
  const keyIds = [...new Set(near.flatMap(({ sections }) => sections.map(([keyId]) => keyId)))];
  const rows = await db.rows<{ runId: string; points: Buffer }>(NEAR, [
    teamId,
    uuidArray(near.map(({ runId }) => runId)),
    int8Array(near.map(({ from }) => from)),
    int8Array(near.map(({ to }) => to)),
    int4Array([SEVERAL_KEYS, ...keyIds]),
    Math.max(...keyIds),
    Math.min(...keyIds),
  ]);
  const parts = new Map<string, Map<number, Columns[]>>(near.map(({ runId }) => [runId, new Map()]));
  for (const { runId, points } of rows) {
    const byKey = parts.get(runId)!;
    for (const [keyId, columns] of unpack(points, wanted.get(runId))) {
      const list = byKey.get(keyId);
      if (list) list.push(columns);
      else byKey.set(keyId, [columns]);
    }
  }
  return new Map([...parts].map(([runId, byKey]) => [runId, new Map([...byKey].map(([keyId, columns]) => [keyId, mergeColumns(columns)]))]));
}
