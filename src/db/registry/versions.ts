// Model versions with their tags and aliases, as rows. Numbers come from registered_models.next_version under that row's lock, so none is used twice.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type VersionRow = {
  registeredModelId: number;
  /** Of the registered model. */
  name: string;
  version: number;
  stage: 'None' | 'Staging' | 'Production' | 'Archived';
  description: string | null;
  /** As the client gave it. */
  source: string;
  /** Where the files are: what clients download from. */
  storageLocation: string;
  /** What the client says; 32 hex digits when it is a run of this server. */
  runId: string | null;
  runLink: string | null;
  /** Logged model, 32 hex digits. */
  modelId: string | null;
  status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY';
  statusMessage: string | null;
  userId: string;
  createdBy: number | null;
  creationTime: Long;
  lastUpdateTime: Long;
  /** By key. */
  tags: { key: string; value: string }[];
  aliases: string[];
};

/** Columns of a VersionRow, for VERSIONS. */
export const VERSION_COLUMNS = `mv.registered_model_id as "registeredModelId", rm.name, mv.version, mv.stage, mv.description, mv.source,
    mv.storage_location as "storageLocation", mv.run_id as "runId", mv.run_link as "runLink", mv.model_id as "modelId", mv.status,
    mv.status_message as "statusMessage", mv.user_id as "userId", mv.created_by as "createdBy", mv.creation_time as "creationTime",
    mv.last_update_time as "lastUpdateTime",
    coalesce((select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key)
              from model_version_tags t
              where t.team_id = mv.team_id and t.registered_model_id = mv.registered_model_id and t.version = mv.version), '[]') as tags,
    array(select a.alias from model_aliases a
          where a.team_id = mv.team_id and a.registered_model_id = mv.registered_model_id and a.version = mv.version
          order by a.alias) as aliases`;
export const VERSIONS = 'model_versions mv join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id';

const BY_NUMBER = sql(`/* model_versions.by_number */
  select ${VERSION_COLUMNS} from ${VERSIONS} where mv.team_id = $1::int and rm.name = $2 and mv.version = $3::int`);
const BY_NUMBERS = sql(`/* model_versions.by_numbers */
  select ${VERSION_COLUMNS} from ${VERSIONS} join unnest($2::text[], $3::int[]) wanted (name, version) on wanted.name = rm.name and wanted.version = mv.version
  where mv.team_id = $1::int`);
const BY_ALIAS = sql(`/* model_versions.by_alias */
  select ${VERSION_COLUMNS} from ${VERSIONS}
  join model_aliases wanted on wanted.team_id = mv.team_id and wanted.registered_model_id = mv.registered_model_id and wanted.version = mv.version
  where mv.team_id = $1::int and rm.name = $2 and wanted.alias = $3`);
const NEWEST = sql(`/* model_versions.newest */
  select ${VERSION_COLUMNS} from ${VERSIONS} where mv.team_id = $1::int and rm.name = $2 order by mv.version desc limit 1`);
const LATEST = sql(`/* model_versions.latest_per_stage */
  select ${VERSION_COLUMNS}
  from (select team_id, registered_model_id, max(version) as version from model_versions
        where team_id = $1::int and registered_model_id = any ($2::int[]) group by team_id, registered_model_id, stage) newest
  join model_versions mv using (team_id, registered_model_id, version)
  join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id
  where mv.team_id = $1::int
  order by mv.version`);
const OF_RUNS = sql(`/* model_versions.of_runs */
  select ${VERSION_COLUMNS} from ${VERSIONS} where mv.team_id = $1::int and mv.run_id = any ($2::text[]) order by mv.creation_time, rm.name, mv.version`);
const OF_LOGGED_MODELS = sql(`/* model_versions.of_logged_models */
  select ${VERSION_COLUMNS} from ${VERSIONS} where mv.team_id = $1::int and mv.model_id = any ($2::uuid[]) order by mv.creation_time, rm.name, mv.version`);

export const findVersion = (db: Db, teamId: number, name: string, version: number): Promise<VersionRow | undefined> =>
  db.row(BY_NUMBER, [teamId, name, version]);

export const findVersions = (db: Db, teamId: number, wanted: { name: string; version: number }[]): Promise<VersionRow[]> =>
  db.rows(BY_NUMBERS, [teamId, wanted.map((one) => one.name), wanted.map((one) => one.version)]);

export const findVersionByAlias = (db: Db, teamId: number, name: string, alias: string): Promise<VersionRow | undefined> =>
  db.row(BY_ALIAS, [teamId, name, alias]);

export const findNewestVersion = (db: Db, teamId: number, name: string): Promise<VersionRow | undefined> => db.row(NEWEST, [teamId, name]);

/** For each model the newest version in each stage, by version. */
export const latestPerStage = (db: Db, teamId: number, modelIds: number[]): Promise<VersionRow[]> => db.rows(LATEST, [teamId, modelIds]);

/** Oldest first. */
export const versionsOfRuns = (db: Db, teamId: number, runIds: string[]): Promise<VersionRow[]> => db.rows(OF_RUNS, [teamId, runIds]);

/** `modelIds` are 32 hex digits. Oldest first. */
export const versionsOfLoggedModels = (db: Db, teamId: number, modelIds: string[]): Promise<VersionRow[]> =>
  db.rows(OF_LOGGED_MODELS, [teamId, modelIds]);
