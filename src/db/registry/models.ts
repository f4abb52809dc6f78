// Registered models with their tags and aliases, as rows. Their versions are in modelVersions.ts; rules are in src/domain.
import { isFault } from '../../lib/faults.ts';
import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type ModelRow = {
  registeredModelId: number;
  name: string;
  description: string | null;
  createdBy: number | null;
  creationTime: Long;
  lastUpdateTime: Long;
  /** By key. */
  tags: { key: string; value: string }[];
  /** By alias. */
  aliases: { alias: string; version: number }[];
};

/** Columns of a ModelRow, for `registered_models rm`. */
export const MODEL_COLUMNS = `rm.registered_model_id as "registeredModelId", rm.name, rm.description, rm.created_by as "createdBy",
    rm.creation_time as "creationTime", rm.last_update_time as "lastUpdateTime",
    coalesce((select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key)
              from registered_model_tags t
              where t.team_id = rm.team_id and t.registered_model_id = rm.registered_model_id), '[]') as tags,
    coalesce((select json_agg(json_build_object('alias', a.alias, 'version', a.version) order by a.alias)
              from model_aliases a
              where a.team_id = rm.team_id and a.registered_model_id = rm.registered_model_id), '[]') as aliases`;

const BY_NAME = sql(`/* registered_models.by_name */
  select ${MODEL_COLUMNS} from registered_models rm where rm.team_id = $1::int and rm.name = $2`);
const BY_IDS = sql(`/* registered_models.by_ids */
  select ${MODEL_COLUMNS} from registered_models rm where rm.team_id = $1::int and rm.registered_model_id = any ($2::int[])`);
const INSERT = sql(`/* registered_models.insert */
  with made as (
    insert into registered_models (team_id, name, description, created_by, creation_time, last_update_time)
    values ($1::int, $2, $3, $4::int, $5::bigint, $5::bigint)
    on conflict (team_id, name) do nothing
    returning team_id, registered_model_id
  ), tagged as (
    insert into registered_model_tags (team_id, registered_model_id, key, value)
    select made.team_id, made.registered_model_id, t.key, t.value from made, unnest($6::text[], $7::text[]) t (key, value)
  )
  select registered_model_id from made`);
const RENAME = sql(`/* registered_models.rename */
  update registered_models set name = $3, last_update_time = $4::bigint where team_id = $1::int and name = $2 returning registered_model_id`);
const DESCRIBE = sql(`/* registered_models.describe */
  update registered_models set description = $3, last_update_time = $4::bigint where team_id = $1::int and name = $2 returning registered_model_id`);
const DELETE = sql(
  '/* registered_models.delete */ delete from registered_models where team_id = $1::int and name = $2 returning registered_model_id',
);
const SET_TAG = sql(`/* registered_models.set_tag */
  insert into registered_model_tags (team_id, registered_model_id, key, value)
  select rm.team_id, rm.registered_model_id, $3, $4 from registered_models rm where rm.team_id = $1::int and rm.name = $2
  for key share of rm
  on conflict (team_id, registered_model_id, key) do update set value = excluded.value
  returning registered_model_id`);
const DELETE_TAG = sql(`/* registered_models.delete_tag */
  with m as (
    select team_id, registered_model_id from registered_models where team_id = $1::int and name = $2
  ), gone as (
    delete from registered_model_tags t using m
    where t.team_id = $1::int and t.registered_model_id = m.registered_model_id and t.key = $3
  )
  select registered_model_id from m`);

export const findModel = (db: Db, teamId: number, name: string): Promise<ModelRow | undefined> => db.row(BY_NAME, [teamId, name]);

export const findModels = (db: Db, teamId: number, ids: number[]): Promise<ModelRow[]> => db.rows(BY_IDS, [teamId, ids]);

export type NewModel = { name: string; description: string | null; createdBy: number; now: number; tags: { key: string; value: string }[] };

/** False when the name is taken. */
export async function insertModel(db: Db, teamId: number, model: NewModel): Promise<boolean> {
  const keys = model.tags.map((tag) => tag.key);
  const values = model.tags.map((tag) => tag.value);
  return Boolean(await db.row(INSERT, [teamId, model.name, model.description, model.createdBy, model.now, keys, values]));
}

/** Versions, tags and aliases hang on the id, so they follow. */
export async function renameModel(db: Db, teamId: number, name: string, newName: string, now: number): Promise<'done' | 'missing' | 'taken'> {
  try {
    return (await db.row(RENAME, [teamId, name, newName, now])) ? 'done' : 'missing';
  } catch (error) {
    if (isFault(error, 'taken')) return 'taken';
    throw error;
  }
}

// These answer false when there is no such model.

export const setModelDescription = async (db: Db, teamId: number, name: string, description: string | null, now: number): Promise<boolean> =>
  Boolean(await db.row(DESCRIBE, [teamId, name, description, now]));

/** With its versions, tags and aliases. */
export const deleteModel = async (db: Db, teamId: number, name: string): Promise<boolean> => Boolean(await db.row(DELETE, [teamId, name]));

export const setModelTag = async (db: Db, teamId: number, name: string, key: string, value: string): Promise<boolean> =>
  Boolean(await db.row(SET_TAG, [teamId, name, key, value]));

export const deleteModelTag = async (db: Db, teamId: number, name: string, key: string): Promise<boolean> =>
  Boolean(await db.row(DELETE_TAG, [teamId, name, key]));
