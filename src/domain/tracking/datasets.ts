// What runs read and made: dataset inputs, model inputs, model outputs, and lists of them that clients keep in a tag.
import { requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import {
  type Dataset,
  type DatasetInput,
  type DatasetSummary,
  findDatasetInputs,
  findDatasetSummaries,
  findMissingModel,
  findModelInputs,
  findModelOutputs,
  insertDatasetInputs,
  insertModelInputs,
  lockRunTag,
  type ModelOutput,
  upsertModelOutputs,
} from '../../db/tracking/datasets.ts';
import { invalid } from '../../lib/errors.ts';
import { internKeyIds } from '../../points/keyIds.ts';
import * as points from '../../points/points.ts';
import { loggedModelNotFound, runDeleted, runNotFound } from '../faults.ts';
import { checkLength } from '../limits.ts';
import { parseExperimentId } from './experiments.ts';
import { readModelId, showModelId } from './loggedModels.ts';
import { requireActiveRun } from './runs.ts';

export type { DatasetInput, DatasetSummary, ModelOutput };
/** Model ids with their `m-`. */
export type RunInputs = { datasets: DatasetInput[]; models: { modelId: string }[] };

/** In characters. */
const DATASET_LIMITS: Record<keyof Dataset, number> = {
  name: 500,
  digest: 36,
  sourceType: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
};
const MAX_TAG_KEY = 255;
const MAX_TAG_VALUE = 500;
const MAX_PER_REQUEST = 1_000;
const MAX_EXPERIMENTS = 20;
const MAX_SUMMARIES = 1_000;

function checkInput({ dataset, tags }: DatasetInput): void {
  for (const [field, limit] of Object.entries(DATASET_LIMITS) as [keyof Dataset, number][]) {
    const value = dataset[field];
    if (value !== null) checkLength(field, limit, value);
  }
  for (const tag of tags) {
    checkLength('key', MAX_TAG_KEY, tag.key);
    checkLength('value', MAX_TAG_VALUE, tag.value);
  }
}

function checkCount(what: string, length: number): void {
  if (length > MAX_PER_REQUEST)
    throw invalid(`A request can log at most ${MAX_PER_REQUEST} ${what}. Got ${length}. Split them up.`, { argument: what });
}

async function requireModels(ctx: TeamCtx, tx: Db, uuids: string[]): Promise<void> {
  const missing = await findMissingModel(tx, ctx.team.teamId, uuids);
  if (missing) throw loggedModelNotFound(showModelId(missing));
}

/**
 * Adds datasets and models that a run reads, all or nothing. A dataset is the experiment's by name and digest; one that the run already
 * has is left as it is, tags included. Throws NOT_FOUND, FAILED_PRECONDITION (deleted run), INVALID_ARGUMENT.
 */
export async function logInputs(ctx: TeamCtx, runId: string, inputs: RunInputs): Promise<void> {
  requireCan(ctx, 'run:write');
  checkCount('datasets', inputs.datasets.length);
  checkCount('models', inputs.models.length);
  inputs.datasets.forEach(checkInput);
  const datasets = new Map<string, DatasetInput>();
  for (const input of inputs.datasets) {
    const key = JSON.stringify([input.dataset.name, input.dataset.digest]);
    if (!datasets.has(key)) datasets.set(key, input);
  }
  const models = [...new Set(inputs.models.map((model) => readModelId(model.modelId)))];
  await ctx.db.tx(async (tx) => {
    const run = await requireActiveRun(ctx, runId, tx);
    await insertDatasetInputs(tx, ctx.team.teamId, run, [...datasets.values()]);
    if (models.length === 0) return;
    await requireModels(ctx, tx, models);
    await insertModelInputs(tx, ctx.team.teamId, run.runId, models);
  });
  ctx.bus.publish(ctx.team.teamId, 'run', runId);
}

/** Adds models that a run made; one logged again gets the new step. Throws NOT_FOUND, FAILED_PRECONDITION, INVALID_ARGUMENT. */
export async function logOutputs(ctx: TeamCtx, runId: string, outputs: ModelOutput[]): Promise<void> {
  requireCan(ctx, 'run:write');
  checkCount('models', outputs.length);
  const models = new Map(outputs.map((output) => [readModelId(output.modelId), output.step]));
  await ctx.db.tx(async (tx) => {
    const run = await requireActiveRun(ctx, runId, tx);
    if (models.size === 0) return;
    await requireModels(ctx, tx, [...models.keys()]);
    const rows = [...models].map(([modelId, step]) => ({ modelId, step }));
    await upsertModelOutputs(tx, ctx.team.teamId, run.runId, rows);
  });
  ctx.bus.publish(ctx.team.teamId, 'run', runId);
}

/** What these runs read, in the order it was logged. Every run asked for is in the answer. */
export async function inputsByRuns(ctx: TeamCtx, runIds: string[]): Promise<Map<string, RunInputs>> {
  requireCan(ctx, 'team:read');
  const byRun = new Map<string, RunInputs>(runIds.map((runId) => [runId, { datasets: [], models: [] }]));
  const [datasets, models] = await Promise.all([
    findDatasetInputs(ctx.db, ctx.team.teamId, runIds),
    findModelInputs(ctx.db, ctx.team.teamId, runIds),
  ]);
  for (const { runId, ...input } of datasets) byRun.get(runId)!.datasets.push(input);
  for (const { runId, modelId } of models) byRun.get(runId)!.models.push({ modelId: showModelId(modelId) });
  return byRun;
}

/** What these runs made, in the order it was logged. Every run asked for is in the answer. */
export async function outputsByRuns(ctx: TeamCtx, runIds: string[]): Promise<Map<string, ModelOutput[]>> {
  requireCan(ctx, 'team:read');
  const byRun = new Map<string, ModelOutput[]>(runIds.map((runId) => [runId, []]));
  for (const { runId, modelId, step } of await findModelOutputs(ctx.db, ctx.team.teamId, runIds)) {
    byRun.get(runId)!.push({ modelId: showModelId(modelId), step });
  }
  return byRun;
}

/** The datasets that runs of these experiments (1 to 20) read, once for each context; at most 1,000. Experiments that don't exist have none. */
export async function searchDatasets(ctx: TeamCtx, experimentIds: string[]): Promise<DatasetSummary[]> {
  requireCan(ctx, 'team:read');
  const argument = 'experimentIds';
  if (experimentIds.length === 0) throw invalid('Name at least one experiment.', { reason: 'no-experiments', argument });
  if (experimentIds.length > MAX_EXPERIMENTS) {
    const [limit, asked] = [MAX_EXPERIMENTS, experimentIds.length];
    throw invalid(`Datasets of at most ${limit} experiments can be searched at once, not of ${asked}.`, {
      reason: 'too-many-experiments',
      argument,
      limit,
      asked,
    });
  }
  const numbers = experimentIds.flatMap((id) => parseExperimentId(id) ?? []);
  return findDatasetSummaries(ctx.db, ctx.team.teamId, numbers, MAX_SUMMARIES);
}

/** Adds an entry to the JSON list in a tag of the run, whatever its length. Throws NOT_FOUND, FAILED_PRECONDITION (deleted run), INVALID_ARGUMENT. */
export async function appendToTag(ctx: TeamCtx, runId: string, key: string, entry: unknown): Promise<void> {
  requireCan(ctx, 'run:write');
  const { teamId } = ctx.team;
  await requireActiveRun(ctx, runId);
  const keyId = (await internKeyIds(ctx.db, teamId, [key])).get(key)!;
  await ctx.db.tx(async (tx) => {
    const tag = await lockRunTag(tx, teamId, runId, keyId);
    if (!tag) throw runNotFound(runId);
    if (tag.deleted) throw runDeleted(runId);
    const value = JSON.stringify([...readList(key, tag.value), entry]);
    await points.log(tx, teamId, runId, { metrics: [], params: [], tags: [{ key, value }] });
  });
  ctx.bus.publish(teamId, 'run', runId);
}

function readList(key: string, value: string | null): unknown[] {
  try {
    const list: unknown = JSON.parse(value ?? '[]');
    if (Array.isArray(list)) return list;
  } catch {}
  throw invalid(`The tag '${key}' of this run isn't a JSON list any more, so nothing can be added to it. Delete the tag.`);
}
