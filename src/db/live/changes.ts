// The journals behind live subscriptions: what changed of runs and of the registry between two snapshots. Holds statements, no rules.

import type { Long } from '../../lib/long.ts';
import { type Db, dynamicSql, sql } from '../../postgres/pool.ts';

export { currentSnapshot } from '../../postgres/snapshot.ts';

/**
 * A step `marked` of a statement: notes that runs have logged something. The parameters, arrays of one length, are teams and runs. Like the
 * claim of webhook deliveries, the only one here that sees several teams: one process announces for them all.
 * In the order of the key, so that two processes wait for each other in one order.
 */
export const markedRuns = (teamIds: string, runIds: string) => `marked as (
    insert into run_changes as c (team_id, run_id, changed_txid, era)
    select r.team_id, r.run_id, pg_current_xact_id(), pg_current_xact_id()::text::bigint >> 16
      from unnest(${teamIds}::integer[], ${runIds}::uuid[]) as m (team_id, run_id) join runs r on r.team_id = m.team_id and r.run_id = m.run_id
     order by r.team_id, r.run_id
    on conflict (team_id, run_id) do update set changed_txid = excluded.changed_txid, era = excluded.era
    returning 1
  )`;

/** `moved`: deleted or restored; `deleted` is what it is now. */
export type RunChangeRow = { runId: string; created: boolean; finished: boolean; moved: boolean; deleted: boolean };

const within = (column: string) =>
  `coalesce(not pg_visible_in_snapshot(${column}, $2::pg_snapshot) and pg_visible_in_snapshot(${column}, $3::pg_snapshot), false)`;
const RUNS_BETWEEN = sql(`/* changes.runs_between */
  with recent as (
    select run_id, ${within('created_txid')} as created, ${within('finished_txid')} as finished, ${within('lifecycle_txid')} as moved,
           ${within('changed_txid')} as changed
      from run_changes where team_id = $1 and era >= pg_snapshot_xmin($2::pg_snapshot)::text::bigint >> 16
  )
  select c.run_id as "runId", c.created, c.finished, c.moved, r.deleted_at is not null as deleted
    from recent c join runs r on r.team_id = $1 and r.run_id = c.run_id
   where c.created or c.finished or c.moved or c.changed order by c.run_id limit $4`);

/** Runs with changes committed after `since` and up to `until`. One that changed again after `until` counts only by what didn't change again. */
export const runChangesBetween = (db: Db, teamId: number, since: string, until: string, limit: number): Promise<RunChangeRow[]> =>
  db.rows(RUNS_BETWEEN, [teamId, since, until, limit]);

/** Those of `runIds` that are in one of the experiments (null = any) and satisfy a compiled condition on `runs r`. */
export async function matchingRuns(
  db: Db,
  teamId: number,
  given: { runIds: string[]; experimentIds: number[] | null; condition: (values: unknown[]) => string },
): Promise<Set<string>> {
  const values: unknown[] = [teamId, given.runIds, given.experimentIds];
  const text = `/* changes.matching_runs */ select r.run_id as "runId" from runs r where r.team_id = $1 and r.run_id = any($2::uuid[])
    and ($3::integer[] is null or r.experiment_id = any($3::integer[])) and ${given.condition(values)}`;
  const rows = await db.rows<{ runId: string }>(dynamicSql(text), values);
  return new Set(rows.map((row) => row.runId));
}

export type ModelChangeDetail = { oldName?: string; alias?: string; stage?: string; key?: string; requestId?: string };
export type ModelChangeRow = {
  changeId: Long;
  at: Date;
  event: string;
  name: string;
  version: number | null;
  detail: ModelChangeDetail;
  actorId: number | null;
};

const ADD_MODEL_CHANGE = sql(`/* changes.add_model_change */
  insert into model_changes (team_id, event, name, version, detail, actor_id) values ($1, $2, $3, $4, $5::jsonb, $6)`);
export type NewModelChange = Omit<ModelChangeRow, 'changeId' | 'at'>;

/** In the transaction of the change. */
export async function insertModelChange(tx: Db, teamId: number, { event, name, version, detail, actorId }: NewModelChange): Promise<void> {
  await tx.rows(ADD_MODEL_CHANGE, [teamId, event, name, version, JSON.stringify(detail), actorId]);
}

const MODELS_BETWEEN = sql(`/* changes.models_between */
  select change_id as "changeId", at, event, name, version, detail, actor_id as "actorId" from model_changes
   where team_id = $1 and txid >= pg_snapshot_xmin($2::pg_snapshot)
     and not pg_visible_in_snapshot(txid, $2::pg_snapshot) and pg_visible_in_snapshot(txid, $3::pg_snapshot)
   order by change_id limit $4`);

/** Committed after `since` and up to `until`, in the order of their making. */
export const modelChangesBetween = (db: Db, teamId: number, since: string, until: string, limit: number): Promise<ModelChangeRow[]> =>
  db.rows(MODELS_BETWEEN, [teamId, since, until, limit]);
