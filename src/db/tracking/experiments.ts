// Experiments and their tags.

import type { Long } from '../../lib/long.ts';
import type { KeyValue } from '../../points/values.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type Experiment = {
  experimentId: number;
  name: string;
  artifactLocation: string;
  createdBy: number | null;
  /** Milliseconds since 1970. */
  creationTime: Long;
  lastUpdateTime: Long;
  deletedAt: Date | null;
  tags: KeyValue[];
};

/** For `select`, on the table as `e`. Tags come along as one JSON value. */
export const EXPERIMENT_COLUMNS = `e.experiment_id as "experimentId", e.name, e.artifact_location as "artifactLocation", e.created_by as "createdBy",
  e.creation_time as "creationTime", e.last_update_time as "lastUpdateTime", e.deleted_at as "deletedAt",
  coalesce((select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key) from experiment_tags t
             where t.team_id = e.team_id and t.experiment_id = e.experiment_id), '[]'::json) as tags`;

const BY_IDS = sql(
  `/* experiments.by_ids */ select ${EXPERIMENT_COLUMNS} from experiments e where e.team_id = $1 and e.experiment_id = any($2::integer[])`,
);
const BY_NAME = sql(`/* experiments.by_name */ select ${EXPERIMENT_COLUMNS} from experiments e where e.team_id = $1 and e.name = $2`);

// The counter moves only when the name is free, so that numbers have no holes to wonder about.
const INSERT = sql(`/* experiments.insert */
  with counter as (
    update team_counters set next_experiment_id = next_experiment_id + 1
     where team_id = $1 and not exists (select 1 from experiments where team_id = $1 and name = $2)
    returning next_experiment_id - 1 as id
  ), inserted as (
    insert into experiments (team_id, experiment_id, name, artifact_location, created_by, creation_time, last_update_time)
    select $1, id, $2, coalesce($3, 'mlflow-artifacts:/' || id), $4::integer, $5::bigint, $5::bigint from counter
    on conflict (team_id, name) do nothing
    returning experiment_id
  ), tagged as (
    insert into experiment_tags (team_id, experiment_id, key, value)
    select $1, i.experiment_id, t.key, t.value from inserted i, unnest($6::text[], $7::text[]) as t (key, value)
  )
  select experiment_id as "experimentId" from inserted`);

const LOCK = sql('/* experiments.lock */ select 1 from team_counters where team_id = $1 for update');
/** Nobody else makes an experiment of the team until the transaction ends. */
export async function lockExperiments(tx: Db, teamId: number): Promise<void> {
  await tx.rows(LOCK, [teamId]);
}

export const experimentsByIds = (db: Db, teamId: number, ids: number[]) => db.rows<Experiment>(BY_IDS, [teamId, ids]);
export const experimentByName = (db: Db, teamId: number, name: string) => db.row<Experiment>(BY_NAME, [teamId, name]);

export type NewExperiment = { name: string; artifactLocation: string | null; createdBy: number; now: number; tags: KeyValue[] };

/** The new experiment's number, or undefined when the name is taken. */
export async function insertExperiment(db: Db, teamId: number, made: NewExperiment): Promise<number | undefined> {
  const keys = made.tags.map((tag) => tag.key);
  const values = made.tags.map((tag) => tag.value);
  const row = await db.row<{ experimentId: number }>(INSERT, [teamId, made.name, made.artifactLocation, made.createdBy, made.now, keys, values]);
  return row?.experimentId;
}

const RENAME = sql(`/* experiments.rename */
  update experiments set name = $3, last_update_time = $4::bigint where team_id = $1 and experiment_id = $2 and deleted_at is null
  returning experiment_id as "experimentId"`);

export const renameExperimentRow = (db: Db, teamId: number, id: number, name: string, now: number) =>
  db.row<{ experimentId: number }>(RENAME, [teamId, id, name, now]);

const SET_DELETED = sql(`/* experiments.set_deleted */
  update experiments set deleted_at = case when $3 then now() end, last_update_time = $4::bigint
   where team_id = $1 and experiment_id = $2 and (deleted_at is not null) <> $3 returning experiment_id as "experimentId"`);
// A statement of its own: the first waits for runs that are being started, and only a new snapshot sees those.
// Restoring brings back every run, also those deleted one by one before (as MLflow does).
const SET_RUNS_DELETED = sql(`/* experiments.set_runs_deleted */
  update runs r set deleted_at = case when $3 then coalesce(r.deleted_at, now()) end, updated_at = now()
   where r.team_id = $1 and r.experiment_id = $2 and (r.deleted_at is not null) <> $3`);

/** The experiment with all its runs. undefined when it already was so. */
export const setExperimentDeleted = (db: Db, teamId: number, id: number, deleted: boolean, now: number) =>
  db.tx(async (tx) => {
    const changed = await tx.row<{ experimentId: number }>(SET_DELETED, [teamId, id, deleted, now]);
    if (changed) await tx.rows(SET_RUNS_DELETED, [teamId, id, deleted]);
    return changed;
  });

const SET_TAG = sql(`/* experiments.set_tag */
  insert into experiment_tags (team_id, experiment_id, key, value)
  select $1, e.experiment_id, $3, $4 from experiments e where e.team_id = $1 and e.experiment_id = $2 and e.deleted_at is null
  on conflict (team_id, experiment_id, key) do update set value = excluded.value returning key`);
const DELETE_TAG = sql(
  '/* experiments.delete_tag */ delete from experiment_tags where team_id = $1 and experiment_id = $2 and key = $3 returning key',
);

export const setExperimentTagRow = (db: Db, teamId: number, id: number, key: string, value: string) =>
  db.row<{ key: string }>(SET_TAG, [teamId, id, key, value]);
export const deleteExperimentTagRow = (db: Db, teamId: number, id: number, key: string) => db.row<{ key: string }>(DELETE_TAG, [teamId, id, key]);
