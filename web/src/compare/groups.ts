// Runs put together by a param, a tag or an attribute: a colour for each group, and the mean of its curves with a band. Pure.
import type { RunRow } from '../api/runs.ts';
import { colourOf, RUN_COLOURS } from '../format.ts';

export type Group = { value: string; colour: string; runIds: string[] };
export type Grouping = { by: string; groups: Group[]; colour: (row: RunRow) => string; valueOf: (row: RunRow) => string };

const NONE = '–';
const OTHERS = '#7c808c';
/** The last colour is for all further groups. */
const MOST_COLOURS = RUN_COLOURS.length - 1;

export function valueAt(row: RunRow, by: string): string {
  const dot = by.indexOf('.');
  const [kind, key] = [by.slice(0, dot), by.slice(dot + 1)];
  if (kind === 'params') return row.params.get(key) ?? NONE;
  if (kind === 'tags') return row.tags.get(key) ?? NONE;
  if (key === 'status') return row.status;
  if (key === 'experiment_id') return row.experimentId;
  return row.user ?? NONE;
}

/** Numbers by size, then text; what has no value last. */
function compareValues(a: string, b: string): number {
  if (a === NONE || b === NONE) return Number(a === NONE) - Number(b === NONE);
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return a.localeCompare(b);
}

/** `by` '' colours each run by itself. The groups with most runs get colours of their own. */
export function groupingOf(rows: RunRow[], by: string): Grouping {
  if (!by) return { by, groups: [], colour: (row) => colourOf(row.runId), valueOf: () => '' };
  const members = new Map<string, string[]>();
  for (const row of rows) {
    const value = valueAt(row, by);
    members.set(value, [...(members.get(value) ?? []), row.runId]);
  }
  const values = [...members.keys()].sort(compareValues);
  const ranked = [...values].sort((a, b) => members.get(b)!.length - members.get(a)!.length).slice(0, MOST_COLOURS);
  const chosen = values.filter((value) => ranked.includes(value));
  const colours = new Map(values.map((value) => [value, chosen.includes(value) ? RUN_COLOURS[chosen.indexOf(value)]! : OTHERS]));
  return {
    by,
    groups: values.map((value) => ({ value, colour: colours.get(value)!, runIds: members.get(value)! })),
    colour: (row) => colours.get(valueAt(row, by))!,
    valueOf: (row) => valueAt(row, by),
  };
}

/** What can put these runs together: values that some share and that aren't all the same. Params first, then tags and attributes. */
export function groupKeysOf(rows: RunRow[]): string[] {
  const of = (kind: string, keys: string[]) => [...new Set(keys)].sort().map((key) => `${kind}.${key}`);
  const all = [
    ...of(
      'params',
      rows.flatMap((row) => [...row.params.keys()]),
    ),
    ...of(
      'tags',
      rows.flatMap((row) => [...row.tags.keys()].filter((key) => !key.startsWith('mlflow.'))),
    ),
    'attributes.user_id',
    'attributes.status',
    'attributes.experiment_id',
  ];
  return all.filter((by) => {
    const distinct = new Set(rows.map((row) => valueAt(row, by))).size;
    return distinct > 1 && distinct < Math.max(rows.length, 3);
  });
}

export type Spread = 'sd' | 'range';
/** Columns over x. `runs` is how many curves reach there. */
export type Band = { xs: number[]; mean: (number | null)[]; low: (number | null)[]; high: (number | null)[]; runs: number[] };

const MOST_XS = 400;

/** The mean of curves at common places of x, each drawn straight between its points and not beyond its ends. `ys` null is a gap. */
export function bandOf(curves: { xs: readonly number[]; ys: readonly (number | null)[] }[], spread: Spread): Band {
  const lines = curves
    .map(({ xs, ys }) => ({ xs: xs.filter((_, at) => ys[at] !== null), ys: ys.filter((y): y is number => y !== null) }))
    .filter(({ xs }) => xs.length > 0);
  const grid = gridOf(lines.map(({ xs }) => xs));
  const band: Band = { xs: grid, mean: [], low: [], high: [], runs: [] };
  const places = lines.map(() => 0);
  for (const x of grid) {
    const found: number[] = [];
    lines.forEach(({ xs, ys }, line) => {
      if (x < xs[0]! || x > xs.at(-1)!) return;
      let at = places[line]!;
      while (at + 1 < xs.length && xs[at + 1]! <= x) at += 1;
      places[line] = at;
      const [left, right] = [xs[at]!, xs[at + 1]];
      found.push(right === undefined || x === left ? ys[at]! : ys[at]! + ((ys[at + 1]! - ys[at]!) * (x - left)) / (right - left));
    });
    const mean = found.reduce((sum, y) => sum + y, 0) / found.length;
    const sd = Math.sqrt(found.reduce((sum, y) => sum + (y - mean) ** 2, 0) / Math.max(1, found.length - 1));
    band.runs.push(found.length);
    band.mean.push(found.length ? mean : null);
    band.low.push(found.length ? (spread === 'sd' ? mean - sd : Math.min(...found)) : null);
    band.high.push(found.length ? (spread === 'sd' ? mean + sd : Math.max(...found)) : null);
  }
  return band;
}

/** The places that the curves have themselves, where they are few; else evenly spread. */
function gridOf(all: number[][]): number[] {
  const own = [...new Set(all.flat())].sort((a, b) => a - b);
  if (own.length <= MOST_XS) return own;
  const [first, last] = [own[0]!, own.at(-1)!];
  return Array.from({ length: MOST_XS }, (_, at) => first + ((last - first) * at) / (MOST_XS - 1));
}
