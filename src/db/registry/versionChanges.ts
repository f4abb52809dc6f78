// Changes to model versions, their stages, tags and aliases. Locks are taken from the top down: model, version, then tag or alias. So two writers
// never wait for each other in a circle.

import { type Db, sql } from '../../postgres/pool.ts';
import type { VersionRow } from './versions.ts';

const INSERT = sql(`/* model_versions.insert */
  with numbered as (
    update registered_models set next_version = next_version + 1, last_update_time = $3::bigint
    where team_id = $1::int and name = $2
    returning team_id, registered_model_id, next_version - 1 as version
  ), made as (
    insert into model_versions (team_id, registered_model_id, version, description, source, storage_location, run_id, run_link, model_id,
                                user_id, created_by, creation_time, last_update_time)
    select team_id, registered_model_id, version, $4, $5, $6, $7, $8, $9::uuid, $10, $11::int, $3::bigint, $3::bigint from numbered
  ), tagged as (
    insert into model_version_tags (team_id, registered_model_id, version, key, value)
    select numbered.team_id, numbered.registered_model_id, numbered.version, t.key, t.value
    from numbered, unnest($12::text[], $13::text[]) t (key, value)
  )
  select version from numbered`);
const LOCK_LOGGED_MODEL = sql(
  '/* model_versions.lock_logged_model */ select 1 from logged_models where team_id = $1::int and model_id = $2::uuid for update',
);
// Written as Python's json.dumps would, because clients compare it as text.
const NOTE_ON_LOGGED_MODEL = sql(`/* model_versions.note_on_logged_model */
  insert into logged_model_tags (team_id, model_id, key, value)
  select $1::int, $2::uuid, 'mlflow.modelVersions',
         '[' || string_agg(format('{"name": %s, "version": %s}', to_json(m.name), v.version), ', ' order by v.creation_time, m.name, v.version) || ']'
  from model_versions v join registered_models m on m.team_id = v.team_id and m.registered_model_id = v.registered_model_id
  where v.team_id = $1::int and v.model_id = $2::uuid
  on conflict (team_id, model_id, key) do update set value = excluded.value`);
const DESCRIBE = sql(`/* model_versions.describe */
  update model_versions v set description = $4, last_update_time = $5::bigint from registered_models m
  where v.team_id = $1::int and v.version = $3::int and m.team_id = $1::int and m.name = $2 and m.registered_model_id = v.registered_model_id
  returning v.version`);
const TOUCH_MODEL = `update registered_models m set last_update_time = $4::bigint
    where m.team_id = $1::int and m.name = $2
      and exists (select 1 from model_versions v
                  where v.team_id = $1::int and v.registered_model_id = m.registered_model_id and v.version = $3::int)
    returning m.registered_model_id`;
const DELETE = sql(`/* model_versions.delete */
  with m as (${TOUCH_MODEL})
  delete from model_versions v using m
  where v.team_id = $1::int and v.registered_model_id = m.registered_model_id and v.version = $3::int
  returning v.version`);
const LOCK_MODEL = sql(`/* model_versions.lock_model */ ${TOUCH_MODEL} as "registeredModelId"`);
// Each version that changes its stage is noted in model_stage_changes with the stage that it had.
const SET_STAGE = sql(`/* model_versions.set_stage */
  with before as (
    select version, stage from model_versions where team_id = $1::int and registered_model_id = $2::int and version = $3::int for update
  ), moved as (
    update model_versions v set stage = $4, last_update_time = $5::bigint from before b
    where v.team_id = $1::int and v.registered_model_id = $2::int and v.version = b.version
    returning v.version
  ), noted as (
    insert into model_stage_changes (team_id, registered_model_id, version, stage, previous, changed_by, comment, request_id, outcome)
    select $1::int, $2::int, b.version, $4, b.stage, $6::int, $7::text, $8::uuid, $9::jsonb from before b where b.stage <> $4
  )
  select version from moved`);
const ARCHIVE_OTHERS = sql(`/* model_versions.archive_others */
  with moved as (
    update model_versions set stage = 'Archived', last_update_time = $5::bigint
    where team_id = $1::int and registered_model_id = $2::int and version <> $3::int and stage = $4
    returning version
  )
  insert into model_stage_changes (team_id, registered_model_id, version, stage, previous, changed_by, comment, request_id, outcome)
  select $1::int, $2::int, version, 'Archived', $4, $6::int, $7::text, $8::uuid, $9::jsonb from moved`);
const SET_TAG = sql(`/* model_versions.set_tag */
  insert into model_version_tags (team_id, registered_model_id, version, key, value)
  select v.team_id, v.registered_model_id, v.version, $4, $5
  from model_versions v join registered_models m on m.team_id = v.team_id and m.registered_model_id = v.registered_model_id
  where v.team_id = $1::int and m.name = $2 and v.version = $3::int
  for key share of v
  on conflict (team_id, registered_model_id, version, key) do update set value = excluded.value
  returning version`);
const DELETE_TAG = sql(`/* model_versions.delete_tag */
  with v as (
    select v.registered_model_id, v.version
    from model_versions v join registered_models m on m.team_id = v.team_id and m.registered_model_id = v.registered_model_id
    where v.team_id = $1::int and m.name = $2 and v.version = $3::int
  ), gone as (
    delete from model_version_tags t using v
    where t.team_id = $1::int and t.registered_model_id = v.registered_model_id and t.version = v.version and t.key = $4
  )
  select version from v`);
// Each change of where an alias points is noted in model_alias_changes; pointing it to where it points already is none.
const SET_ALIAS = sql(`/* model_aliases.set */
  with target as (
    select v.team_id, v.registered_model_id, v.version
    from model_versions v join registered_models m on m.team_id = v.team_id and m.registered_model_id = v.registered_model_id
    where v.team_id = $1::int and m.name = $2 and v.version = $4::int
    for key share of v
  ), noted as (
    insert into model_alias_changes (team_id, registered_model_id, alias, version, changed_by, comment, request_id, outcome)
    select t.team_id, t.registered_model_id, $3, t.version, $5::int, $6::text, $7::uuid, $8::jsonb from target t
    where not exists (select 1 from model_aliases a
      where a.team_id = $1::int and a.registered_model_id = t.registered_model_id and a.alias = $3 and a.version = t.version)
  )
  insert into model_aliases (team_id, registered_model_id, alias, version)
  select t.team_id, t.registered_model_id, $3, t.version from target t
  on conflict (team_id, registered_model_id, alias) do update set version = excluded.version
  returning version`);
const DELETE_ALIAS = sql(`/* model_aliases.delete */
  with m as (
    select registered_model_id from registered_models where team_id = $1::int and name = $2
  ), gone as (
    delete from model_aliases a using m where a.team_id = $1::int and a.registered_model_id = m.registered_model_id and a.alias = $3
    returning a.team_id, a.registered_model_id, a.alias
  ), noted as (
    insert into model_alias_changes (team_id, registered_model_id, alias, version, changed_by, comment, request_id)
    select g.team_id, g.registered_model_id, g.alias, null, $4::int, $5::text, $6::uuid from gone g
  )
  select registered_model_id from m`);

export type NewVersion = Pick<VersionRow, 'description' | 'source' | 'storageLocation' | 'runId' | 'runLink' | 'modelId' | 'userId' | 'tags'> & {
  createdBy: number;
  now: number;
};

/** The new version's number, or undefined when there is no such model. Also notes the version in the tag `mlflow.modelVersions` of its logged model. */
export const insertVersion = (db: Db, teamId: number, name: string, made: NewVersion): Promise<number | undefined> =>
  db.tx(async (tx) => {
    const row = await tx.row<{ version: number }>(INSERT, [
      teamId,
      name,
      made.now,
      made.description,
      made.source,
      made.storageLocation,
      made.runId,
      made.runLink,
      made.modelId,
      made.userId,
      made.createdBy,
      made.tags.map((tag) => tag.key),
      made.tags.map((tag) => tag.value),
    ]);
    if (row && made.modelId) {
      await tx.rows(LOCK_LOGGED_MODEL, [teamId, made.modelId]);
      await tx.rows(NOTE_ON_LOGGED_MODEL, [teamId, made.modelId]);
    }
    return row?.version;
  });

/** False when there is no such version; then nothing is changed. With `archiveOthers`, the others in that stage go to Archived. */
export const setStage = (
  db: Db,
  teamId: number,
  name: string,
  version: number,
  change: Mover & { stage: VersionRow['stage']; archiveOthers: boolean; now: number },
): Promise<boolean> =>
  db.tx(async (tx) => {
    const { stage, archiveOthers, now, by, comment, requestId, outcome } = change;
    const model = await tx.row<{ registeredModelId: number }>(LOCK_MODEL, [teamId, name, version, now]);
    const values = [teamId, model?.registeredModelId, version, stage, now, by, comment, requestId, outcome && JSON.stringify(outcome)];
    if (!model || !(await tx.row(SET_STAGE, values))) return false;
    if (archiveOthers) await tx.rows(ARCHIVE_OTHERS, values);
    return true;
  });

// These answer false when there is no such version (deleteAlias: no such model).

export const setVersionDescription = async (
  db: Db,
  teamId: number,
  name: string,
  version: number,
  description: string | null,
  now: number,
): Promise<boolean> => Boolean(await db.row(DESCRIBE, [teamId, name, version, description, now]));

/** With its tags and aliases. */
export const deleteVersion = async (db: Db, teamId: number, name: string, version: number, now: number): Promise<boolean> =>
  Boolean(await db.row(DELETE, [teamId, name, version, now]));

export const setVersionTag = async (db: Db, teamId: number, name: string, version: number, key: string, value: string): Promise<boolean> =>
  Boolean(await db.row(SET_TAG, [teamId, name, version, key, value]));

export const deleteVersionTag = async (db: Db, teamId: number, name: string, version: number, key: string): Promise<boolean> =>
  Boolean(await db.row(DELETE_TAG, [teamId, name, version, key]));

/** Who moves an alias or stage, why, by which request, and what its conditions said. */
export type Mover = { by: number; comment: string | null; requestId: string | null; outcome: object | null };

export const setAlias = async (db: Db, teamId: number, name: string, alias: string, version: number, mover: Mover): Promise<boolean> => {
  const { by, comment, requestId, outcome } = mover;
  return Boolean(await db.row(SET_ALIAS, [teamId, name, alias, version, by, comment, requestId, outcome && JSON.stringify(outcome)]));
};

export const deleteAlias = async (db: Db, teamId: number, name: string, alias: string, { by, comment, requestId }: Mover): Promise<boolean> =>
  Boolean(await db.row(DELETE_ALIAS, [teamId, name, alias, by, comment, requestId]));
