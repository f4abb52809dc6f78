// Rules of what runs log: metrics, params, tags. One request is one transaction; what was answered is committed.
import { requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import { AppError, invalid, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import type { Long } from '../../lib/long.ts';
import * as points from '../../points/points.ts';
import type { KeyValue } from '../../points/values.ts';
import { checkBatchSize, checkInt64, checkKey, checkLength, isKnownKey, LIMITS, truncate } from '../limits.ts';
import { logModelMetrics } from './loggedModels.ts';
import { noRun, RUN_NAME_TAG, requireActiveRun, runDeleted } from './runs.ts';

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
  const ofModels = metrics.flatMap(({ modelId, datasetName = '', datasetDigest = '', ...metric }) =>
    modelId ? [{ ...metric, modelId, datasetName, datasetDigest }] : [],
  );
  const alongside = ofModels.length > 0 ? (tx: Db) => logModelMetrics(tx, teamId, runId, ofModels) : undefined;
  const logged = await points.log(ctx.db, teamId, runId, { metrics, params: cutParams, tags: cutTags, name, alongside });
  if (logged.outcome === 'no run') throw noRun(runId);
  if (logged.outcome === 'deleted') throw runDeleted(runId);
  if (logged.outcome === 'full') throw new AppError('UNAVAILABLE', 'More is being logged than the database takes right now. Try again in a moment.');
  if (logged.outcome === 'param differs') throw paramDiffers(runId, cutParams, logged);
  ctx.bus.publish(teamId, 'run', runId);
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

function paramDiffers(runId: string, params: KeyValue[], { key, value }: { key: string; value: string }): AppError {
  const attempted = params.find((param) => param.key === key)!.value;
  return invalid(
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${value}' for run ID='${runId}'. Attempted logging new value '${attempted}'.`,
    { argument: 'params' },
  );
}

/** Throws NOT_FOUND when the run has no such tag. */
export async function deleteTag(ctx: TeamCtx, runId: string, key: string): Promise<void> {
  requireCan(ctx, 'run:write');
  await requireActiveRun(ctx, runId);
  if (!(await points.deleteTag(ctx.db, ctx.team.teamId, runId, key))) throw notFound(`No tag with name: ${key} in run with id ${runId}`);
  ctx.bus.publish(ctx.team.teamId, 'run', runId);
}
