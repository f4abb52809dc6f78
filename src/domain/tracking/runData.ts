// Everything that is shown with runs, read for a whole page at once.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import type { Run } from '../../db/tracking/runs.ts';
import {
  type Choice,
  type KeyValue,
  keptValues,
  metricsByRuns,
  paramsAndTagsByRuns,
  paramsByRuns,
  type RunMetric,
  summariesOfRuns,
  tagsByRuns,
} from '../../points/values.ts';
import { inputsByRuns, type ModelOutput, outputsByRuns, type RunInputs } from './datasets.ts';

export type { Choice, KeyValue, RunMetric };

/** `values`: all params, tags and latest metrics, as text (src/points/codec/summaryText.ts). What the run has none of is absent. */
export type WholeRun = { run: Run; values: string; inputs?: RunInputs | undefined; outputs?: ModelOutput[] | undefined };

/** Runs with all that was logged to them. */
export async function readRuns(ctx: TeamCtx, runs: Run[]): Promise<WholeRun[]> {
  requireCan(ctx, 'team:read');
  if (runs.length === 0) return [];
  const ids = runs.map((run) => run.runId);
  const summaries = await summariesOfRuns(ctx.db, ctx.team.teamId, ids);
  const linked = ids.filter((runId) => summaries.get(runId)!.linked);
  const [inputs, outputs] = await Promise.all(linked.length > 0 ? [inputsByRuns(ctx, linked), outputsByRuns(ctx, linked)] : []);
  return runs.map((run) => ({
    run,
    values: summaries.get(run.runId)!.text,
    inputs: inputs?.get(run.runId),
    outputs: outputs?.get(run.runId),
  }));
}

// Of all keys, or of chosen ones only: a run may have 1,500 metrics. By run id; runs without any are absent.
export const runParams = (ctx: TeamCtx, runIds: string[], choice?: Choice) => paramsByRuns(ctx.db, ctx.team.teamId, runIds, choice);
export const runTags = (ctx: TeamCtx, runIds: string[], choice?: Choice) => tagsByRuns(ctx.db, ctx.team.teamId, runIds, choice);
export const runMetrics = (ctx: TeamCtx, runIds: string[], choice?: Choice) => metricsByRuns(ctx.db, ctx.team.teamId, runIds, choice);

export const runParamsAndTags = (ctx: TeamCtx, runIds: string[]) => paramsAndTagsByRuns(ctx.db, ctx.team.teamId, runIds);

/** Everything that quiet runs logged, by run id; others are absent, and are read by the functions above. Metrics come without statistics. */
export function quietValues(ctx: TeamCtx, runIds: string[]): ReturnType<typeof keptValues> {
  requireCan(ctx, 'team:read');
  return keptValues(ctx.db, ctx.team.teamId, runIds);
}
