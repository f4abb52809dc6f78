// How much a team keeps.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

const EXPERIMENTS = sql('/* usage.experiments */ select count(*) as count from experiments where team_id = $1');
const RUNS = sql('/* usage.runs */ select count(*) as count from runs where team_id = $1');
const POINTS = sql('/* usage.points */ select coalesce(sum(count), 0)::bigint as count from run_metrics where team_id = $1');

const counted = async (db: Db, statement: typeof RUNS, teamId: number): Promise<Long> => (await db.row<{ count: Long }>(statement, [teamId]))!.count;

export const countTeamExperiments = (db: Db, teamId: number): Promise<Long> => counted(db, EXPERIMENTS, teamId);
export const countTeamRuns = (db: Db, teamId: number): Promise<Long> => counted(db, RUNS, teamId);
export const countTeamPoints = (db: Db, teamId: number): Promise<Long> => counted(db, POINTS, teamId);
