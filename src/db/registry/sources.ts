// What the registry reads of runs and logged models: where their files are.
import { type Db, sql } from '../../postgres/pool.ts';

const RUN = sql(`/* model_sources.run */
  select artifact_uri as "artifactUri" from runs where team_id = $1::int and run_id = $2::uuid`);
const LOGGED_MODEL = sql(`/* model_sources.logged_model */
  select model_id as "modelId", artifact_uri as "artifactUri", source_run_id as "sourceRunId"
  from logged_models where team_id = $1::int and model_id = $2::uuid and deleted_at is null`);
// Where a run logged several of one name, MLflow's client takes the one of the greatest step.
const LOGGED_BY_RUN = sql(`/* model_sources.logged_by_run */
  select l.model_id as "modelId", l.artifact_uri as "artifactUri", l.source_run_id as "sourceRunId"
  from logged_models l
  left join run_model_outputs o on o.team_id = l.team_id and o.run_id = $2::uuid and o.model_id = l.model_id
  where l.team_id = $1::int and l.source_run_id = $4 and l.name = $3 and l.deleted_at is null
  order by o.step desc nulls last, l.creation_time desc limit 1`);
const HOLD = sql(`/* model_sources.hold */
  with r as (select run_id from runs where team_id = $1::int and run_id = any($2::uuid[]) for key share),
       m as (select model_id from logged_models where team_id = $1::int and model_id = any($3::uuid[]) for key share)
  select run_id as id from r union all select model_id from m`);
export type LoggedModelSource = { modelId: string; artifactUri: string; sourceRunId: string | null };

/** `runId` is 32 hex digits. Deleted runs count: their files are kept. */
export const findRunFolder = async (db: Db, teamId: number, runId: string): Promise<string | undefined> =>
  (await db.row<{ artifactUri: string }>(RUN, [teamId, runId]))?.artifactUri;

/** `modelId` is 32 hex digits. */
export const findLoggedModel = (db: Db, teamId: number, modelId: string): Promise<LoggedModelSource | undefined> =>
  db.row(LOGGED_MODEL, [teamId, modelId]);

export const findLoggedModelOfRun = (db: Db, teamId: number, runId: string, name: string): Promise<LoggedModelSource | undefined> =>
  db.row(LOGGED_BY_RUN, [teamId, runId, name, runId]);

/** Keeps deletion for good away from these runs and logged models until the transaction ends; which of them are there. Ids: 32 hex digits; deleted ones count. */
export const holdSources = async (tx: Db, teamId: number, runIds: string[], modelIds: string[]): Promise<string[]> =>
  (await tx.rows<{ id: string }>(HOLD, [teamId, runIds, modelIds])).map((row) => row.id);
