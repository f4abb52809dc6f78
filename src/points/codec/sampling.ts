// Few points for a curve of many. A curve comes as pieces that follow each other: whole, or thinned to the least and greatest of each so many points.
import { type Columns, compareLongs, compareValues, pick } from './columns.ts';

/** `every`: points to a pair of entries; 1 = these are all the points. `count`: points that the piece stands for. */
export type Piece = { points: Columns; every: number; count: number };

/** NaN counts as least of all, so that it hides no maximum. */
const isLess = (a: number, b: number) => a < b || (Number.isNaN(a) && !Number.isNaN(b));
const isMore = (a: number, b: number) => a > b || (Number.isNaN(b) && !Number.isNaN(a));

/** Positions of the least and the greatest in [start, end), the first of equals. */
function extremes({ values }: Columns, start: number, end: number): [low: number, high: number] {
  let [low, high] = [start, start];
  for (let index = start + 1; index < end; index += 1) {
    if (isLess(values[index]!, values[low]!)) low = index;
    if (isMore(values[index]!, values[high]!)) high = index;
  }
  return [low, high];
}

/** Points to a pair in the summaries that are stored, fine and coarse. */
export const PART = 64;
export const COARSE = 512;

/** For each `every` points the least and the greatest, in their order: always two, even if they are one and the same. */
export const thin = (points: Columns, every: number): Columns => pick(points, thinned(points, every));

function thinned(points: Columns, every: number): number[] {
  const kept: number[] = [];
  for (let start = 0; start < points.values.length; start += every) {
    const [low, high] = extremes(points, start, Math.min(start + every, points.values.length));
    kept.push(Math.min(low, high), Math.max(low, high));
  }
  return kept;
}

/** First, last, least and greatest. */
export const endsOf = (points: Columns): Columns => pick(points, endPositions(points));
export const ENDS = 4;

const endPositions = (points: Columns) => [0, points.values.length - 1, ...extremes(points, 0, points.values.length)];

/** endsOf, and behind it what `thin` keeps. */
export const summaryOf = (points: Columns, every: number): Columns => pick(points, [...endPositions(points), ...thinned(points, every)]);

export type Sampled = { piece: Piece; index: number };

/**
 * Cuts the curve into `stretches` of equal numbers of points (nearly, where pieces are thinned). Keeps the least and the greatest of each. A curve
 * of at most two points a stretch comes whole, if its pieces are.
 */
export function sampleExtremes(pieces: Piece[], stretches: number): Sampled[] {
  const total = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const sampled: Sampled[] = [];
  if (total <= 2 * stretches) {
    for (const piece of pieces) for (let index = 0; index < piece.points.values.length; index += 1) sampled.push({ piece, index });
    return withoutRepeats(sampled);
  }
  let [before, current] = [0, -1];
  let [low, high] = [pieces[0]!, pieces[0]!];
  let [lowAt, highAt, lowest, highest] = [0, 0, 0, 0];
  // Keeping the order of the curve: whichever of the two came first goes first.
  let highFirst = false;
  const keep = () => {
    const [least, greatest] = [
      { piece: low, index: lowAt },
      { piece: high, index: highAt },
    ];
    if (current >= 0) sampled.push(highFirst ? greatest : least, highFirst ? least : greatest);
  };
  for (const piece of pieces) {
    const { values } = piece.points;
    const pair = piece.every === 1 ? 1 : 2;
    for (let start = 0; start < values.length; ) {
      const stretch = Math.floor(((before + (start / pair) * piece.every) * stretches) / total);
      // The first position of the next stretch, and from it the first entry there.
      const next = Math.ceil(((stretch + 1) * total) / stretches);
      const end = Math.min(values.length, Math.max(start + pair, Math.ceil((next - before) / piece.every) * pair));
      if (stretch !== current) {
        keep();
        current = stretch;
        [low, lowAt, lowest] = [piece, start, values[start]!];
        [high, highAt, highest] = [piece, start, values[start]!];
        highFirst = false;
      }
      for (let index = start; index < end; index += 1) {
        const value = values[index]!;
        // Nearly all are neither: two comparisons, no calls.
        if (value >= lowest && value <= highest) continue;
        if (isLess(value, lowest)) {
          [low, lowAt, lowest] = [piece, index, value];
          highFirst = true;
        } else if (isMore(value, highest)) {
          [high, highAt, highest] = [piece, index, value];
          highFirst = false;
        }
      }
      start = end;
    }
    before += piece.count;
  }
  keep();
  return withoutRepeats(sampled);
}

const samePoint = (a: Sampled, b: Sampled) =>
  compareLongs(a.piece.points.steps[a.index]!, b.piece.points.steps[b.index]!) === 0 &&
  compareLongs(a.piece.points.timestamps[a.index]!, b.piece.points.timestamps[b.index]!) === 0 &&
  compareValues(a.piece.points.values[a.index]!, b.piece.points.values[b.index]!) === 0;

/** A point that is both least and greatest stands once. Stored points differ, so equal ones are the same. */
const withoutRepeats = (sampled: Sampled[]) => sampled.filter((one, at) => at === 0 || !samePoint(one, sampled[at - 1]!));

/**
 * Largest triangle three buckets (Steinarsson 2013). Of each bucket, keeps the point that spans the largest triangle with the point kept before and
 * the mean of the next bucket. `x` and `y` are parallel; NaN and the infinities lie on the axis. Returns at most `most` positions.
 */
export function largestTriangles(x: number[], y: number[], most: number): number[] {
  const { length } = x;
  if (length <= most) return x.map((_x, index) => index);
  if (most < 3) return [0, length - 1];
  const heightOf = (index: number) => (Number.isFinite(y[index]!) ? y[index]! : 0);
  const boundary = (bucket: number) => Math.min(length - 1, Math.floor((bucket * (length - 2)) / (most - 2)) + 1);
  const kept = [0];
  for (let bucket = 0; bucket < most - 2; bucket += 1) {
    const [start, end] = [boundary(bucket), boundary(bucket + 1)];
    const next = Math.max(end + 1, boundary(bucket + 2));
    let [meanX, meanY] = [0, 0];
    for (let index = end; index < next; index += 1) {
      meanX += x[index]! / (next - end);
      meanY += heightOf(index) / (next - end);
    }
    const from = kept.at(-1)!;
    let [best, largest] = [start, -1];
    for (let index = start; index < end; index += 1) {
      const area = Math.abs((x[from]! - meanX) * (heightOf(index) - heightOf(from)) - (x[from]! - x[index]!) * (meanY - heightOf(from)));
      if (area > largest) [best, largest] = [index, area];
    }
    kept.push(best);
  }
  kept.push(length - 1);
  return kept;
}
