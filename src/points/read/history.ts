// Reading the history of metrics exactly: pages, many runs, points at certain steps. Curves with few points are curves.ts.

import type { Long } from '../../lib/long.ts';
import type { Db } from '../../postgres/pool.ts';
import { type Columns, compareLongs, compareValues, joinLongs, type Longs, mergeColumns, pick, slice } from '../codec/columns.ts';
import { type Chunk, loadChunks, locatePoints, type Stored, undisturbed } from './storedPoints.ts';

export type Point = { step: Long; timestamp: Long; value: number };
export type RunPoint = Point & { runId: string };

export const pointAt = (points: Columns, index: number): Point => ({
  step: points.steps[index]!,
  timestamp: points.timestamps[index]!,
  value: points.values[index]!,
});
/** Where the point at `index` stands, as against `point`. */
export const compareTo = (points: Columns, index: number, point: Point) =>
  compareLongs(points.steps[index]!, point.step) ||
  compareLongs(points.timestamps[index]!, point.timestamp) ||
  compareValues(points.values[index]!, point.value);

/** How many of these points, in order, are not after `point`. */
export function countUpTo(points: Columns, point: Point): number {
  let [low, high] = [0, points.values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTo(points, middle, point) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

const byStart = (a: Chunk, b: Chunk) => compareTo(a.ends, 0, pointAt(b.ends, 0));

/** Those of the waiting chunks that hold the next `count` points. */
function upTo(waiting: Chunk[], count: number): Chunk[] {
  let held = 0;
  const end = waiting.findIndex((chunk) => {
    held += chunk.count;
    return held >= count;
  });
  return end < 0 ? waiting : waiting.slice(0, end + 1);
}

/** The first `limit` points after `after`. */
async function firstPoints(db: Db, teamId: number, { loose, chunks }: Stored, after: Point | null, limit: number): Promise<Columns> {
  let waiting = chunks.filter((chunk) => !after || compareTo(chunk.ends, 1, after) > 0).sort(byStart);
  const taken: Columns[] = [...loose];
  for (;;) {
    const merged = taken.length === 0 ? undefined : mergeColumns(taken);
    const start = merged && after ? countUpTo(merged, after) : 0;
    const have = merged ? merged.values.length - start : 0;
    const last = merged && have >= limit ? pointAt(merged, start + limit - 1) : null;
    const more = last ? waiting.filter((chunk) => compareTo(chunk.ends, 0, last) < 0) : upTo(waiting, limit - have);
    if (more.length === 0) return merged ? slice(merged, start, start + limit) : { steps: [], timestamps: [], values: [] };
    await loadChunks(db, teamId, more);
    taken.push(...more.map((chunk) => chunk.points!));
    waiting = waiting.filter((chunk) => !more.includes(chunk));
  }
}

const toPoints = (points: Columns): Point[] => Array.from({ length: points.values.length }, (_none, index) => pointAt(points, index));

/** Points after `after`, by (step, timestamp, value). */
export const pointsAfter = (db: Db, teamId: number, runId: string, keyId: number, after: Point | null, limit: number): Promise<Point[]> =>
  undisturbed(async () => {
    const bounds = { fromStep: after?.step };
    const stored = (await locatePoints(db, teamId, { runIds: [runId], keyIds: [keyId], bounds, along: limit })).get(runId)?.get(keyId);
    return stored ? toPoints(await firstPoints(db, teamId, stored, after, limit)) : [];
  });

/** By run id, then (step, timestamp, value). */
export const pointsOfRuns = (db: Db, teamId: number, runIds: string[], keyId: number, limit: number): Promise<RunPoint[]> =>
  undisturbed(async () => {
    const located = await locatePoints(db, teamId, { runIds, keyIds: [keyId], along: limit });
    const points: RunPoint[] = [];
    for (const [runId, byKey] of [...located].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (points.length >= limit) break;
      const stored = byKey.get(keyId);
      if (!stored) continue;
      const next = await firstPoints(db, teamId, stored, null, limit - points.length);
      for (let index = 0; index < next.values.length; index += 1) points.push({ runId, ...pointAt(next, index) });
    }
    return points;
  });

/** Chunks read at a time, about 4,000 points each: what is read as text is twice as long as what it says. */
const CHUNKS_AT_ONCE = 64;
type Visit = (runId: string, points: Columns) => void;

/** `bounds`: each run's first and last step. */
export type StepSummary = { steps: Longs; bounds: { runId: string; min: Long; max: Long }[] };

/** Gathers the distinct steps of all runs together, in order, and each run's first and last; between `from` and `to`. */
function stepSummary(from: Long, to: Long): { visit: Visit; summary(): StepSummary } {
  const bounds = new Map<string, { runId: string; min: Long; max: Long }>();
  let all: Longs = new Float64Array(0);
  let unknown: Longs[] = [];
  let waiting = 0;
  const gather = () => {
    if (waiting > 0) all = unionOf([all, ...unknown], all.length + waiting);
    unknown = [];
    waiting = 0;
  };
  return {
    visit(runId, points) {
      const { steps } = slice(points, countBelow(points.steps, from), countUpToStep(points.steps, to));
      if (steps.length === 0) return;
      const [min, max] = [steps[0]!, steps[steps.length - 1]!];
      const known = bounds.get(runId);
      if (!known) bounds.set(runId, { runId, min, max });
      else {
        if (min < known.min) known.min = min;
        if (max > known.max) known.max = max;
      }
      // Runs of one experiment mostly have the same steps.
      if (includes(all, steps)) return;
      unknown.push(steps);
      waiting += steps.length;
      // Each time twice as many: a step is sorted a few times at most.
      if (waiting >= all.length) gather();
    },
    summary() {
      gather();
      return { steps: all, bounds: [...bounds.values()] };
    },
  };
}

/** How many of these steps, in order, are less than `step`. */
function countBelow(steps: Longs, step: Long): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countUpToStep(steps: Longs, step: Long): number {
  let count = countBelow(steps, step);
  while (count < steps.length && steps[count] === step) count += 1;
  return count;
}

/** Whether all of `steps` are among `known`; both in order. */
function includes(known: Longs, steps: Longs): boolean {
  let at = countBelow(known, steps[0]!);
  for (let index = 0; index < steps.length; index += 1) {
    while (at < known.length && known[at]! < steps[index]!) at += 1;
    if (at === known.length || known[at] !== steps[index]) return false;
  }
  return true;
}

function unionOf(parts: Longs[], length: number): Longs {
  const all = joinLongs(parts, length);
  const sorted = all instanceof Float64Array ? all.sort() : all.sort(compareLongs);
  return sorted.filter((step: Long, index: number) => index === 0 || sorted[index - 1] !== step) as Longs;
}

export type ChosenSteps = {
  runIds: string[];
  keyId: number;
  from: Long;
  to: Long;
  /** In any order. */
  choose: (summary: StepSummary) => Long[];
  /** Of each run. */
  limit: number;
  /** Points among which steps are chosen; 24 bytes of memory each. */
  most: number;
};

/**
 * The points at steps chosen among all that the runs have between `from` and `to`. In the order of the runs, then (step, timestamp, value).
 * 'too many': there are more than `most`.
 */
export const pointsAtChosenSteps = (
  db: Db,
  teamId: number,
  { runIds, keyId, from, to, choose, limit, most }: ChosenSteps,
): Promise<RunPoint[] | 'too many'> =>
  undisturbed(async () => {
    const located = await locatePoints(db, teamId, { runIds, keyIds: [keyId], bounds: { fromStep: from, toStep: to }, along: 0 });
    const loose: [runId: string, points: Columns][] = [];
    const chunks: Chunk[] = [];
    for (const [runId, byKey] of located) {
      const stored = byKey.get(keyId);
      for (const points of stored?.loose ?? []) loose.push([runId, points]);
      chunks.push(...(stored?.chunks ?? []));
    }
    if (chunks.reduce((sum, chunk) => sum + chunk.count, 0) > most) return 'too many';
    const gathered = stepSummary(from, to);
    for (const [runId, points] of loose) gathered.visit(runId, points);
    for (let start = 0; start < chunks.length; start += CHUNKS_AT_ONCE) {
      const some = chunks.slice(start, start + CHUNKS_AT_ONCE);
      await loadChunks(db, teamId, some);
      for (const { runId, points } of some) gathered.visit(runId, points!);
    }

    const sorted = choose(gathered.summary()).sort(compareLongs);
    if (sorted.length === 0) return [];
    const parts = new Map<string, Columns[]>(runIds.map((runId) => [runId, []]));
    const visit: Visit = (runId, { steps, ...rest }) => {
      const kept: number[] = [];
      for (let wanted = countBelow(sorted, steps[0]!); wanted < sorted.length && sorted[wanted]! <= steps[steps.length - 1]!; wanted += 1) {
        for (let index = countBelow(steps, sorted[wanted]!); index < steps.length && steps[index] === sorted[wanted]; index += 1) kept.push(index);
      }
      if (kept.length > 0) parts.get(runId)!.push(pick({ steps, ...rest }, kept));
    };
    for (const [runId, points] of loose) visit(runId, points);
    for (const { runId, points } of chunks) visit(runId, points!);
    return [...parts].flatMap(([runId, some]) => {
      if (some.length === 0) return [];
      const { steps, timestamps, values } = slice(mergeColumns(some), 0, limit);
      return Array.from(values, (value, index) => ({ runId, step: steps[index]!, timestamp: timestamps[index]!, value }));
    });
  });
