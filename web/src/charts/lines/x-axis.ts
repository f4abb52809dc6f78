// Where a chart's x axis begins and ends, and its ticks. x of time is in seconds. Pure.
import type { XKind, Zoom } from '../../api/curve-points.ts';
import { count, duration } from '../../format.ts';
import { moment } from '../../times.ts';
import { durationTicks, type Ticks, ticksOf } from '../ticks.ts';

/** Where the pointer is. */
export const xText = (x: XKind, value: number): string =>
  x === 'step' ? `step ${count(value)}` : x === 'time' ? moment(value * 1000) : duration(value * 1000);

/** Ticks on an axis without dates; x of time is in seconds. */
export function xTicks(x: XKind, low: number, high: number, count: number): Ticks {
  if (x === 'relative') return durationTicks({ low, high }, count);
  if (x === 'step') return ticksOf({ low, high }, count, { whole: true });
  const { values, ...rest } = ticksOf({ low: low * 1000, high: high * 1000 }, count, { whole: true });
  return { ...rest, values: values.map((value) => value / 1000) };
}

/** Whether an x (of time: in seconds) lies in a zoom. */
export function xWindow(zoom: Zoom, x: XKind): (at: number) => boolean {
  if (!zoom) return () => true;
  const scale = x === 'time' ? 1000 : 1;
  return (at) => at * scale >= zoom.from && at * scale <= zoom.to;
}

/** Closer than numbers of that size can tell apart there are no ticks, and uPlot would look for them without end. */
function wide(low: number, high: number): [number, number] {
  const least = Math.max(Math.abs(low), Math.abs(high)) * 1e-11;
  return high - low >= least && high > low ? [low, high] : [low - Math.max(1, least), high + Math.max(1, least)];
}

export function bounds(lines: { xs: number[] }[], zoom: Zoom, x: XKind): [number, number] | null {
  if (zoom) return x === 'time' ? wide(zoom.from / 1000, zoom.to / 1000) : wide(zoom.from, zoom.to);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { xs } of lines) {
    if (xs.length === 0) continue;
    low = Math.min(low, xs[0]!);
    high = Math.max(high, xs.at(-1)!);
  }
  if (low > high) return null;
  return wide(low, high);
}
