// From curves as logged to lines as drawn: x values, smoothing, gaps. Pure.
import type { Curve, XKind } from '../../api/curve-points.ts';

export type Line = {
  runId: string;
  label: string;
  colour: string;
  /** Runs may share a colour; the second and third of it are dashed. */
  dash: number[] | null;
  xs: number[];
  ys: (number | null)[];
  raw: (number | null)[] | null;
  /** The x of NaN, and of what is above or below every number: neither has a place on the axis. */
  holes: number[];
  infinite: { x: number; above: boolean }[];
  /** As it was logged, whatever the axis can show. */
  last: number;
};

/** Exponential moving average, corrected for its start; NaN passes it by. `weight` 0–0.99. */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  let mean = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null) return null;
    seen += 1;
    mean = mean * weight + value * (1 - weight);
    return mean / (1 - weight ** seen);
  });
}

type Options = {
  runId: string;
  label: string;
  colour: string;
  dash: number[] | null;
  x: XKind;
  smoothing: number;
  log: boolean;
  startedAt: number | null;
};

/** NaN, infinity and what a log axis can't show become gaps, which `holes` and `infinite` tell of. x of time is in seconds, as uPlot has it. */
export function lineOf(curve: Curve, { runId, label, colour, dash, x, smoothing, log, startedAt }: Options): { line: Line; refused: number } {
  const start = startedAt ?? curve.times[0] ?? 0;
  const xs = x === 'step' ? curve.steps : x === 'time' ? curve.times.map((time) => time / 1000) : curve.times.map((time) => (time - start) / 1000);
  const order = xs.every((value, at) => at === 0 || value >= xs[at - 1]!) ? null : xs.map((_, at) => at).sort((a, b) => xs[a]! - xs[b]!);
  const sortedXs = order ? order.map((at) => xs[at]!) : xs;
  const values = order ? order.map((at) => curve.values[at]!) : curve.values;
  const holes: number[] = [];
  const infinite: Line['infinite'] = [];
  let refused = 0;
  const keptXs: number[] = [];
  const ys: (number | null)[] = [];
  for (let at = 0; at < sortedXs.length; at += 1) {
    const value = values[at]!;
    const bad = !Number.isFinite(value);
    const belowLog = !bad && log && value <= 0;
    if (Number.isNaN(value)) holes.push(sortedXs[at]!);
    else if (bad) infinite.push({ x: sortedXs[at]!, above: value > 0 });
    if (belowLog) refused += 1;
    const y = bad || belowLog ? null : value;
    // One value per x: of several points at a step the last counts.
    if (keptXs.length && keptXs.at(-1) === sortedXs[at]) ys[ys.length - 1] = y ?? ys.at(-1) ?? null;
    else {
      keptXs.push(sortedXs[at]!);
      ys.push(y);
    }
  }
  const smoothed = smoothing > 0 && keptXs.length > 2;
  const drawn = { xs: keptXs, ys: smoothed ? smooth(ys, smoothing) : ys, raw: smoothed ? ys : null };
  return { line: { runId, label, colour, dash, ...drawn, holes, infinite, last: values.at(-1) ?? Number.NaN }, refused };
}

/** The index of the x nearest to `x`; −1 for none. */
export function nearest(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && Math.abs(xs[low - 1]! - x) < Math.abs(xs[low]! - x) ? low - 1 : low;
}
