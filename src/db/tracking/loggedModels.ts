// Logged models as rows: the models that runs produced, with their params, tags and points. Holds statements, no rules.
// Ids are 32 hex digits here; the `m-` that clients see is put on in src/domain/tracking/loggedModels.ts.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type ModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';
export type Entry = { key: string; value: string };

/** A logged metric point that names the model. `datasetName` and `datasetDigest` are '' when the point names none. */
export type ModelPoint = {
  modelId: string;
  key: string;
  value: number;
  timestamp: Long;
  step: Long;
  datasetName: string;
  datasetDigest: string;
};

export type LoggedModelRow = {
  modelId: string;
  experimentId: number;
  name: string;
  modelType: string | null;
  artifactUri: string;
  status: ModelStatus;
  statusMessage: string | null;
  sourceRunId: string | null;
  createdBy: number | null;
  creationTime: Long;
  lastUpdateTime: Long;
  deletedAt: Date | null;
  params: Entry[];
  tags: Entry[];
  /** Ordered by time; the newest ones where there are more than were asked for. */
  metrics: (Omit<ModelPoint, 'modelId'> & { runId: string })[];
  /** The registry's versions made from this model, oldest first. */
  registrations: { name: string; version: number }[];
};

// Children come as one array per column, because JSON from Postgres would lose 64-bit integers.
const SELECT = sql(`/* loggedModels.byIds */
select m.model_id, m.experiment_id, m.name, m.model_type, m.artifact_uri, m.status, m.status_message, m.source_run_id, m.created_by,
       m.creation_time, m.last_update_time, m.deleted_at,
       p.keys as param_keys, p.values as param_values, t.keys as tag_keys, t.values as tag_values,
       v.names as version_names, v.versions,
       x.keys as metric_keys, x.values as metric_values, x.steps as metric_steps, x.timestamps as metric_timestamps, x.runs as metric_runs,
       x.dataset_names as metric_dataset_names, x.dataset_digests as metric_dataset_digests
from logged_models m
left join lateral (
  select array_agg(key order by key) as keys, array_agg(value order by key) as values
  from logged_model_params where team_id = $1::int and model_id = m.model_id
) p on true
left join lateral (
  select array_agg(key order by key) as keys, array_agg(value order by key) as values
  from logged_model_tags where team_id = $1::int and model_id = m.model_id
) t on true
left join lateral (
  select array_agg(r.name order by v.creation_time, v.version) as names, array_agg(v.version order by v.creation_time, v.version) as versions
  from model_versions v
  join registered_models r on r.team_id = $1::int and r.registered_model_id = v.registered_model_id
  where v.team_id = $1::int and v.model_id = m.model_id
) v on true
left join lateral (
  select array_agg(key order by timestamp, step, key) as keys, array_agg(value order by timestamp, step, key) as values,
         array_agg(step order by timestamp, step, key) as steps, array_agg(timestamp order by timestamp, step, key) as timestamps,
         array_agg(run_id order by timestamp, step, key) as runs,
         array_agg(dataset_name order by timestamp, step, key) as dataset_names,
         array_agg(dataset_digest order by timestamp, step, key) as dataset_digests
  from (
    select key, value, step, timestamp, run_id, dataset_name, dataset_digest
    from logged_model_metrics where team_id = $1::int and model_id = m.model_id
    order by timestamp desc, step desc limit $3::int
  ) newest
) x on true
where m.team_id = $1::int and m.model_id = any($2::uuid[])`);

type Columns<T> = T[] | null;
type SelectRow = {
  model_id: string;
  experiment_id: number;
  name: string;
  model_type: string | null;
  artifact_uri: string;
  status: ModelStatus;
  status_message: string | null;
  source_run_id: string | null;
  created_by: number | null;
  creation_time: Long;
  last_update_time: Long;
  deleted_at: Date | null;
  param_keys: Columns<string>;
  param_values: Columns<string>;
  tag_keys: Columns<string>;
  tag_values: Columns<string>;
  version_names: Columns<string>;
  versions: Columns<number>;
  metric_keys: Columns<string>;
  metric_values: Columns<number>;
  metric_steps: Columns<Long>;
  metric_timestamps: Columns<Long>;
  metric_runs: Columns<string>;
  metric_dataset_names: Columns<string>;
  metric_dataset_digests: Columns<string>;
};

const entries = (keys: Columns<string>, values: Columns<string>): Entry[] => (keys ?? []).map((key, index) => ({ key, value: values![index]! }));

const asRow = (row: SelectRow): LoggedModelRow => ({
  modelId: row.model_id,
  experimentId: row.experiment_id,
  name: row.name,
  modelType: row.model_type,
  artifactUri: row.artifact_uri,
  status: row.status,
  statusMessage: row.status_message,
  sourceRunId: row.source_run_id,
  createdBy: row.created_by,
  creationTime: row.creation_time,
  lastUpdateTime: row.last_update_time,
  deletedAt: row.deleted_at,
  params: entries(row.param_keys, row.param_values),
  tags: entries(row.tag_keys, row.tag_values),
  metrics: (row.metric_keys ?? []).map((key, index) => ({
    key,
    value: row.metric_values![index]!,
    step: row.metric_steps![index]!,
    timestamp: row.metric_timestamps![index]!,
    runId: row.metric_runs![index]!,
    datasetName: row.metric_dataset_names![index]!,
    datasetDigest: row.metric_dataset_digests![index]!,
  })),
  registrations: (row.version_names ?? []).map((name, index) => ({ name, version: row.versions![index]! })),
});

/** Whole models by id, deleted ones too, each with its newest `maxPoints` points; in no particular order. */
export async function findLoggedModels(db: Db, teamId: number, modelIds: string[], maxPoints: number): Promise<LoggedModelRow[]> {
  if (modelIds.length === 0) return [];
  return (await db.rows<SelectRow>(SELECT, [teamId, modelIds, maxPoints])).map(asRow);
}

const IDS_BY_RUNS = sql(`/* loggedModels.idsByRuns */
select model_id as "modelId" from logged_models
where team_id = $1::int and source_run_id = any($2::text[]) and deleted_at is null
order by creation_time, model_id`);

/** Ids of the models that these runs made, oldest first. */
export async function findModelIdsByRuns(db: Db, teamId: number, runIds: string[]): Promise<string[]> {
  return (await db.rows<{ modelId: string }>(IDS_BY_RUNS, [teamId, runIds])).map((row) => row.modelId);
}

const LOCK = sql(`/* loggedModels.lock */
select status, source_run_id as "sourceRunId" from logged_models
where team_id = $1::int and model_id = $2::uuid and deleted_at is null for no key update`);

/** Makes writers of one model take turns. Undefined when there is none, or it is deleted. */
export const lockLoggedModel = (tx: Db, teamId: number, modelId: string): Promise<{ status: ModelStatus; sourceRunId: string | null } | undefined> =>
  tx.row(LOCK, [teamId, modelId]);

const INSERT = sql(`/* loggedModels.insert */
insert into logged_models (team_id, model_id, experiment_id, name, model_type, artifact_uri, status, source_run_id, created_by, creation_time, last_update_time)
values ($1::int, $2::uuid, $3::int, $4::text, $5::text, $6::text, 'PENDING', $7::text, $8::int, $9::bigint, $9::bigint)`);

export type NewLoggedModel = Pick<
  LoggedModelRow,
  'modelId' | 'experimentId' | 'name' | 'modelType' | 'artifactUri' | 'sourceRunId' | 'createdBy' | 'creationTime'
>;

export async function insertLoggedModel(tx: Db, teamId: number, model: NewLoggedModel): Promise<void> {
  const { modelId, experimentId, name, modelType, artifactUri, sourceRunId, createdBy, creationTime } = model;
  await tx.rows(INSERT, [teamId, modelId, experimentId, name, modelType, artifactUri, sourceRunId, createdBy, creationTime]);
}

const SET_STATUS = sql(`/* loggedModels.setStatus */
update logged_models set status = $3::text, last_update_time = $4::bigint where team_id = $1::int and model_id = $2::uuid`);

export async function updateModelStatus(tx: Db, teamId: number, modelId: string, status: ModelStatus, now: number): Promise<void> {
  await tx.rows(SET_STATUS, [teamId, modelId, status, now]);
}

const DELETE = sql(`/* loggedModels.delete */
with before as (select model_id, deleted_at from logged_models where team_id = $1::int and model_id = $2::uuid for update)
update logged_models m
set deleted_at = coalesce(m.deleted_at, to_timestamp($3::bigint / 1000.0)),
    last_update_time = case when m.deleted_at is null then $3::bigint else m.last_update_time end
from before b where m.team_id = $1::int and m.model_id = b.model_id
returning m.source_run_id as "sourceRunId", m.created_by as "createdBy", m.name, b.deleted_at is null as "wasActive"`);

export type MarkedModel = { sourceRunId: string | null; createdBy: number | null; name: string; wasActive: boolean };
/** Marks as deleted; a second time changes nothing. Undefined when there is no such model. */
export const markModelDeleted = (db: Db, teamId: number, modelId: string, now: number): Promise<MarkedModel | undefined> =>
  db.row(DELETE, [teamId, modelId, now]);

const UPSERT_TAGS = sql(`/* loggedModels.upsertTags */
insert into logged_model_tags (team_id, model_id, key, value)
select $1::int, $2::uuid, key, value from unnest($3::text[], $4::text[]) as given (key, value)
on conflict (team_id, model_id, key) do update set value = excluded.value`);

/** Keys must differ from each other. */
export async function upsertModelTags(tx: Db, teamId: number, modelId: string, tags: Entry[]): Promise<void> {
  await tx.rows(UPSERT_TAGS, [teamId, modelId, tags.map((tag) => tag.key), tags.map((tag) => tag.value)]);
}

const DELETE_TAG = sql(`/* loggedModels.deleteTag */
delete from logged_model_tags where team_id = $1::int and model_id = $2::uuid and key = $3::text returning key`);

export const deleteModelTag = async (tx: Db, teamId: number, modelId: string, key: string): Promise<boolean> =>
  (await tx.row(DELETE_TAG, [teamId, modelId, key])) !== undefined;

const INSERT_PARAMS = sql(`/* loggedModels.insertParams */
insert into logged_model_params (team_id, model_id, key, value)
select $1::int, $2::uuid, key, value from unnest($3::text[], $4::text[]) as given (key, value)
on conflict (team_id, model_id, key) do nothing`);

const CHANGED_PARAM = sql(`/* loggedModels.changedParam */
select p.key, p.value as old, given.value as new
from unnest($3::text[], $4::text[]) as given (key, value)
join logged_model_params p on p.team_id = $1::int and p.model_id = $2::uuid and p.key = given.key
where p.value <> given.value order by p.key limit 1`);

/** Adds params; those already there stay as they are. Returns the first one that was there with another value. Keys must differ from each other. */
export async function insertModelParams(
  tx: Db,
  teamId: number,
  modelId: string,
  params: Entry[],
): Promise<{ key: string; old: string; new: string } | undefined> {
  const values = [teamId, modelId, params.map((param) => param.key), params.map((param) => param.value)];
  await tx.rows(INSERT_PARAMS, values);
  return tx.row(CHANGED_PARAM, values);
}

// Sorted, so that two transactions never wait for each other.
const INSERT_POINTS = sql(`/* loggedModels.insertPoints */
with given as (
  select * from unnest($3::uuid[], $4::text[], $5::double precision[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
    as point (model_id, key, value, timestamp, step, dataset_name, dataset_digest)
), known as (
  select model_id from logged_models where team_id = $1::int and model_id = any($3::uuid[]) and deleted_at is null
), inserted as (
  insert into logged_model_metrics (team_id, model_id, key, run_id, dataset_name, dataset_digest, step, timestamp, value)
  select $1::int, model_id, key, $2::uuid, dataset_name, dataset_digest, step, timestamp, value from given join known using (model_id)
  order by model_id, key, dataset_name, dataset_digest, step, timestamp, value
  on conflict do nothing
)
select model_id as "modelId" from given where model_id not in (select model_id from known) limit 1`);

/** Adds points of a run; identical ones are kept once. Returns a model that doesn't exist, if there is one. */
export async function insertModelPoints(tx: Db, teamId: number, runId: string, points: ModelPoint[]): Promise<string | undefined> {
  const column = <K extends keyof ModelPoint>(name: K) => points.map((point) => point[name]);
  const missing = await tx.row<{ modelId: string }>(INSERT_POINTS, [
    teamId,
    runId,
    column('modelId'),
    column('key'),
    column('value'),
    column('timestamp'),
    column('step'),
    column('datasetName'),
    column('datasetDigest'),
  ]);
  return missing?.modelId;
}
