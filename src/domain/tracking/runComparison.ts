// Runs side by side: which params, tags and metrics they have, and in which they differ.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import type { Stat } from '../../search/tree.ts';
import { type Choice, type RunMetric, runMetrics, runParams, runTags } from './runData.ts';
import { getRuns, noRun, type Run } from './runs.ts';

export const COMPARE_LIMITS = { runs: 500, values: 100_000 } as const;

export type ComparedRow<V> = { key: string; differs: boolean; values: (V | null)[] };
export type ComparedChoice = { differing?: boolean | null; keys?: string[] | null; prefix?: string | null };

/** Each once, in the order given. Throws NOT_FOUND, INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export async function runsToCompare(ctx: TeamCtx, runIds: string[]): Promise<Run[]> {
  requireCan(ctx, 'team:read');
  const wanted = [...new Set(runIds)];
  const argument = 'runIds';
  if (wanted.length === 0) throw invalid('Give at least one run to compare.', { argument });
  if (wanted.length > COMPARE_LIMITS.runs) {
    throw limitExceeded(`At most ${COMPARE_LIMITS.runs} runs can be compared at once, not ${wanted.length}. Ask for fewer.`, {
      argument,
      limit: COMPARE_LIMITS.runs,
      asked: wanted.length,
    });
  }
  const runs = await getRuns(ctx, wanted);
  const known = new Set(runs.map((run) => run.runId));
  const missing = wanted.find((runId) => !known.has(runId));
  if (missing !== undefined) throw noRun(missing);
  return runs;
}

function tooMany(): never {
  throw limitExceeded(`A comparison has at most ${COMPARE_LIMITS.values} values. Ask for fewer with 'keys' or 'prefix', or compare fewer runs.`, {
    argument: 'keys',
    limit: COMPARE_LIMITS.values,
  });
}

function choiceOf({ keys, prefix }: ComparedChoice): Choice {
  const limit = COMPARE_LIMITS.values + 1;
  if (keys) return { keys: prefix ? keys.filter((key) => key.startsWith(prefix)) : keys, limit };
  return prefix ? { prefixes: [prefix], limit } : { limit };
}

function compare<T extends { key: string }, V>(
  runs: Run[],
  found: Map<string, T[]>,
  read: (one: T) => V | null,
  { differing }: ComparedChoice,
): ComparedRow<V>[] {
  let count = 0;
  const rows = new Map<string, (V | null)[]>();
  runs.forEach(({ runId }, place) => {
    for (const one of found.get(runId) ?? []) {
      count += 1;
      const values = rows.get(one.key) ?? new Array<V | null>(runs.length).fill(null);
      values[place] = read(one);
      if (values.length * rows.size > 10 * COMPARE_LIMITS.values) tooMany();
      rows.set(one.key, values);
    }
  });
  if (count > COMPARE_LIMITS.values) tooMany();
  const all = [...rows].map(([key, values]) => ({ key, values, differs: values.some((value) => !Object.is(value, values[0])) }));
  const wanted = differing ? all.filter((row) => row.differs) : all;
  if (wanted.length * runs.length > COMPARE_LIMITS.values) tooMany();
  return wanted.sort((a, b) => (a.key < b.key ? -1 : 1));
}

const text = (one: { value: string }) => one.value;

export async function compareParams(ctx: TeamCtx, runs: Run[], choice: ComparedChoice): Promise<ComparedRow<string>[]> {
  requireCan(ctx, 'team:read');
  return compare(runs, await runParams(ctx, idsOf(runs), choiceOf(choice)), text, choice);
}

export async function compareTags(ctx: TeamCtx, runs: Run[], choice: ComparedChoice & { includeSystem: boolean }): Promise<ComparedRow<string>[]> {
  requireCan(ctx, 'team:read');
  const rows = compare(runs, await runTags(ctx, idsOf(runs), choiceOf(choice)), text, choice);
  return choice.includeSystem ? rows : rows.filter(({ key }) => !key.startsWith('mlflow.'));
}

export async function compareMetrics(ctx: TeamCtx, runs: Run[], choice: ComparedChoice & { stat: Stat }): Promise<ComparedRow<number>[]> {
  requireCan(ctx, 'team:read');
  return compare(runs, await runMetrics(ctx, idsOf(runs), choiceOf(choice)), (metric) => statOf(metric, choice.stat), choice);
}

const idsOf = (runs: Run[]) => runs.map((run) => run.runId);

function statOf(metric: RunMetric, stat: Stat): number | null {
  if (stat === 'last') return metric.value;
  if (stat === 'first') return metric.first.value;
  return stat === 'count' ? Number(metric.count) : metric[stat];
}
