// The runs of an experiment as trials: a value each, in the order in which they started, and the best so far. Pure.
import type { Goal } from '../best-value.ts';

/** `values` and `counts` by metric: the last value, and how many were logged. */
export type TrialRow = {
  runId: string;
  name: string;
  startedAt: number | null;
  parent: string | null;
  values: ReadonlyMap<string, number>;
  counts: ReadonlyMap<string, number>;
  params: ReadonlyMap<string, string>;
};

/** `at`: its place in the order, from 1. */
export type Trial = { row: TrialRow; at: number; value: number };
/** `parents`: runs that only hold others, whose values would be told twice. `unplaced`: NaN or infinite. `without`: never logged it. */
export type Trials = { trials: Trial[]; parents: TrialRow[]; unplaced: number; without: number };

export function trialsOf(rows: readonly TrialRow[], metric: string): Trials {
  const holding = new Set(rows.flatMap(({ parent }) => parent ?? []));
  const parents = rows.filter(({ runId }) => holding.has(runId));
  const own = rows.filter(({ runId }) => !holding.has(runId));
  // Ids begin with the time, so they settle what started in the same millisecond.
  own.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || (a.runId < b.runId ? -1 : 1));
  const having = own.filter(({ values }) => values.has(metric));
  const trials = having.flatMap((row, index) => {
    const value = row.values.get(metric)!;
    return Number.isFinite(value) ? [{ row, at: index + 1, value }] : [];
  });
  return { trials, parents, unplaced: having.length - trials.length, without: own.length - having.length };
}

/** Those that were better than all before. */
export function improvements(trials: readonly Trial[], goal: Goal): Trial[] {
  const found: Trial[] = [];
  for (const trial of trials) {
    const best = found.at(-1);
    if (!best || (goal === 'lowest' ? trial.value < best.value : trial.value > best.value)) found.push(trial);
  }
  return found;
}

/** Metrics that could be what the runs are about: those of several runs, by how much speaks for each. `single`: never logged twice in a run. */
export type Candidate = { metric: string; runs: number; single: boolean };

const FEWEST = 3;

export function candidatesOf(rows: readonly TrialRow[], metrics: readonly string[], goalOf: (metric: string) => Goal | null): Candidate[] {
  const found = metrics.flatMap((metric): Candidate[] => {
    const { trials } = trialsOf(rows, metric);
    if (trials.length < FEWEST) return [];
    return [{ metric, runs: trials.length, single: trials.every(({ row }) => (row.counts.get(metric) ?? 1) <= 1) }];
  });
  const most = Math.max(0, ...found.map(({ runs }) => runs));
  // One whose name says what is good tells more than one that a few more runs have.
  const known = ({ metric, runs }: Candidate) => Number(goalOf(metric) !== null && runs * 2 >= most);
  return found.sort((a, b) => Number(b.single) - Number(a.single) || known(b) - known(a) || b.runs - a.runs);
}
