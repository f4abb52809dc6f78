// Points of one metric as parallel columns, in the order that all of storage keeps: (step, timestamp, value), NaN after every number.
// Pure; knows neither bytes nor SQL.
import type { Long } from '../db/pool.ts';

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

/** The points from `start` up to `end`, in their order. */
export const slice = (points: Columns, start: number, end: number): Columns => ({
  steps: points.steps.slice(start, end),
  timestamps: points.timestamps.slice(start, end),
  values: points.values.slice(start, end),
});

/** All points in order, identical ones once. What is in order already, as nearly everything is, costs one pass. */
export function mergeColumns(parts: Columns[]): Columns {
  const all = parts.length === 1 ? parts[0]! : concat(parts);
  const { length } = all.values;
  let ordered = true;
  for (let index = 1; ordered && index < length; index += 1) ordered = comparePoints(all, index - 1, all, index) < 0;
  if (ordered) return all;
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
