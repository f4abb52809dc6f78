// Reading curves down-sampled. They come from the summaries of chunks, wherever a chunk lies within the range and no other points lie between its
// own.

import type { Long } from '../../lib/long.ts';
import type { Db } from '../../postgres/pool.ts';
import { type Columns, inSequence, mergeColumns, pick, slice } from '../codec/columns.ts';
import { PART, type Piece, sampleExtremes } from '../codec/sampling.ts';
import { compareTo, countUpTo, type Point, pointAt } from './history.ts';
import { type Bounds, type Chunk, loadChunks, locatePoints, type Stored, undisturbed } from './storedPoints.ts';

/** `x`: on the axis. */
export type PlacedPoint = Point & { x: Long };
/** Of one (run, key), in the order of the axis. */
export type SampledCurve = { runId: string; keyId: number; points: PlacedPoint[] };
/** `from` and `to`: bounds on the axis, included; null is open. */
export type SeriesQuery = { runIds: string[]; keyIds: number[]; stretches: number; from: Long | null; to: Long | null; byTime: boolean };

/**
 * Each (run, key) is cut into stretches of equal numbers of points, or nearly equal beyond 64 points each. The least and the greatest value of each
 * stretch are kept, so spikes survive. NaN counts as least of all, so that it hides no maximum. Series of at most two points a stretch come whole.
 * At most two statements.
 */
export const sampleCurves = (db: Db, teamId: number, query: SeriesQuery): Promise<SampledCurve[]> =>
  undisturbed(async () => {
    const { runIds, keyIds, stretches, from, to, byTime } = query;
    const bounds: Bounds = byTime ? { fromTime: from, toTime: to } : { fromStep: from, toStep: to };
    const located = await locatePoints(db, teamId, { runIds, keyIds, bounds, along: stretches, curves: true });
    const all = [...located].flatMap(([runId, byKey]) => [...byKey].map(([keyId, stored]) => ({ runId, keyId, curve: alongAxis(stored, query) })));
    await loadChunks(
      db,
      teamId,
      all.flatMap(({ curve }) => curve.spans.filter((span) => span.isWhole).map((span) => span.chunk)),
    );
    return all
      .map(({ runId, keyId, curve }): SampledCurve => {
        const sampled = sampleExtremes(piecesOf(curve, query), stretches);
        return { runId, keyId, points: sampled.map(({ piece, index }) => placed(piece.points, index, byTime)) };
      })
      .filter(({ points }) => points.length > 0)
      .sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : a.keyId - b.keyId));
  });

/** Along the time axis points stand by (timestamp, step, value): the same code with the two columns exchanged. */
const turn = (points: Columns, byTime: boolean): Columns =>
  byTime ? { steps: points.timestamps, timestamps: points.steps, values: points.values } : points;

function placed({ steps, timestamps, values }: Columns, index: number, byTime: boolean): PlacedPoint {
  const x = steps[index]!;
  const other = timestamps[index]!;
  return byTime ? { step: other, timestamp: x, value: values[index]!, x } : { step: x, timestamp: other, value: values[index]!, x };
}

/** `isWhole`: its points must be read; else its summary stands for them. `ends`: along the axis. */
type Span = { chunk: Chunk; ends: Columns; isWhole: boolean };
type Curve = { spans: Span[]; loose: Columns[] };

function alongAxis({ loose, chunks }: Stored, { from, to, byTime, stretches }: SeriesQuery): Curve {
  const total = chunks.reduce((sum, chunk) => sum + chunk.count, 0) + loose.reduce((sum, points) => sum + points.values.length, 0);
  // Blocks tell the statement that finds them of their run's points alone: for this key the summaries of some may be too rough.
  const isRough = ({ txid }: Chunk) => txid !== null && total < PART * stretches;
  const isOutside = ({ ends: { steps } }: Span) => (from !== null && steps[1]! < from) || (to !== null && steps[0]! > to);
  const spans = chunks
    .map((chunk): Span => ({ chunk, ends: turn(chunk.ends, byTime), isWhole: chunk.points !== null || isRough(chunk) }))
    .filter((span) => (byTime && !span.chunk.byTime) || !isOutside(span))
    .sort((a, b) => compareTo(a.ends, 0, pointAt(b.ends, 0)));
  const turned = loose.map((points) => turn(points, byTime));
  // What was just logged is mostly in sequence, and is taken as it comes.
  const sequence = chunks.length === 0 ? inSequence(turned, !byTime) : undefined;
  const looseInOrder = sequence ?? (turned.length === 0 ? [] : [mergeColumns(turned)]);
  if (byTime && chunks.some((chunk) => !chunk.byTime)) for (const span of spans) span.isWhole = true;
  let reached: Point | undefined;
  spans.forEach((span, index) => {
    const [first, last] = [pointAt(span.ends, 0), pointAt(span.ends, 1)];
    const next = spans[index + 1];
    const cut = (from !== null && first.step < from) || (to !== null && last.step > to);
    const overlaps = (reached && compareTo(span.ends, 0, reached) < 0) || (next && compareTo(next.ends, 0, last) < 0);
    if (cut || overlaps || looseInOrder.some((points) => anyBetween(points, first, last))) span.isWhole = true;
    if (!reached || compareTo(span.ends, 1, reached) > 0) reached = last;
  });
  return { spans, loose: looseInOrder };
}

function anyBetween(points: Columns, first: Point, last: Point): boolean {
  const index = countUpTo(points, first);
  return index < points.values.length && compareTo(points, index, last) < 0;
}

/** In the order of the axis, within the range. */
function piecesOf({ spans, loose }: Curve, { from, to, byTime }: SeriesQuery): Piece[] {
  if (spans.length === 0) {
    const parts = loose.map((points) => within(points, from, to));
    return parts.map((points) => ({ points, every: 1, count: points.values.length }));
  }
  const whole = [...loose, ...spans.filter((span) => span.isWhole).map((span) => turn(span.chunk.points!, byTime))];
  const rest = whole.length === 0 ? undefined : within(mergeColumns(whole), from, to);
  const pieces: Piece[] = [];
  let taken = 0;
  const takeRest = (end: number) => {
    if (rest && end > taken) pieces.push({ points: slice(rest, taken, end), every: 1, count: end - taken });
    taken = end;
  };
  for (const { chunk, ends, isWhole } of spans) {
    if (isWhole) continue;
    if (rest) takeRest(countUpTo(rest, pointAt(ends, 0)));
    if (chunk.parts) pieces.push({ points: turn(chunk.parts, byTime), every: chunk.every, count: chunk.count });
    else pieces.push({ points: extremesInOrder(ends), every: chunk.count, count: chunk.count });
  }
  if (rest) takeRest(rest.values.length);
  return pieces;
}

/** From first, last, least and greatest. */
const extremesInOrder = (ends: Columns) => pick(ends, compareTo(ends, 2, pointAt(ends, 3)) <= 0 ? [2, 3] : [3, 2]);

function within(points: Columns, from: Long | null, to: Long | null): Columns {
  const { length } = points.values;
  if (length === 0 || ((from === null || points.steps[0]! >= from) && (to === null || points.steps[length - 1]! <= to))) return points;
  const before = (step: Long, orAt: boolean) => {
    let [low, high] = [0, length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points.steps[middle]! < step || (orAt && points.steps[middle]! === step)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return slice(points, from === null ? 0 : before(from, false), to === null ? length : before(to, true));
}
