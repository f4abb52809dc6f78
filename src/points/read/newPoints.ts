// What was committed since a snapshot: blocks remember their transaction, and what compaction took of late is kept with it (metric_recent).

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import { comparePoints } from '../codec/columns.ts';
import { unpack } from '../codec/packing.ts';
import { type Point, pointAt } from './history.ts';

/** A point with where it belongs. */
export type SeriesPoint = Point & { runId: string; keyId: number };

const SNAPSHOT = sql('/* newPoints.snapshot */ select pg_current_snapshot()::text as snapshot');

/** What is committed now, as text: a cursor after which "new" is exact, whatever order transactions commit in. */
export async function currentSnapshot(db: Db): Promise<string> {
  return (await db.row<{ snapshot: string }>(SNAPSHOT))!.snapshot;
}

/** Postgres's form: transactions below `xmin` have ended, those from `xmax` on had not begun, those listed were under way. */
function visibleIn(snapshot: string): { xmin: Long; sees: (txid: Long) => boolean } {
  const [xmin, xmax, listed] = snapshot.split(':');
  const long = (text: string): Long => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text));
  const underWay = new Set((listed ? listed.split(',') : []).map(long));
  const [first, end] = [long(xmin!), long(xmax!)];
  return { xmin: first, sees: (txid) => txid < first || (txid < end && !underWay.has(txid)) };
}

// A long backlog is told by its size alone: its points don't come along.
const NEW_BLOCKS = sql(`/* newPoints.blocks */
  with found as (
    select run_id, array[txid] as txids, array[length(points)] as sizes, count, points
      from metric_blocks where team_id = $1 and run_id = any($2::uuid[]) and txid >= $3::bigint
     union all
    select run_id, txids, sizes, count, points
      from metric_recent where team_id = $1 and run_id = any($2::uuid[]) and last_txid >= $3::bigint
  ), sized as (
    select *, sum(count) over () as total from found
  )
  select run_id as "runId", txids, sizes, case when total <= $4::bigint then points end as points,
         (select txid from metric_horizons where team_id = $1) as horizon
    from sized
   union all
  select null, null, null, null, (select txid from metric_horizons where team_id = $1) where not exists (select 1 from sized)`);

type BlockRow = { runId: string | null; txids: Long[]; sizes: number[]; points: Buffer | null; horizon: Long | null };
/** Blocks hold all keys of a run, so that many more points may be read than are asked for. */
const READ_FOR_EACH = 10;

/**
 * Points committed after `since` and up to `until` (both from currentSnapshot), by run, key and point. 'gone': some of them are no longer told
 * apart from older ones. 'too many': more than `limit`.
 */
export async function pointsBetweenSnapshots(
  db: Db,
  teamId: number,
  query: { runIds: string[]; keyIds: number[] | null; since: string; until: string; limit: number },
): Promise<SeriesPoint[] | 'gone' | 'too many'> {
  const [before, now] = [visibleIn(query.since), visibleIn(query.until)];
  const rows = await db.rows<BlockRow>(NEW_BLOCKS, [teamId, query.runIds, before.xmin, READ_FOR_EACH * query.limit]);
  const horizon = rows[0]?.horizon ?? null;
  if (horizon !== null && horizon >= before.xmin) return 'gone';
  const wanted = query.keyIds ? new Set(query.keyIds) : undefined;
  const found: SeriesPoint[] = [];
  for (const { runId, txids, sizes, points } of rows) {
    if (runId === null) continue;
    if (!points) return 'too many';
    let at = 0;
    for (const [index, txid] of txids.entries()) {
      const block = points.subarray(at, at + sizes[index]!);
      at += sizes[index]!;
      if (before.sees(txid) || !now.sees(txid)) continue;
      for (const [keyId, columns] of unpack(block, wanted)) {
        for (let i = 0; i < columns.values.length; i += 1) found.push({ runId, keyId, ...pointAt(columns, i) });
      }
      if (found.length > query.limit) return 'too many';
    }
  }
  const columnsOf = ({ step, timestamp, value }: SeriesPoint) => ({ steps: [step], timestamps: [timestamp], values: [value] });
  return found.sort((a, b) =>
    a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : a.keyId - b.keyId || comparePoints(columnsOf(a), 0, columnsOf(b), 0),
  );
}
