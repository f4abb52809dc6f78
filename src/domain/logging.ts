// Rules of what runs log: metrics, params, tags. One request is one transaction; what was answered is committed.
import { requireCan } from '../auth/policy.ts';
import type { TeamCtx } from '../context.ts';
import { deleteRunTags, type PointColumns, type RunState, type ValueColumns, writePointsAndTags } from '../db/ingest.ts';
import { findKeys, internKeys } from '../db/keys.ts';
import { writeParams } from '../db/params.ts';
import { type Db, isPool, type Long } from '../db/pool.ts';
import type { KeyValue } from '../db/runs.ts';
import { writerOf } from '../db/writer.ts';
import { AppError, invalid, notFound } from '../errors.ts';
import { isHexId } from '../ids.ts';
import { logModelMetrics } from './loggedModels.ts';
import { noRun, RUN_NAME_TAG, requireActiveRun, runDeleted } from './runs.ts';
import { checkBatchSize, checkInt64, checkKey, checkLength, isKnownKey, LIMITS, truncate } from './validation.ts';

export type MetricInput = {
  key: string;
  /** NaN and the infinities are values like others. */
  value: number;
  /** Milliseconds since 1970, not negative. */
  timestamp: Long;
  step: Long;
  /** The logged model (`m-…`) and dataset that the value speaks of, if any. */
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
};

export type Batch = { metrics?: MetricInput[]; params?: KeyValue[]; tags?: KeyValue[] };

function checkMetrics(metrics: MetricInput[]): void {
  metrics.forEach((metric, index) => {
    if (isKnownKey(metric.key) && Number.isSafeInteger(metric.step) && Number.isSafeInteger(metric.timestamp) && metric.timestamp >= 0) return;
    const path = `metrics[${index}]`;
    checkKey(metric.key, `${path}.name`);
    checkInt64(metric.step, `${path}.step`);
    checkInt64(metric.timestamp, `${path}.timestamp`);
    if (metric.timestamp < 0) {
      throw invalid(
        `Invalid value ${metric.timestamp} for parameter '${path}.timestamp' supplied: metric '${metric.key}' (value=${metric.value}). Timestamp must be a nonnegative long (64-bit integer) `,
        { argument: `${path}.timestamp` },
      );
    }
  });
}

const toColumns = (metrics: MetricInput[], keyIds: Map<string, number>): PointColumns => ({
  keyIds: metrics.map((metric) => keyIds.get(metric.key)!),
  steps: metrics.map((metric) => metric.step),
  timestamps: metrics.map((metric) => metric.timestamp),
  values: metrics.map((metric) => metric.value),
});

/** Later values of a key win. */
function toValueColumns(pairs: KeyValue[], keyIds: Map<string, number>): ValueColumns {
  const byKey = new Map(pairs.map(({ key, value }) => [keyIds.get(key)!, value]));
  const sorted = [...byKey].sort((a, b) => a[0] - b[0]);
  return { keyIds: sorted.map(([keyId]) => keyId), values: sorted.map(([, value]) => value) };
}

function requireState(state: RunState, runId: string): NonNullable<RunState> {
  if (!state) throw noRun(runId);
  if (state.deleted) throw runDeleted(runId);
  return state;
}

/** Logs a batch of any size within the limits, all or nothing. Params can't change their value; the same value again is fine. */
export async function logBatch(ctx: TeamCtx, runId: string, batch: Batch): Promise<void> {
  const { metrics = [], params = [], tags = [] } = batch;
  checkBatchSize('metrics', LIMITS.metricsPerBatch, metrics.length);
  checkBatchSize('params', LIMITS.paramsPerBatch, params.length);
  checkBatchSize('tags', LIMITS.tagsPerBatch, tags.length);
  checkBatchSize('metrics, params, and tags', LIMITS.entitiesPerBatch, metrics.length + params.length + tags.length);
  await logColumns(ctx, runId, { metrics, params, tags });
}

/** logBatch without MLflow's batch limits, for doors that have limits of their own. */
export async function logColumns(ctx: TeamCtx, runId: string, { metrics = [], params = [], tags = [] }: Batch): Promise<void> {
  requireCan(ctx, 'run:write');
  if (!isHexId(runId)) throw noRun(runId);
  checkMetrics(metrics);
  const cutParams = params.map(({ key, value }, index) => {
    checkKey(key, `params[${index}].key`);
    return { key, value: truncate(value, LIMITS.paramValueLength) };
  });
  const cutTags = tags.map(({ key, value }, index) => {
    checkKey(key, `tags[${index}].key`);
    return { key, value: truncate(value, LIMITS.tagValueLength) };
  });
  const name = cutTags.findLast((tag) => tag.key === RUN_NAME_TAG)?.value;
  if (name !== undefined) checkLength('run_name', LIMITS.runNameLength, name);
  checkUnique(cutParams);

  const { teamId } = ctx.team;
  const ofModels = metrics.filter((metric) => metric.modelId);
  const keyIds = await keysOf(ctx, runId, [...metrics, ...cutParams, ...cutTags]);
  const points = toColumns(metrics, keyIds);
  const tagValues = toValueColumns(cutTags, keyIds);
  const written =
    ofModels.length === 0 && name === undefined && isPool(ctx.db)
      ? await writerOf(ctx.db).write(teamId, { runId, points, tags: tagValues, params: toValueColumns(cutParams, keyIds) })
      : 'apart';
  if (written === 'full') throw new AppError('UNAVAILABLE', 'More is being logged than the database takes right now. Try again in a moment.');
  if (written !== 'apart' && written !== 'params differ') requireState(written, runId);
  else {
    await ctx.db.tx(async (tx) => {
      if (cutParams.length > 0) await writeParamsOnce(tx, teamId, runId, cutParams, keyIds);
      if (metrics.length + cutTags.length > 0) requireState(await writePointsAndTags(tx, teamId, runId, points, tagValues, name), runId);
      const named = ofModels.map((metric) => ({
        ...metric,
        modelId: metric.modelId!,
        datasetName: metric.datasetName ?? '',
        datasetDigest: metric.datasetDigest ?? '',
      }));
      if (named.length > 0) await logModelMetrics(tx, teamId, runId, named);
    });
  }
  ctx.bus.publish(teamId, 'run', runId);
}

/** Names are added to the dictionary outside the transaction, so only for runs that exist: a stranger's guesses leave nothing behind. */
async function keysOf(ctx: TeamCtx, runId: string, named: { key: string }[]): Promise<Map<string, number>> {
  const names = new Set(named.map((one) => one.key));
  const known = await findKeys(ctx.db, ctx.team.teamId, names);
  if (known.size < names.size || names.size === 0) await requireActiveRun(ctx, runId);
  return known.size < names.size ? internKeys(ctx.db, ctx.team.teamId, names) : known;
}

function checkUnique(params: KeyValue[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.size === seen.add(key).size).map(({ key }) => `'${key}'`);
  if (twice.length > 0) {
    throw invalid(
      `Duplicate parameter keys have been submitted: [${twice.join(', ')}]. Please ensure the request contains only one param value per param key.`,
    );
  }
}

async function writeParamsOnce(tx: Db, teamId: number, runId: string, params: KeyValue[], keyIds: Map<string, number>): Promise<void> {
  const { state, conflicts } = await writeParams(tx, teamId, runId, toValueColumns(params, keyIds));
  requireState(state, runId);
  const [conflict] = conflicts;
  if (!conflict) return;
  const param = params.find(({ key }) => keyIds.get(key) === conflict.keyId)!;
  throw invalid(
    `Changing param values is not allowed. Param with key='${param.key}' was already logged with value='${conflict.value}' for run ID='${runId}'. Attempted logging new value '${param.value}'.`,
    { argument: 'params' },
  );
}

/** Throws NOT_FOUND when the run has no such tag. */
export async function deleteTag(ctx: TeamCtx, runId: string, key: string): Promise<void> {
  requireCan(ctx, 'run:write');
  await requireActiveRun(ctx, runId);
  const keyId = (await findKeys(ctx.db, ctx.team.teamId, [key])).get(key);
  const gone = keyId === undefined ? [] : await deleteRunTags(ctx.db, ctx.team.teamId, runId, [keyId]);
  if (gone.length === 0) throw notFound(`No tag with name: ${key} in run with id ${runId}`);
  ctx.bus.publish(ctx.team.teamId, 'run', runId);
}
