// In which of a viewer's teams a run or logged model is, for doors that name it without its team. The one place where a statement names several
// teams: those that the viewer is a member of.
import { type Db, sql } from '../../postgres/pool.ts';

const RUNS = sql(`/* locate.runs */
  select distinct on (run_id) run_id as id, team_id as "teamId" from runs
   where team_id = any($1::integer[]) and run_id = any($2::uuid[]) order by run_id, array_position($1::integer[], team_id)`);
const MODELS = sql(`/* locate.logged_models */
  select distinct on (model_id) model_id as id, team_id as "teamId" from logged_models
   where team_id = any($1::integer[]) and model_id = any($2::uuid[]) order by model_id, array_position($1::integer[], team_id)`);

export type Located = { id: string; teamId: number };

/** Ids of 32 hex digits; those that are in none of the teams are left out. Of several teams the first given counts. */
export const locateRuns = (db: Db, teamIds: number[], runIds: string[]): Promise<Located[]> => db.rows(RUNS, [teamIds, runIds]);
export const locateLoggedModels = (db: Db, teamIds: number[], modelIds: string[]): Promise<Located[]> => db.rows(MODELS, [teamIds, modelIds]);
