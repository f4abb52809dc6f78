// Where runs, logged models and model versions keep their artifacts, and whether they still take any.
import { type Db, sql } from '../../postgres/pool.ts';

export type ArtifactHome = { experimentId: number; artifactUri: string; deleted: boolean };

const RUN_HOME = sql(`/* artifacts.run_home */
  select experiment_id as "experimentId", artifact_uri as "artifactUri", deleted_at is not null as deleted
  from runs where team_id = $1 and run_id = $2::uuid`);

/** `runId`: 32 hex digits. */
export const findRunHome = (db: Db, teamId: number, runId: string) => db.row<ArtifactHome>(RUN_HOME, [teamId, runId]);

const MODEL_HOME = sql(`/* artifacts.model_home */
  select experiment_id as "experimentId", artifact_uri as "artifactUri", deleted_at is not null as deleted
  from logged_models where team_id = $1 and model_id = $2::uuid`);

/** `modelId`: 32 hex digits, without the `m-` that clients see. */
export const findModelHome = (db: Db, teamId: number, modelId: string) => db.row<ArtifactHome>(MODEL_HOME, [teamId, modelId]);

const VERSION_LOCATION = sql(`/* artifacts.version_location */
  select v.storage_location as location
  from registered_models m
  join model_versions v on v.team_id = m.team_id and v.registered_model_id = m.registered_model_id
  where m.team_id = $1 and m.name = $2 and v.version = $3::integer`);

export const findVersionLocation = (db: Db, teamId: number, name: string, version: number) =>
  db.row<{ location: string }>(VERSION_LOCATION, [teamId, name, version]);
