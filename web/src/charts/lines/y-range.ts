// What part of the y axis a chart shows, and how many values lie beyond it. Pure.
import { padded } from '../ticks.ts';

/** Given by hand; null is left to the values. */
export type YRange = { low: number | null; high: number | null };
/** `outliers`: left out of the range. */
export type YAsk = { log: boolean; outliers: boolean; hand: YRange | null };
/** `above` and `below`: how many values have no place there; `least`: the lowest of all. */
export type Shown = { range: [number, number]; above: number; below: number; least: number };

/** With fewer values none is an outlier. */
const FEW = 8;
const EDGE = 0.05;

export function yRangeOf(all: Iterable<number | null>, { log, outliers, hand }: YAsk): Shown {
  const values: number[] = [];
  for (const value of all) if (value !== null && Number.isFinite(value) && (!log || value > 0)) values.push(value);
  values.sort((a, b) => a - b);
  if (values.length === 0) return { range: log ? [1, 10] : [0, 1], above: 0, below: 0, least: 0 };
  const at = (part: number) => values[Math.round(part * (values.length - 1))]!;
  const cut = outliers && values.length >= FEW;
  const [low, high] = padded(cut ? at(EDGE) : values[0]!, cut ? at(1 - EDGE) : values.at(-1)!, log);
  const from = hand?.low ?? low;
  const to = hand?.high ?? high;
  const usable = from < to && (!log || from > 0);
  const range: [number, number] = usable ? [from, to] : [low, high];
  return {
    range,
    least: values[0]!,
    below: values.filter((value) => value < range[0]).length,
    above: values.filter((value) => value > range[1]).length,
  };
}

/** `loss~0~2`, `val%2Floss~~1`: one for each chart whose range was given, separated by `|`. */
export function readRanges(text: string): Map<string, YRange> {
  const found = new Map<string, YRange>();
  for (const part of text.split('|')) {
    const [metric = '', low = '', high = ''] = part.split('~');
    const number = (one: string) => (one !== '' && Number.isFinite(Number(one)) ? Number(one) : null);
    const range = { low: number(low), high: number(high) };
    if (metric && (range.low !== null || range.high !== null)) found.set(unescapeName(metric), range);
  }
  return found;
}

export const printRanges = (ranges: ReadonlyMap<string, YRange>): string =>
  [...ranges].map(([metric, { low, high }]) => `${escapeName(metric)}~${low ?? ''}~${high ?? ''}`).join('|');

const escapeName = (name: string) => encodeURIComponent(name).replaceAll('~', '%7E');
function unescapeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
