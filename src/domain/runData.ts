// Everything that is shown with runs, read for a whole page at once.
import { requireCan } from '../auth/policy.ts';
import type { TeamCtx } from '../context.ts';
import { type Choice, type KeyValue, metricsByRuns, paramsAndTagsByRuns, paramsByRuns, type Run, type RunMetric, tagsByRuns } from '../db/runs.ts';
import { inputsByRuns, type ModelOutput, outputsByRuns, type RunInputs } from './datasets.ts';

export type { Choice, KeyValue, RunMetric };

export type RunData = {
  params: Map<string, KeyValue[]>;
  tags: Map<string, KeyValue[]>;
  metrics: Map<string, RunMetric[]>;
  inputs: Map<string, RunInputs>;
  outputs: Map<string, ModelOutput[]>;
};

/** By run id; runs without any are absent. */
export async function readRuns(ctx: TeamCtx, runs: Run[]): Promise<RunData> {
  requireCan(ctx, 'team:read');
  const ids = runs.map((run) => run.runId);
  if (ids.length === 0) return { params: new Map(), tags: new Map(), metrics: new Map(), inputs: new Map(), outputs: new Map() };
  const { db } = ctx;
  const { teamId } = ctx.team;
  const [pairs, metrics, inputs, outputs] = await Promise.all([
    paramsAndTagsByRuns(db, teamId, ids),
    metricsByRuns(db, teamId, ids),
    inputsByRuns(ctx, ids),
    outputsByRuns(ctx, ids),
  ]);
  return { ...pairs, metrics, inputs, outputs };
}

// Of all keys, or of chosen ones only: a run may have 1,500 metrics. By run id; runs without any are absent.
export const runParams = (ctx: TeamCtx, runIds: string[], choice?: Choice) => paramsByRuns(ctx.db, ctx.team.teamId, runIds, choice);
export const runTags = (ctx: TeamCtx, runIds: string[], choice?: Choice) => tagsByRuns(ctx.db, ctx.team.teamId, runIds, choice);
export const runMetrics = (ctx: TeamCtx, runIds: string[], choice?: Choice) => metricsByRuns(ctx.db, ctx.team.teamId, runIds, choice);
