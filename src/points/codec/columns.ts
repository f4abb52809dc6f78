// Points of one metric as parallel columns, in the order that all of storage keeps: (step, timestamp, value), NaN after every number.
// Pure; knows neither bytes nor SQL.
import type { Long } from '../../lib/long.ts';

/** Parallel; a Float64Array of integers where all are exact, else an array that may hold bigints. */
export type Longs = Float64Array | Long[];
export type Columns = { steps: Longs; timestamps: Longs; values: Float64Array | number[] };

export const noPoints = (): Columns => ({ steps: [], timestamps: [], values: [] });

export const compareLongs = (a: Long, b: Long): number => (a < b ? -1 : a > b ? 1 : 0);

/** As Postgres orders doubles: NaN equals NaN and is greater than the rest. */
export const compareValues = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

export function comparePoints(a: Columns, i: number, b: Columns, j: number): number {
  return compareLongs(a.steps[i]!, b.steps[j]!) || compareLongs(a.timestamps[i]!, b.timestamps[j]!) || compareValues(a.values[i]!, b.values[j]!);
}

/** One after the other; `length` in all. */
export function joinLongs(parts: Longs[], length: number): Longs {
  if (parts.every((part) => part instanceof Float64Array)) {
    const joined = new Float64Array(length);
    let at = 0;
    for (const part of parts as Float64Array[]) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
  const joined = new Array<Long>(length);
  let at = 0;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1) joined[at + index] = part[index]!;
    at += part.length;
  }
  return joined;
}

function concat(parts: Columns[]): Columns {
  const length = parts.reduce((sum, part) => sum + part.values.length, 0);
  const values = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return {
    steps: joinLongs(
      parts.map((part) => part.steps),
      length,
    ),
    timestamps: joinLongs(
      parts.map((part) => part.timestamps),
      length,
    ),
    values,
  };
}

const pickFrom = <T extends Longs | Float64Array | number[]>(column: T, indexes: ArrayLike<number>): T => {
  const picked = column instanceof Float64Array ? new Float64Array(indexes.length) : new Array<Long>(indexes.length);
  for (let index = 0; index < indexes.length; index += 1) picked[index] = column[indexes[index]!]!;
  return picked as T;
};

/** The points at these positions, in their order. */
export const pick = (points: Columns, indexes: ArrayLike<number>): Columns => ({
  steps: pickFrom(points.steps, indexes),
  timestamps: pickFrom(points.timestamps, indexes),
  values: pickFrom(points.values, indexes),
});

const part = <T extends Longs | Float64Array | number[]>(column: T, start: number, end: number): T =>
  (column instanceof Float64Array ? column.subarray(start, end) : column.slice(start, end)) as T;

/** The points from `start` up to `end`, in their order. Shares memory with `points`. */
export const slice = (points: Columns, start: number, end: number): Columns => ({
  steps: part(points.steps, start, end),
  timestamps: part(points.timestamps, start, end),
  values: part(points.values, start, end),
});

/** The parts, if each is in order and they follow each other, as those of clients that log step by step do. */
export function inSequence(parts: Columns[], sorted: boolean): Columns[] | undefined {
  const ordered = parts.filter(({ values }) => values.length > 0).sort((a, b) => comparePoints(a, 0, b, 0));
  for (const [index, part] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before && comparePoints(before, before.values.length - 1, part, 0) >= 0) return undefined;
    if (!sorted && !isOrdered(part)) return undefined;
  }
  return ordered;
}

function isOrdered(points: Columns): boolean {
  for (let index = 1; index < points.values.length; index += 1) if (comparePoints(points, index - 1, points, index) >= 0) return false;
  return true;
}

/** Timestamps never fall along the steps: the order by time is the same. */
export function isRising({ timestamps }: Columns): boolean {
  for (let index = 1; index < timestamps.length; index += 1) if (timestamps[index - 1]! > timestamps[index]!) return false;
  return true;
}

/** All points in order, identical ones once. What is in order already, as nearly everything is, costs one pass. */
export function mergeColumns(parts: Columns[]): Columns {
  const all = parts.length === 1 ? parts[0]! : concat(parts);
  const { length } = all.values;
  if (isOrdered(all)) return all;
  const order = Array.from({ length }, (_none, index) => index).sort((a, b) => comparePoints(all, a, all, b));
  const distinct = order.filter((index, at) => at === 0 || comparePoints(all, order[at - 1]!, all, index) < 0);
  return pick(all, distinct);
}

/** Those of `points` that are not among `stored`; both in order. */
export function withoutStored(points: Columns, stored: Columns): Columns {
  const kept: number[] = [];
  let at = 0;
  for (let index = 0; index < points.values.length; index += 1) {
    while (at < stored.values.length && comparePoints(stored, at, points, index) < 0) at += 1;
    if (at === stored.values.length || comparePoints(stored, at, points, index) !== 0) kept.push(index);
  }
  return kept.length === points.values.length ? points : pick(points, kept);
}

export type Statistics = { count: number; nanCount: number; min: number | null; max: number | null; scaledSum: number };

/** Sums are kept times this, so that adding the largest doubles can't overflow (Postgres would refuse the statement). */
const SCALE = 2 ** -64;
const NEXT_TO_NOTHING = 1e-280;

/** NaN is in neither minimum, maximum nor sum. */
export function statisticsOf({ values }: Columns): Statistics {
  let [nanCount, min, max, scaledSum] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    if (Number.isNaN(value)) {
      nanCount += 1;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    if (Math.abs(value) >= NEXT_TO_NOTHING) scaledSum += value * SCALE;
  }
  const none = nanCount === values.length;
  return { count: values.length, nanCount, min: none ? null : min, max: none ? null : max, scaledSum };
}
