// What runs read and made, as rows: dataset inputs with their tags, model inputs and model outputs. Holds statements, no rules.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Entry } from './loggedModels.ts';

export type Dataset = { name: string; digest: string; sourceType: string; source: string; schema: string | null; profile: string | null };
export type DatasetInput = { dataset: Dataset; tags: Entry[] };
export type ModelOutput = { modelId: string; step: Long };
export type DatasetSummary = { experimentId: number; name: string; digest: string; context: string | null };

const INSERT_DATASETS = sql(`/* datasets.insert */
insert into datasets (team_id, experiment_id, name, digest, source_type, source, schema, profile)
select $1::int, $2::int, name, digest, source_type, source, schema, profile
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  as given (name, digest, source_type, source, schema, profile)
order by name, digest
on conflict (team_id, experiment_id, name, digest) do nothing`);

// A statement of its own: only a new snapshot sees what another transaction has inserted meanwhile. Tags come with the first input only.
const INSERT_INPUTS = sql(`/* runDatasets.insert */
with given as (
  select d.dataset_id, g.position, g.name, g.digest
  from unnest($4::text[], $5::text[]) with ordinality as g (name, digest, position)
  join datasets d on d.team_id = $1::int and d.experiment_id = $2::int and d.name = g.name and d.digest = g.digest
  for key share of d
), added as (
  insert into run_datasets (team_id, run_id, dataset_id)
  select $1::int, $3::uuid, dataset_id from given order by position
  on conflict (team_id, run_id, dataset_id) do nothing
  returning dataset_id
)
select given.name, given.digest, given.dataset_id as "datasetId", added.dataset_id is not null as added from given left join added using (dataset_id)`);

const INSERT_INPUT_TAGS = sql(`/* runDatasetTags.insert */
insert into run_dataset_tags (team_id, run_id, dataset_id, key, value)
select $1::int, $2::uuid, dataset_id, key, value
from unnest($3::bigint[], $4::text[], $5::text[]) as given (dataset_id, key, value)
on conflict (team_id, run_id, dataset_id, key) do nothing`);

const nameOf = (dataset: { name: string; digest: string }) => JSON.stringify([dataset.name, dataset.digest]);

/** Adds inputs to a run; (name, digest) pairs must differ from each other. Inputs that the run already has stay as they are. */
export async function insertDatasetInputs(
  tx: Db,
  teamId: number,
  run: { runId: string; experimentId: number },
  inputs: DatasetInput[],
): Promise<void> {
  if (inputs.length === 0) return;
  const column = <K extends keyof Dataset>(name: K) => inputs.map((input) => input.dataset[name]);
  const [names, digests] = [column('name'), column('digest')];
  const details = [column('sourceType'), column('source'), column('schema'), column('profile')];
  let given: { name: string; digest: string; datasetId: Long; added: boolean }[] = [];
  // Between the two statements, deletion for good may take a dataset that was there, with the last run that read it. Then it is made again.
  while (given.length < inputs.length) {
    await tx.rows(INSERT_DATASETS, [teamId, run.experimentId, names, digests, ...details]);
    given = await tx.rows(INSERT_INPUTS, [teamId, run.experimentId, run.runId, names, digests]);
  }
  const ids = new Map(given.filter((row) => row.added).map((row) => [nameOf(row), row.datasetId]));
  const tags = inputs.flatMap((input) => {
    const datasetId = ids.get(nameOf(input.dataset));
    return datasetId === undefined ? [] : input.tags.map((tag) => ({ datasetId, ...tag }));
  });
  if (tags.length === 0) return;
  await tx.rows(INSERT_INPUT_TAGS, [teamId, run.runId, tags.map((tag) => tag.datasetId), tags.map((tag) => tag.key), tags.map((tag) => tag.value)]);
}

const MISSING_MODEL = sql(`/* loggedModels.missing */
select model_id as "modelId" from unnest($2::uuid[]) as given (model_id)
where not exists (
  select 1 from logged_models m where m.team_id = $1::int and m.model_id = given.model_id and m.deleted_at is null
) limit 1`);

/** One of these ids that no living model of the team has, if there is one. */
export const findMissingModel = async (db: Db, teamId: number, modelIds: string[]): Promise<string | undefined> =>
  (await db.row<{ modelId: string }>(MISSING_MODEL, [teamId, modelIds]))?.modelId;

const INSERT_MODEL_INPUTS = sql(`/* runModelInputs.insert */
insert into run_model_inputs (team_id, run_id, model_id)
select $1::int, $2::uuid, model_id from unnest($3::uuid[]) with ordinality as given (model_id, position) order by position
on conflict (team_id, run_id, model_id) do nothing`);

export async function insertModelInputs(tx: Db, teamId: number, runId: string, modelIds: string[]): Promise<void> {
  await tx.rows(INSERT_MODEL_INPUTS, [teamId, runId, modelIds]);
}

const UPSERT_OUTPUTS = sql(`/* runModelOutputs.upsert */
insert into run_model_outputs (team_id, run_id, model_id, step)
select $1::int, $2::uuid, model_id, step from unnest($3::uuid[], $4::bigint[]) with ordinality as given (model_id, step, position) order by position
on conflict (team_id, run_id, model_id) do update set step = excluded.step`);

/** Models must differ from each other; one that the run already has gets the new step. */
export async function upsertModelOutputs(tx: Db, teamId: number, runId: string, outputs: ModelOutput[]): Promise<void> {
  await tx.rows(UPSERT_OUTPUTS, [teamId, runId, outputs.map((output) => output.modelId), outputs.map((output) => output.step)]);
}

const DATASETS_BY_RUNS = sql(`/* runDatasets.byRuns */
select r.run_id as "runId", d.name, d.digest, d.source_type as "sourceType", d.source, d.schema, d.profile, t.keys, t.values
from run_datasets r
join datasets d on d.team_id = $1::int and d.dataset_id = r.dataset_id
left join lateral (
  select array_agg(key order by key collate "C") as keys, array_agg(value order by key collate "C") as values
  from run_dataset_tags where team_id = $1::int and run_id = r.run_id and dataset_id = r.dataset_id
) t on true
where r.team_id = $1::int and r.run_id = any($2::uuid[])
order by r.run_id, r.position`);

/** Each run's inputs in the order in which they were logged, tags by key. */
export async function findDatasetInputs(db: Db, teamId: number, runIds: string[]): Promise<(DatasetInput & { runId: string })[]> {
  type Row = Dataset & { runId: string; keys: string[] | null; values: string[] | null };
  const rows = await db.rows<Row>(DATASETS_BY_RUNS, [teamId, runIds]);
  return rows.map(({ runId, keys, values, ...dataset }) => ({
    runId,
    dataset,
    tags: (keys ?? []).map((key, index) => ({ key, value: values![index]! })),
  }));
}

const MODEL_INPUTS_BY_RUNS = sql(`/* runModelInputs.byRuns */
select run_id as "runId", model_id as "modelId" from run_model_inputs
where team_id = $1::int and run_id = any($2::uuid[]) order by run_id, position`);

export const findModelInputs = (db: Db, teamId: number, runIds: string[]): Promise<{ runId: string; modelId: string }[]> =>
  db.rows(MODEL_INPUTS_BY_RUNS, [teamId, runIds]);

const OUTPUTS_BY_RUNS = sql(`/* runModelOutputs.byRuns */
select run_id as "runId", model_id as "modelId", step from run_model_outputs
where team_id = $1::int and run_id = any($2::uuid[]) order by run_id, position`);

export const findModelOutputs = (db: Db, teamId: number, runIds: string[]): Promise<(ModelOutput & { runId: string })[]> =>
  db.rows(OUTPUTS_BY_RUNS, [teamId, runIds]);

const SUMMARIES = sql(`/* datasets.summaries */
select distinct d.experiment_id as "experimentId", d.name, d.digest, t.value as context
from datasets d
join run_datasets r on r.team_id = $1::int and r.dataset_id = d.dataset_id
left join run_dataset_tags t on t.team_id = $1::int and t.run_id = r.run_id and t.dataset_id = r.dataset_id and t.key = 'mlflow.data.context'
where d.team_id = $1::int and d.experiment_id = any($2::int[])
limit $3::int`);

/** The distinct (dataset, context) pairs used in these experiments. */
export const findDatasetSummaries = (db: Db, teamId: number, experimentIds: number[], limit: number): Promise<DatasetSummary[]> =>
  db.rows(SUMMARIES, [teamId, experimentIds, limit]);

const LOCK_RUN = sql(`/* runs.lock */
select deleted_at is not null as deleted from runs where team_id = $1::int and run_id = $2::uuid for no key update`);
const RUN_TAG = sql('/* runs.tag */ select value from run_tags where team_id = $1::int and run_id = $2::uuid and key_id = $3::int');

/** A tag of a run, null where it has none; makes those who ask for it take turns. Undefined when there is no such run. */
export async function lockRunTag(
  tx: Db,
  teamId: number,
  runId: string,
  keyId: number,
): Promise<{ deleted: boolean; value: string | null } | undefined> {
  const run = await tx.row<{ deleted: boolean }>(LOCK_RUN, [teamId, runId]);
  if (!run) return undefined;
  // A statement of its own, because the one that waited for the lock sees what was there before the wait.
  const tag = await tx.row<{ value: string }>(RUN_TAG, [teamId, runId, keyId]);
  return { deleted: run.deleted, value: tag?.value ?? null };
}
