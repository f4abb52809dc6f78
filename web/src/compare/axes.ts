// Which values of runs can be drawn against each other, and where they lie on an axis. Pure.
import type { RunRow } from '../api/runs.ts';

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
  ];
  return axes.filter(({ low, high }) => low < high);
}

function axis(id: string, name: string, cells: (string | number | null)[]): Axis {
  const numbers = cells.map((cell) => (cell === null || cell === '' ? null : Number(cell)));
  const numeric = numbers.every((value, at) => cells[at] === null || Number.isFinite(value));
  const texts = numeric ? [] : [...new Set(cells.filter((cell) => cell !== null).map(String))].sort();
  const values = numeric ? numbers : cells.map((cell) => (cell === null ? null : texts.indexOf(String(cell))));
  const known = values.filter((value): value is number => value !== null);
  return { id, name, numeric, values, texts, low: Math.min(...known), high: Math.max(...known) };
}

export const share = ({ low, high }: Axis, value: number): number => (high === low ? 0.5 : (value - low) / (high - low));

export const labelOf = (one: Axis, value: number): string =>
  one.numeric ? String(Number(value.toPrecision(4))) : (one.texts[Math.round(value)] ?? '');
