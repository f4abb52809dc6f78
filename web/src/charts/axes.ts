// Which values of runs can be drawn against each other, and where they lie on an axis. Pure.
import type { RunRow } from '../api/runs.ts';
import { short } from '../format.ts';
import { ticksOf } from './ticks.ts';

/** `values` go with the rows; of text they are places in `texts`. `low` and `high` are of numbers alone, NaN and infinity left out. */
export type Axis = { id: string; name: string; numeric: boolean; values: (number | null)[]; texts: string[]; low: number; high: number };

/** Metrics, then params; text takes a place for each distinct value. Constant ones say nothing and are left out. */
export function axesOf(rows: RunRow[]): Axis[] {
  const keys = (of: (row: RunRow) => Map<string, unknown>) =>
    [...new Set(rows.flatMap((row) => [...of(row).keys()]))].filter((key) => !key.startsWith('system/'));
  const axes = [
    ...keys((row) => row.params).map((key) =>
      axis(
        `params.${key}`,
        key,
        rows.map((row) => row.params.get(key) ?? null),
      ),
    ),
    ...keys((row) => row.metrics).map((key) =>
      axis(
        `metrics.${key}`,
        key,
        rows.map((row) => row.metrics.get(key)?.last ?? null),
      ),
    ),
    axis(
      'attributes.duration',
      'duration (s)',
      rows.map((row) => (row.durationMs === null ? null : Number(row.durationMs) / 1000)),
    ),
  ];
  return axes.filter(({ low, high }) => low < high);
}

const POWERS = 20;
const MOST_TEXTS = 16;
const NOT_FINITE = /^(nan|[+-]?inf(inity)?)$/i;

function axis(id: string, name: string, cells: (string | number | null)[]): Axis {
  const numbers = cells.map((cell) => (cell === null || cell === '' ? null : Number(cell)));
  // A metric may be NaN somewhere and is a number all the same.
  const numeric = numbers.every((value, at) => cells[at] === null || Number.isFinite(value) || NOT_FINITE.test(String(cells[at])));
  const texts = numeric ? [] : [...new Set(cells.filter((cell) => cell !== null).map(String))].sort();
  const values = numeric
    ? numbers.map((value) => (value !== null && Number.isFinite(value) ? value : null))
    : cells.map((cell) => (cell === null ? null : texts.indexOf(String(cell))));
  const known = values.filter((value): value is number => value !== null);
  return { id, name, numeric, values, texts, low: Math.min(...known), high: Math.max(...known) };
}

export const share = ({ low, high }: Pick<Axis, 'low' | 'high'>, value: number, log = false): number => {
  if (high === low) return 0.5;
  return log ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value / 2 - low / 2) / (high / 2 - low / 2);
};

/** Ticks at their shares of an axis. `base`: what is to be added to each label. */
export function marksOf(one: Axis, count: number, log = false): { ticks: { at: number; label: string }[]; base: string } {
  if (!one.numeric) return { ticks: one.texts.slice(0, MOST_TEXTS).map((label, at) => ({ at: share(one, at), label })), base: '' };
  const { values, labels, base } = ticksOf(one, count, { log });
  return { ticks: values.map((value, at) => ({ at: share(one, value, log), label: labels[at]! })), base };
}

/** Whether it spans so much that most of it would lie at the foot of a linear axis. */
export const spansPowers = ({ numeric, low, high }: Axis): boolean => numeric && low > 0 && high / low >= POWERS;

export const labelOf = (one: Axis, value: number): string => (one.numeric ? short(value) : (one.texts[Math.round(value)] ?? ''));
