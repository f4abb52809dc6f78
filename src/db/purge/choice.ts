// Deletion for good, what to take. Finds what was deleted long enough ago and nothing needs; removes the rows by which clients know it. One
// transaction a batch. The rest is removed from the note that it leaves (jobs.ts).

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

const hex = (id: string) => `replace(${id}::text, '-', '')`;

/** Ids that stand in the addresses of files which registered versions and the locations of experiments name. */
const NAMED = `named as materialized (
    select m[1] as id from model_versions v cross join lateral regexp_matches(v.storage_location, '[0-9a-f]{32}', 'g') m where v.team_id = $1::integer
     union
    select m[1] from experiments e cross join lateral regexp_matches(e.artifact_location, '[0-9a-f]{32}', 'g') m where e.team_id = $1::integer
  )`;
const VERSION_OF = (model: string) => `(
    exists (select 1 from model_versions v where v.team_id = $1::integer and v.model_id = ${model}.model_id)
    or ${hex(`${model}.model_id`)} in (select id from named))`;
/** What a version was made from stays whole: a run whose id, files or logged models one names. */
const RUN_NEEDED = `(
    exists (select 1 from model_versions v where v.team_id = $1::integer and v.run_id = ${hex('r.run_id')})
    or ${hex('r.run_id')} in (select id from named)
    or exists (select 1 from logged_models n where n.team_id = $1::integer and n.source_run_id = ${hex('r.run_id')} and ${VERSION_OF('n')}))`;
const DUE_RUN = '(r.deleted_at is not null and r.deleted_at < $2::timestamptz)';
/** A logged model that wasn't deleted itself also stays for a run that stays. */
const MODEL_NEEDED = `(${VERSION_OF('m')} or ((m.deleted_at is null or m.deleted_at >= $2::timestamptz) and exists (
    select 1 from (
      select run_id from run_model_inputs where team_id = $1::integer and model_id = m.model_id
       union all
      select run_id from run_model_outputs where team_id = $1::integer and model_id = m.model_id
    ) u join runs r on r.team_id = $1::integer and r.run_id = u.run_id where not ${DUE_RUN})))`;

// Runs -------------------------------------------------------------------------------------------------------------------

export type Mark = { at: string; runId: string };
const dueRuns = (name: string, lock: string) =>
  sql(`/* purges.${name} */
  select run_id as "runId", deleted_at::text as at from runs
   where team_id = $1::integer and deleted_at < $2::timestamptz
     and (deleted_at, run_id) > (coalesce($3::timestamptz, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
   order by deleted_at, run_id limit $5::integer ${lock}`);
const DUE_RUNS = dueRuns('due_runs', '');
const CLAIM_RUNS = dueRuns('claim_runs', 'for update skip locked');
// A statement of its own: what it decides by must be seen after the rows were claimed.
const FREE_RUNS = sql(`/* purges.free_runs */
  with ${NAMED}
  select r.run_id as "runId", (select coalesce(sum(count), 0) from run_metrics where team_id = $1::integer and run_id = r.run_id)::bigint as points,
         r.artifact_uri as "artifactUri"
    from runs r where r.team_id = $1::integer and r.run_id = any($2::uuid[]) and not ${RUN_NEEDED}`);

export type DueRun = { runId: string; points: Long; artifactUri: string };
/** `seen`: how many were looked at, `last` where to go on; those of them that nothing needs are `runs`. */
export type DueRuns = { seen: number; last: Mark | null; runs: DueRun[] };

/** Runs deleted before `cutoff`, oldest deletion first. `claim`: locks them, passing over what others have locked (a restore, another process). */
export async function findDueRuns(
  db: Db,
  teamId: number,
  page: { cutoff: Date; after: Mark | null; limit: number; claim: boolean },
): Promise<DueRuns> {
  const { cutoff, after, limit } = page;
  const values = [teamId, cutoff, after?.at ?? null, after?.runId ?? null, limit];
  const found = await db.rows<Mark>(page.claim ? CLAIM_RUNS : DUE_RUNS, values);
  const ids = found.map((run) => run.runId);
  const runs = ids.length === 0 ? [] : await db.rows<DueRun>(FREE_RUNS, [teamId, ids]);
  return { seen: found.length, last: found.at(-1) ?? null, runs };
}

const DATASETS_OF = sql(`/* purges.datasets_of */
  select distinct dataset_id as "datasetId" from run_datasets where team_id = $1::integer and run_id = any($2::uuid[]) order by 1`);
// With its datasets' links, its inputs, outputs and journal (foreign keys). Params, tags and metrics have none, and may be many: they are left to later.
const DELETE_RUNS = sql('/* purges.delete_runs */ delete from runs where team_id = $1::integer and run_id = any($2::uuid[])');
const LOCK_DATASETS = sql(`/* purges.lock_datasets */
  select dataset_id from datasets where team_id = $1::integer and dataset_id = any($2::bigint[]) order by dataset_id for update`);
const DELETE_DATASETS = sql(`/* purges.delete_datasets */
  delete from datasets d where d.team_id = $1::integer and d.dataset_id = any($2::bigint[])
     and not exists (select 1 from run_datasets r where r.team_id = $1::integer and r.dataset_id = d.dataset_id)`);

/** With the datasets that no other run read. */
export async function deleteRunRows(tx: Db, teamId: number, runIds: string[]): Promise<void> {
  const datasets = (await tx.rows<{ datasetId: Long }>(DATASETS_OF, [teamId, runIds])).map((row) => String(row.datasetId));
  await tx.rows(DELETE_RUNS, [teamId, runIds]);
  if (datasets.length === 0) return;
  // Who is about to name one of them in a run holds it; what that run then reads is seen by the next statement only.
  await tx.rows(LOCK_DATASETS, [teamId, datasets]);
  await tx.rows(DELETE_DATASETS, [teamId, datasets]);
}

// Logged models ------------------------------------------------------------------------------------------------------------

export type DueModel = { modelId: string; artifactUri: string };

const MODELS_OF_RUNS = `select m.model_id as "modelId" from logged_models m
   where m.team_id = $1::integer and m.source_run_id = any($2::text[]) and (m.deleted_at is null or m.deleted_at >= $3::timestamptz)
   order by m.model_id`;
const OF_RUNS = sql(`/* purges.models_of_runs */ ${MODELS_OF_RUNS}`);
const CLAIM_OF_RUNS = sql(`/* purges.claim_models_of_runs */ ${MODELS_OF_RUNS} for update skip locked`);
// Deleted themselves, or with their experiment and made by no run that is (or will be) looked at for itself.
const DUE_MODELS = `select m.model_id as "modelId" from logged_models m
   where m.team_id = $1::integer and m.model_id > coalesce($3::uuid, '00000000-0000-0000-0000-000000000000') and (
         m.deleted_at < $2::timestamptz
         or (m.experiment_id in (select e.experiment_id from experiments e where e.team_id = $1::integer and e.deleted_at < $2::timestamptz)
             and not exists (select 1 from runs r where r.team_id = $1::integer
                                and r.run_id = case when m.source_run_id ~ '^[0-9a-f]{32}$' then m.source_run_id::uuid end)))
   order by m.model_id limit $4::integer`;
const DUE = sql(`/* purges.due_models */ ${DUE_MODELS}`);
const CLAIM_DUE = sql(`/* purges.claim_due_models */ ${DUE_MODELS} for update skip locked`);
const FREE_MODELS = sql(`/* purges.free_models */
  with ${NAMED}
  select m.model_id as "modelId", m.artifact_uri as "artifactUri" from logged_models m
   where m.team_id = $1::integer and m.model_id = any($3::uuid[]) and not ${MODEL_NEEDED}`);

const freeModels = (db: Db, teamId: number, cutoff: Date, modelIds: string[]): Promise<DueModel[]> =>
  modelIds.length === 0 ? Promise.resolve([]) : db.rows<DueModel>(FREE_MODELS, [teamId, cutoff, modelIds]);

/** What these runs made and nothing else needs. Those deleted themselves are left to findDueModels. */
export async function findModelsOfRuns(
  db: Db,
  teamId: number,
  runIds: string[],
  { cutoff, claim }: { cutoff: Date; claim: boolean },
): Promise<DueModel[]> {
  const found = await db.rows<{ modelId: string }>(claim ? CLAIM_OF_RUNS : OF_RUNS, [teamId, runIds, cutoff]);
  return freeModels(
    db,
    teamId,
    cutoff,
    found.map((model) => model.modelId),
  );
}

export type DueModels = { seen: number; last: string | null; models: DueModel[] };

export async function findDueModels(
  db: Db,
  teamId: number,
  page: { cutoff: Date; after: string | null; limit: number; claim: boolean },
): Promise<DueModels> {
  const found = await db.rows<{ modelId: string }>(page.claim ? CLAIM_DUE : DUE, [teamId, page.cutoff, page.after, page.limit]);
  const ids = found.map((model) => model.modelId);
  return { seen: ids.length, last: ids.at(-1) ?? null, models: await freeModels(db, teamId, page.cutoff, ids) };
}

const DELETE_MODELS = sql('/* purges.delete_models */ delete from logged_models where team_id = $1::integer and model_id = any($2::uuid[])');

/** With their params, tags and points. */
export async function deleteModelRows(tx: Db, teamId: number, modelIds: string[]): Promise<void> {
  await tx.rows(DELETE_MODELS, [teamId, modelIds]);
}

// Experiments --------------------------------------------------------------------------------------------------------------

export type DueExperiment = { experimentId: number; name: string; artifactLocation: string };

// Experiment 0 is every team's default, which clients rely on: its runs go, itself it stays.
const DUE_EXPERIMENTS = `select e.experiment_id as "experimentId" from experiments e
   where e.team_id = $1::integer and e.experiment_id > 0 and e.deleted_at < $2::timestamptz order by e.experiment_id`;
const LOOK_EXPERIMENTS = sql(`/* purges.due_experiments */ ${DUE_EXPERIMENTS}`);
const CLAIM_EXPERIMENTS = sql(`/* purges.claim_experiments */ ${DUE_EXPERIMENTS} for update skip locked`);
const IN_FOLDER = (uri: string) => `${uri} ~ ('^mlflow-artifacts:(//[^/]*)?/*' || e.experiment_id || '(/|$)')`;
// Nobody keeps files below its folder: a version, or an experiment that was given a place there.
const FOLDER_FREE = `not exists (select 1 from model_versions v where v.team_id = $1::integer and ${IN_FOLDER('v.storage_location')})
     and not exists (select 1 from version_files f where f.team_id = $1::integer
                        and (f.path = e.experiment_id::text or (f.path > e.experiment_id || '/' and f.path < e.experiment_id || '0')))
     and not exists (select 1 from experiments o where o.team_id = $1::integer and o.experiment_id <> e.experiment_id and ${IN_FOLDER('o.artifact_location')})`;
const freeExperiments = (name: string, withRows: string) =>
  sql(`/* purges.${name} */
  with ${NAMED}
  select e.experiment_id as "experimentId", e.name, e.artifact_location as "artifactLocation" from experiments e
   where e.team_id = $1::integer and e.experiment_id = any($3::integer[]) and $2::timestamptz is not null and ${FOLDER_FREE} ${withRows}`);
const EMPTY_EXPERIMENTS = freeExperiments(
  'empty_experiments',
  `and not exists (select 1 from runs r where r.team_id = $1::integer and r.experiment_id = e.experiment_id)
     and not exists (select 1 from logged_models m where m.team_id = $1::integer and m.experiment_id = e.experiment_id)`,
);
// The same as it will be once its runs and models are gone.
const EMPTIED_EXPERIMENTS = freeExperiments(
  'emptied_experiments',
  `and not exists (select 1 from runs r where r.team_id = $1::integer and r.experiment_id = e.experiment_id and (not ${DUE_RUN} or ${RUN_NEEDED}))
     and not exists (select 1 from logged_models m where m.team_id = $1::integer and m.experiment_id = e.experiment_id and ${MODEL_NEEDED})`,
);

/** Deleted experiments that can go. `claim`: as they are; without it, as they will be once what is due in them is gone. */
export async function findDueExperiments(
  db: Db,
  teamId: number,
  { cutoff, claim }: { cutoff: Date; claim: boolean },
): Promise<{ seen: number; experiments: DueExperiment[] }> {
  const found = await db.rows<{ experimentId: number }>(claim ? CLAIM_EXPERIMENTS : LOOK_EXPERIMENTS, [teamId, cutoff]);
  if (found.length === 0) return { seen: 0, experiments: [] };
  const ids = found.map((experiment) => experiment.experimentId);
  return { seen: ids.length, experiments: await db.rows<DueExperiment>(claim ? EMPTY_EXPERIMENTS : EMPTIED_EXPERIMENTS, [teamId, cutoff, ids]) };
}

const DELETE_EXPERIMENTS = sql(
  '/* purges.delete_experiments */ delete from experiments where team_id = $1::integer and experiment_id = any($2::integer[])',
);

/** With their tags and what is left of their datasets. */
export async function deleteExperimentRows(tx: Db, teamId: number, ids: number[]): Promise<void> {
  await tx.rows(DELETE_EXPERIMENTS, [teamId, ids]);
}
