// Remembers the latest points of series that get them out of order, as when several clients log to one run. Most of those points then need not be
// looked up. While the stored count is what it was, nobody else added a point: what is remembered is all there is from a certain step on.
import { LRUCache } from 'lru-cache';
import type { Long } from '../../lib/long.ts';
import type { Columns } from '../codec/columns.ts';

/** Of one series. `hashes`: of all stored points with a step of at least `floor`. `count`: points stored. */
type Late = { floor: number; count: number; hashes: Set<number> };
/** The series of one run, by key. */
export type LateSeries = Map<number, Late>;

/** Points of a series; beyond them it is forgotten, and looked up when next one comes late. A hash takes about 20 bytes. */
const MOST = 4_096;
const MOST_IN_ALL = 1_000_000;
/** In the statement it is an integer of 32 bits. */
const MAX_COUNT = 2 ** 31 - 1;

const sizeOf = (series: LateSeries) => {
  let size = 1;
  for (const { hashes } of series.values()) size += 16 + hashes.size;
  return size;
};
const runs = new LRUCache<string, LateSeries>({ maxSize: MOST_IN_ALL, sizeCalculation: sizeOf });

/** `run`: database, team and run. */
export const lateSeries = (run: string): LateSeries | undefined => runs.get(run);
/** To be called after each change. */
export const keepLate = (run: string, series: LateSeries): void => void (series.size > 0 ? runs.set(run, series) : runs.delete(run));

const doubles = new Float64Array(3);
const words = new Int32Array(doubles.buffer);

/** 30 bits, which a Set holds without a box. Points that happen to share one are looked up. */
function hashOf(points: Columns, index: number): number {
  const value = points.values[index]!;
  doubles[0] = Number(points.steps[index]);
  doubles[1] = Number(points.timestamps[index]);
  // One NaN for all of them.
  doubles[2] = Number.isNaN(value) ? Number.NaN : value;
  let hash = 0;
  for (let word = 0; word < 6; word += 1) {
    hash = Math.imul(hash ^ words[word]!, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash & 0x3fffffff;
}

/** The stored count with which these points, in order, are certainly new; 0 when that isn't known. */
export function countIfNew(late: Late | undefined, points: Columns): number {
  if (!late || !(points.steps[0]! >= late.floor)) return 0;
  for (let index = 0; index < points.values.length; index += 1) if (late.hashes.has(hashOf(points, index))) return 0;
  return late.count;
}

/** Whether a point that came at `step` is near enough the last one for what lies between to be remembered. */
export const isNear = (step: Long, last: Long): boolean => Number.isSafeInteger(step) && Number(last) - Number(step) < MOST / 2;

/** Begins to remember: `points` are all that is stored from the step `floor` on. */
export function beginLate(series: LateSeries, keyId: number, floor: number, count: number, points: Columns[]): void {
  const late: Late = { floor, count, hashes: new Set() };
  series.set(keyId, late);
  for (const some of points) addHashes(late, some);
  if (!isHeld(late)) series.delete(keyId);
}

/** These points are stored now too, all of them from the floor on, and nobody else's since. */
export function addLate(series: LateSeries, keyId: number, points: Columns): void {
  const late = series.get(keyId)!;
  late.count += points.values.length;
  addHashes(late, points);
  if (!isHeld(late)) series.delete(keyId);
}

const isHeld = ({ hashes, count }: Late) => hashes.size <= MOST && count <= MAX_COUNT;

function addHashes({ hashes, floor }: Late, points: Columns): void {
  for (let index = 0; index < points.values.length; index += 1) if (points.steps[index]! >= floor) hashes.add(hashOf(points, index));
}
