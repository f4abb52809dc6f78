// Runs put together by a param, a tag or an attribute, with a colour for each group. Pure.
import type { RunRow } from '../api/runs.ts';
import { slotsOf, strokeOf } from '../charts/slots.ts';
import { RUN_COLOURS } from '../format.ts';

export type Group = { value: string; colour: string; runIds: string[] };
export type Grouping = {
  by: string;
  groups: Group[];
  colour: (row: RunRow) => string;
  dash: (row: RunRow) => number[] | null;
  valueOf: (row: RunRow) => string;
};

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

/** `by` '' colours each run by its place, or by `slots`. The groups with most runs get colours of their own. */
export function groupingOf(rows: RunRow[], by: string, slots: ReadonlyMap<string, number> = slotsOf(rows.map(({ runId }) => runId))): Grouping {
  if (!by) {
    const look = (row: RunRow) => strokeOf(slots.get(row.runId) ?? 0);
    return { by, groups: [], colour: (row) => look(row).colour, dash: (row) => look(row).dash, valueOf: () => '' };
  }
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
    dash: () => null,
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
