// Logged models: what a run trained, from PENDING to READY, with params, tags and the points that name it.
// Shown and taken as `m-` and 32 hex digits. What was deleted answers like what never was, except to those who ask for deleted ones.
import { requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import {
  deleteModelTag,
  type Entry,
  findLoggedModels,
  findModelIdsByRuns,
  insertLoggedModel,
  insertModelParams,
  insertModelPoints,
  type LoggedModelRow,
  lockLoggedModel,
  type ModelPoint,
  type ModelStatus,
  markModelDeleted,
  updateModelStatus,
  upsertModelTags,
} from '../../db/tracking/loggedModels.ts';
import { invalid, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { loggedModelNotFound } from '../faults.ts';
import { checkBatchSize, checkLength, LIMITS } from '../limits.ts';
import { record } from '../people/audit.ts';
import { requireActiveExperiment } from './experiments.ts';
import { generateName } from './generatedNames.ts';

export type { Entry, ModelPoint, ModelStatus };
/** `modelId` with its `m-`; every other field as in the row. */
export type LoggedModel = LoggedModelRow;

const KEY_LENGTH = 255;
const DATASET_NAME_LENGTH = 500;
const DATASET_DIGEST_LENGTH = 36;
/** Metric, dataset and digest stand in one index entry, which Postgres bounds by 2,704 bytes. */
const MAX_POINT_KEY_BYTES = 2_500;
const PARAM_VALUE_LENGTH = 65_535;
const TAG_VALUE_LENGTH = 100_000;
const NAME_LENGTH = 500;
/** Points of one model in an answer: as many as a page of a metric's history has, and fewer where many models are read at once. */
const MAX_POINTS = 25_000;
const MAX_POINTS_EACH = 1_000;

export const showModelId = (uuid: string): string => `m-${uuid}`;

/** The id as the database knows it. Throws NOT_FOUND for what can't be one. */
export function readModelId(modelId: string): string {
  const uuid = modelId.startsWith('m-') ? modelId.slice(2) : '';
  if (!isHexId(uuid)) throw loggedModelNotFound(modelId);
  return uuid;
}

const show = (row: LoggedModelRow): LoggedModel => ({ ...row, modelId: showModelId(row.modelId) });

/** Tells who watches the run that the model says it comes from. What a client wrote there may be no run at all. */
function announce(ctx: TeamCtx, sourceRunId: string | null): void {
  if (sourceRunId && isHexId(sourceRunId)) ctx.bus.publish(ctx.team.teamId, 'run', sourceRunId);
}

async function readModel(ctx: TeamCtx, db: Db, uuid: string): Promise<LoggedModel> {
  const [row] = await findLoggedModels(db, ctx.team.teamId, [uuid], MAX_POINTS);
  if (!row) throw loggedModelNotFound(showModelId(uuid));
  return show(row);
}

async function lockModel(ctx: TeamCtx, tx: Db, modelId: string) {
  const uuid = readModelId(modelId);
  const model = await lockLoggedModel(tx, ctx.team.teamId, uuid);
  if (!model) throw loggedModelNotFound(modelId);
  return { uuid, ...model };
}

/** Such characters would break `models:/` addresses and artifact paths. */
function checkModelName(name: string): void {
  if (/[/:.%"']/.test(name)) {
    throw invalid(`'${name}' can't name a logged model: leave out / : . % " and '.`, { reason: 'logged-model-name-invalid', argument: 'name', name });
  }
  checkLength('name', NAME_LENGTH, name);
}

function checkEntries(what: 'params' | 'tags', entries: Entry[]): void {
  checkBatchSize(what, LIMITS.entitiesPerBatch, entries.length);
  entries.forEach(({ key, value }, index) => {
    const argument = `${what}[${index}].key`;
    if (key === '') throw invalid(`'${argument}' is empty. Give a key.`, { reason: 'key-empty', argument });
    checkLength(argument, KEY_LENGTH, key);
    checkLength(`${what}[${index}].value`, what === 'params' ? PARAM_VALUE_LENGTH : TAG_VALUE_LENGTH, value);
  });
}

const lastOfEachKey = (entries: Entry[]): Entry[] => [...new Map(entries.map((entry) => [entry.key, entry])).values()];

async function addParams(ctx: TeamCtx, tx: Db, uuid: string, params: Entry[]): Promise<void> {
  const given = new Map<string, string>();
  for (const { key, value } of params) {
    if (given.has(key) && given.get(key) !== value)
      throw invalid(`The param '${key}' is given twice, with different values.`, { reason: 'param-given-twice', argument: 'params', key });
    given.set(key, value);
  }
  const distinct = [...given].map(([key, value]) => ({ key, value }));
  if (distinct.length === 0) return;
  const changed = await insertModelParams(tx, ctx.team.teamId, uuid, distinct);
  if (changed) {
    const { key, old, new: now } = changed;
    throw invalid(`The param '${key}' of this model is '${old}', and params keep their value: it can't become '${now}'.`, {
      reason: 'param-differs',
      argument: 'params',
      modelId: showModelId(uuid),
      key,
      value: old,
      attempted: now,
    });
  }
}

async function addTags(ctx: TeamCtx, tx: Db, uuid: string, tags: Entry[]): Promise<void> {
  if (tags.length > 0) await upsertModelTags(tx, ctx.team.teamId, uuid, lastOfEachKey(tags));
}

export type NewModel = { experimentId: string; name?: string; modelType?: string; sourceRunId?: string; params: Entry[]; tags: Entry[] };

/**
 * A PENDING model with a place for its files; the name is made up when none is given.
 * Throws NOT_FOUND (experiment), FAILED_PRECONDITION (deleted experiment), INVALID_ARGUMENT.
 */
export async function createLoggedModel(ctx: TeamCtx, input: NewModel): Promise<LoggedModel> {
  requireCan(ctx, 'model:write');
  const name = input.name || generateName();
  checkModelName(name);
  checkLength('type', NAME_LENGTH, input.modelType ?? '');
  checkLength('sourceRunId', 256, input.sourceRunId ?? '');
  checkEntries('params', input.params);
  checkEntries('tags', input.tags);
  const uuid = ctx.newId();
  const sourceRunId = input.sourceRunId || null;
  const experiment = await requireActiveExperiment(ctx, input.experimentId);
  const model = await ctx.db.tx(async (tx) => {
    await insertLoggedModel(tx, ctx.team.teamId, {
      modelId: uuid,
      experimentId: experiment.experimentId,
      name,
      modelType: input.modelType || null,
      artifactUri: `${experiment.artifactLocation.replace(/\/+$/, '')}/models/${showModelId(uuid)}/artifacts`,
      sourceRunId,
      createdBy: ctx.viewer.userId,
      creationTime: ctx.now(),
    });
    await addParams(ctx, tx, uuid, input.params);
    await addTags(ctx, tx, uuid, input.tags);
    return readModel(ctx, tx, uuid);
  });
  announce(ctx, sourceRunId);
  return model;
}

/** The upload is over: READY or UPLOAD_FAILED, whatever it was before. Throws NOT_FOUND, INVALID_ARGUMENT. */
export async function finalizeLoggedModel(ctx: TeamCtx, modelId: string, status: ModelStatus): Promise<LoggedModel> {
  requireCan(ctx, 'model:write');
  if (status === 'PENDING') throw invalid('A model is finalized as READY or UPLOAD_FAILED, not as PENDING.', { argument: 'status' });
  const model = await ctx.db.tx(async (tx) => {
    const { uuid } = await lockModel(ctx, tx, modelId);
    await updateModelStatus(tx, ctx.team.teamId, uuid, status, ctx.now());
    return readModel(ctx, tx, uuid);
  });
  announce(ctx, model.sourceRunId);
  return model;
}

/** Throws NOT_FOUND, also for a deleted model unless `allowDeleted`. */
export async function getLoggedModel(ctx: TeamCtx, modelId: string, options: { allowDeleted?: boolean } = {}): Promise<LoggedModel> {
  requireCan(ctx, 'team:read');
  const model = await readModel(ctx, ctx.db, readModelId(modelId));
  if (model.deletedAt && !options.allowDeleted) throw loggedModelNotFound(modelId);
  return model;
}

/** Marks it as deleted, also when it was before. Its files and the versions made from it stay. Throws NOT_FOUND; FORBIDDEN for others' models. */
export async function deleteLoggedModel(ctx: TeamCtx, modelId: string): Promise<void> {
  requireCan(ctx, 'logged-model:delete-own');
  const deleted = await ctx.db.tx(async (tx) => {
    const found = await markModelDeleted(tx, ctx.team.teamId, readModelId(modelId), ctx.now());
    if (!found) throw loggedModelNotFound(modelId);
    if (found.createdBy !== ctx.viewer.userId) requireCan(ctx, 'logged-model:delete-any');
    if (found.wasActive) await record(ctx, tx, { action: 'LOGGED_MODEL_DELETED', target: `logged model ${modelId}`, before: { name: found.name } });
    return found;
  });
  announce(ctx, deleted.sourceRunId);
}

/** Sets tags, the last one of a key if it is given twice. Throws NOT_FOUND, INVALID_ARGUMENT. */
export async function setLoggedModelTags(ctx: TeamCtx, modelId: string, tags: Entry[]): Promise<LoggedModel> {
  requireCan(ctx, 'model:write');
  checkEntries('tags', tags);
  return ctx.db.tx(async (tx) => {
    const { uuid } = await lockModel(ctx, tx, modelId);
    await addTags(ctx, tx, uuid, tags);
    return readModel(ctx, tx, uuid);
  });
}

/** Throws NOT_FOUND, also when the model has no such tag. */
export async function deleteLoggedModelTag(ctx: TeamCtx, modelId: string, key: string): Promise<void> {
  requireCan(ctx, 'model:write');
  await ctx.db.tx(async (tx) => {
    const { uuid } = await lockModel(ctx, tx, modelId);
    const found = await deleteModelTag(tx, ctx.team.teamId, uuid, key);
    if (!found) throw notFound(`The logged model '${modelId}' has no tag '${key}'.`, { reason: 'logged-model-tag-not-found', modelId, key });
  });
}

/** Adds params; a param keeps its value (the same one again is fine). Throws NOT_FOUND, INVALID_ARGUMENT. */
export async function logLoggedModelParams(ctx: TeamCtx, modelId: string, params: Entry[]): Promise<void> {
  requireCan(ctx, 'model:write');
  checkEntries('params', params);
  await ctx.db.tx(async (tx) => {
    const { uuid } = await lockModel(ctx, tx, modelId);
    await addParams(ctx, tx, uuid, params);
  });
}

function checkDataset({ key, datasetName, datasetDigest }: ModelPoint): void {
  checkLength('datasetName', DATASET_NAME_LENGTH, datasetName);
  checkLength('datasetDigest', DATASET_DIGEST_LENGTH, datasetDigest);
  if (Buffer.byteLength(key) + Buffer.byteLength(datasetName) + Buffer.byteLength(datasetDigest) > MAX_POINT_KEY_BYTES) {
    throw invalid(`The names of metric and dataset have together at most ${MAX_POINT_KEY_BYTES} bytes in UTF-8.`, { argument: 'datasetName' });
  }
}

/**
 * Keeps points of a run beside the models they name (`modelId` with its `m-`), inside the transaction that logs the run's metrics.
 * Identical points once. Throws NOT_FOUND when a model isn't the team's or is deleted, INVALID_ARGUMENT for a bad dataset name.
 * The caller has checked permission, keys and values.
 */
export async function logModelMetrics(tx: Db, teamId: number, runId: string, points: ModelPoint[]): Promise<void> {
  if (points.length === 0) return;
  points.forEach(checkDataset);
  const missing = await insertModelPoints(
    tx,
    teamId,
    runId,
    points.map((point) => ({ ...point, modelId: readModelId(point.modelId) })),
  );
  if (missing) throw loggedModelNotFound(showModelId(missing));
}

/** Living models by id (with their `m-`); unknown ids are left out. Each has at most its newest 1,000 points. */
export async function loggedModelsByIds(ctx: TeamCtx, modelIds: string[]): Promise<Map<string, LoggedModel>> {
  requireCan(ctx, 'team:read');
  const uuids = modelIds.filter((id) => id.startsWith('m-') && isHexId(id.slice(2))).map((id) => id.slice(2));
  const rows = await findLoggedModels(ctx.db, ctx.team.teamId, uuids, MAX_POINTS_EACH);
  return new Map(rows.filter((row) => !row.deletedAt).map((row) => [showModelId(row.modelId), show(row)]));
}

/** The living models that say they come from these runs, oldest first. */
export async function loggedModelsByRuns(ctx: TeamCtx, runIds: string[]): Promise<Map<string, LoggedModel[]>> {
  requireCan(ctx, 'team:read');
  const uuids = await findModelIdsByRuns(ctx.db, ctx.team.teamId, runIds);
  const models = await loggedModelsByIds(ctx, uuids.map(showModelId));
  const byRun = new Map<string, LoggedModel[]>(runIds.map((runId) => [runId, []]));
  for (const uuid of uuids) {
    const model = models.get(showModelId(uuid));
    if (model?.sourceRunId) byRun.get(model.sourceRunId)?.push(model);
  }
  return byRun;
}
