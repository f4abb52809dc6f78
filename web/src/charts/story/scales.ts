// From values to places on an axis, with its ticks. Pure.
import { clippedTexts, padded, ticksOf } from '../ticks.ts';
import type { PlotAxis } from './dot-plot.tsx';

/** `share`: 0 to 1 on the axis, less or more beyond it. */
export type Scale = { axis: PlotAxis; share: (value: number) => number; log: boolean };

export function scaleOf([low, high]: readonly [number, number], count: number, { log = false, whole = false, name = '' } = {}): Scale {
  const share = log
    ? (value: number) => Math.log(value / low) / Math.log(high / low)
    : (value: number) => (value / 2 - low / 2) / (high / 2 - low / 2 || 1);
  const { values, labels, base } = ticksOf({ low, high }, count, { log, whole });
  const ticks = values.map((value, at) => ({ at: share(value), label: labels[at]! })).filter(({ at }) => at >= -1e-6 && at <= 1 + 1e-6);
  return { axis: { ticks, base, ...(name ? { name } : {}) }, share, log };
}

/** A param that spans this much is a matter of powers, such as a learning rate; as in axes.ts. */
const POWERS = 20;

export type ParamScale = Scale & { places: (number | null)[]; text: boolean };

/** Numbers by size, where they span powers on a log scale; text in columns. Null where all are the same, or a run has nothing. */
export function paramScale(values: readonly (string | null)[], count: number): ParamScale | null {
  const known = values.filter((value): value is string => value !== null);
  if (new Set(known).size < 2) return null;
  const numbers = values.map((value) => (value === null || value.trim() === '' ? null : Number(value)));
  if (numbers.every((value, at) => values[at] === null || (value !== null && Number.isFinite(value)))) {
    const own = numbers.filter((value): value is number => value !== null);
    const [low, high] = [Math.min(...own), Math.max(...own)];
    if (low === high) return null;
    const log = low > 0 && high / low >= POWERS;
    const whole = !log && own.every(Number.isInteger);
    const [from, to] = padded(low, high, log);
    const scale = scaleOf(whole ? [low - (high - low) * 0.06, high + (high - low) * 0.06] : [from, to], count, { log, whole });
    return { ...scale, places: numbers, text: false };
  }
  const texts = [...new Set(known)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const share = (value: number) => (value + 0.5) / texts.length;
  const labels = clippedTexts(texts, 12);
  const every = Math.ceil(texts.length / 8);
  const ticks = labels.flatMap((label, at) => (at % every === 0 ? [{ at: share(at), label }] : []));
  return { axis: { ticks, base: '' }, share, log: false, places: values.map((value) => (value === null ? null : texts.indexOf(value))), text: true };
}
