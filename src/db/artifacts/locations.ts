// Where runs, logged models and model versions keep their artifacts, who made them, and whether they still take any.
import { type Db, sql } from '../../postgres/pool.ts';

/** `createdBy`: null where whoever made it is unknown. */
export type ArtifactHome = { experimentId: number; artifactUri: string; deleted: boolean; createdBy: number | null };

const HOME = `experiment_id as "experimentId", artifact_uri as "artifactUri", deleted_at is not null as deleted, created_by as "createdBy"`;
const RUN_HOME = sql(`/* artifacts.run_home */
  select ${HOME} from runs where team_id = $1 and run_id = $2::uuid`);

/** `runId`: 32 hex digits. */
export const findRunHome = (db: Db, teamId: number, runId: string) => db.row<ArtifactHome>(RUN_HOME, [teamId, runId]);

const MODEL_HOME = sql(`/* artifacts.model_home */
  select ${HOME} from logged_models where team_id = $1 and model_id = $2::uuid`);

/** `modelId`: 32 hex digits, without the `m-` that clients see. */
export const findModelHome = (db: Db, teamId: number, modelId: string) => db.row<ArtifactHome>(MODEL_HOME, [teamId, modelId]);

const HOMES = sql(`/* artifacts.homes */
  select ${HOME} from runs where team_id = $1 and run_id = any($2::uuid[])
   union all
  select ${HOME} from logged_models where team_id = $1 and model_id = any($2::uuid[])`);

/** Of the runs and logged models among these ids. */
export const findHomes = (db: Db, teamId: number, ids: string[]): Promise<ArtifactHome[]> => db.rows(HOMES, [teamId, ids]);

const VERSION_LOCATION = sql(`/* artifacts.version_location */
  select v.storage_location as location
  from registered_models m
  join model_versions v on v.team_id = m.team_id and v.registered_model_id = m.registered_model_id
  where m.team_id = $1 and m.name = $2 and v.version = $3::integer`);

export const findVersionLocation = (db: Db, teamId: number, name: string, version: number) =>
  db.row<{ location: string }>(VERSION_LOCATION, [teamId, name, version]);

// What versions hold at one of these paths, or below the folder. '0' is the letter after '/'.
const HOLDERS = sql(`/* artifacts.holders */
  select m.name, h.version, h.path, h.takes_files as "takesFiles",
         v.stage <> 'None' or exists (select 1 from model_aliases a where a.team_id = $1::integer and a.registered_model_id = h.registered_model_id and a.version = h.version) as promoted
    from (
      (select registered_model_id, version, path, takes_files from version_files where team_id = $1::integer and path = any($2::text[])
        order by takes_files limit 50)
       union all
      (select registered_model_id, version, path, takes_files from version_files
        where team_id = $1::integer and $3::text is not null and path > $3::text || '/' and path < $3::text || '0' limit 1)
    ) h
    join registered_models m on m.team_id = $1::integer and m.registered_model_id = h.registered_model_id
    join model_versions v on v.team_id = $1::integer and v.registered_model_id = h.registered_model_id and v.version = h.version`);

/** `path` is what the version holds. `takesFiles`: it was made before its files were there. `promoted`: it has a stage or an alias. */
export type Holder = { name: string; version: number; path: string; takesFiles: boolean; promoted: boolean };
/** Versions that have one of `paths` among their files, or something below `folder`: at most 50, those that take no files first. */
export const findHolders = (db: Db, teamId: number, paths: string[], folder: string | null): Promise<Holder[]> =>
  db.rows(HOLDERS, [teamId, paths, folder]);

const OPEN = sql(`/* artifacts.open_version */
  update version_files f set takes_files = true from registered_models m
   where f.team_id = $1::integer and m.team_id = $1::integer and m.name = $2 and f.registered_model_id = m.registered_model_id and f.version = $3::integer`);
/** In the transaction that makes a version whose files aren't there yet. */
export async function openVersionFiles(tx: Db, teamId: number, name: string, version: number): Promise<void> {
  await tx.rows(OPEN, [teamId, name, version]);
}

const OVERLAPS = sql(`/* artifacts.overlaps */
  select e.experiment_id as "experimentId" from experiments e
   cross join lateral (values (e.artifact_location), (percent_decoded(e.artifact_location))) l (uri)
   cross join lateral (select rtrim(regexp_replace(substring(l.uri from '(?i)^mlflow-artifacts:(?://[^/]*)?/*(.*)$'), '/+', '/', 'g'), '/') as path) p
   where e.team_id = $1::integer and p.path is not null
     and (p.path = any($2::text[]) or starts_with(p.path, $3::text || '/') or ($4::boolean and starts_with($3::text, p.path || '/')))
   order by e.experiment_id limit 1`);

/** An experiment whose folder is one of `paths` or lies below `folder`; with `inside`, also one that `folder` lies in. */
export const findOverlap = (db: Db, teamId: number, { paths, folder, inside }: { paths: string[]; folder: string; inside: boolean }) =>
  db.row<{ experimentId: number }>(OVERLAPS, [teamId, paths, folder, inside]);
