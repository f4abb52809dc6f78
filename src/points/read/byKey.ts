// Reading by the names of metrics. A name that the team has never used has no points.
import type { Long } from '../../lib/long.ts';
import type { Db } from '../../postgres/pool.ts';
import { currentSnapshot } from '../../postgres/snapshot.ts';
import { largestTriangles } from '../codec/sampling.ts';
import { findKeyIds, keyNames } from '../keyIds.ts';
import { type PlacedPoint, sampleCurves } from './curves.ts';
import { type Point, pointsAfter, pointsOfRuns, type RunPoint } from './history.ts';
import { pointsBetweenSnapshots } from './newPoints.ts';

const keyIdOf = async (db: Db, teamId: number, key: string) => (await findKeyIds(db, teamId, [key])).get(key);

/** Points of one metric after `after`, by (step, timestamp, value), at most `limit`. */
export async function readHistory(db: Db, teamId: number, runId: string, key: string, after: Point | null, limit: number): Promise<Point[]> {
  const keyId = await keyIdOf(db, teamId, key);
  return keyId === undefined ? [] : pointsAfter(db, teamId, runId, keyId, after, limit);
}

/** One metric of many runs, by run id, then (step, timestamp, value); at most `limit` points in all. */
export async function readHistoryOfRuns(db: Db, teamId: number, runIds: string[], key: string, limit: number): Promise<RunPoint[]> {
  const keyId = await keyIdOf(db, teamId, key);
  return keyId === undefined ? [] : pointsOfRuns(db, teamId, runIds, keyId, limit);
}

/** MIN_MAX: of each stretch the least and the greatest value. LTTB: of those the points that keep the curve's shape, fewer spikes. */
export type SampleMethod = 'MIN_MAX' | 'LTTB';
/** `from` and `to` bound the step, or, with `byTime`, the time in milliseconds; both are included, null is open. */
export type SampleRequest = {
  runIds: string[];
  keys: readonly string[];
  maxPoints: number;
  method: SampleMethod;
  from: Long | null;
  to: Long | null;
  byTime: boolean;
};
/** Of one run and metric. `x` is the point's place on the axis. */
export type Curve = { runId: string; key: string; points: PlacedPoint[] };

/** Largest triangles among four times as many extremes choose nearly what they would among all points. */
const LTTB_FROM = 2;

/** Curves of every (run, key), each of at most `maxPoints`. At most two statements, whatever the number; in no order. */
export async function sample(db: Db, teamId: number, request: SampleRequest): Promise<Curve[]> {
  const { runIds, keys, maxPoints, from, to, byTime } = request;
  const keyIds = await findKeyIds(db, teamId, keys);
  if (runIds.length === 0 || keyIds.size === 0) return [];
  const lttb = request.method === 'LTTB';
  const stretches = lttb ? LTTB_FROM * maxPoints : Math.floor(maxPoints / 2);
  const curves = await sampleCurves(db, teamId, { runIds, keyIds: [...keyIds.values()], stretches, from, to, byTime });
  const nameOf = new Map([...keyIds].map(([name, id]) => [id, name]));
  return curves.map(({ runId, keyId, points }) => ({ runId, key: nameOf.get(keyId)!, points: lttb ? fewest(points, maxPoints) : points }));
}

function fewest(points: PlacedPoint[], maxPoints: number): PlacedPoint[] {
  const kept = largestTriangles(
    points.map((point) => Number(point.x)),
    points.map((point) => point.value),
    maxPoints,
  );
  return kept.map((index) => points[index]!);
}

/** A mark after which "new" is exact. */
export { currentSnapshot as now };

export type NewPoint = Point & { runId: string; key: string };
export type NewPoints = { points: NewPoint[]; until: string };

/**
 * What was committed since a mark, exactly once, by run, key and point. 'gone': older than what is kept for this (15 minutes at least).
 * 'too many': more than `limit`.
 */
export async function readNew(
  db: Db,
  teamId: number,
  request: { runIds: string[]; keys?: readonly string[]; since: string; limit: number },
): Promise<NewPoints | 'gone' | 'too many'> {
  const { runIds, since, limit } = request;
  const until = await currentSnapshot(db);
  const keyIds = request.keys ? [...(await findKeyIds(db, teamId, request.keys)).values()] : null;
  const rows = await pointsBetweenSnapshots(db, teamId, { runIds, keyIds, since, until, limit });
  if (rows === 'gone' || rows === 'too many') return rows;
  const nameOf = await keyNames(
    db,
    teamId,
    rows.map((row) => row.keyId),
  );
  return { points: rows.map(({ keyId, ...point }) => ({ ...point, key: nameOf(keyId) })), until };
}
