// Params that are logged in a transaction of their own: beside what else it does, or because some of them stand with another value.

import { type Db, sql } from '../../postgres/pool.ts';
import { touchedRuns } from '../summaries/summaries.ts';
import type { RunState, ValueColumns } from './columns.ts';

const PARAMS = sql(`/* ingest.params */
  with run as (
    select run_id, experiment_id, deleted_at is not null as deleted from runs where team_id = $1 and run_id = $2::uuid
  ), ${touchedRuns('(select run_id from run where not deleted)')}, inserted as (
    insert into run_params (team_id, run_id, key_id, experiment_id, value)
    select $1, r.run_id, p.key_id, r.experiment_id, p.value from run r, unnest($3::integer[], $4::text[]) as p (key_id, value)
     where not r.deleted and (select count(*) from touched) >= 0
    on conflict do nothing
    returning key_id
  )
  select run_id as "runId", experiment_id as "experimentId", deleted, (select count(*) from inserted)::integer as inserted from run`);

const PARAM_VALUES = sql(`/* ingest.param_values */
  select key_id as "keyId", value from run_params where team_id = $1 and run_id = $2::uuid and key_id = any($3::integer[])`);

export type ParamsWritten = { state: RunState /** Already logged with another value. */; conflicts: { keyId: number; value: string }[] };

/** Inserts params that are new; names those that stand with another value, upon which the caller must roll back. */
export async function writeParams(tx: Db, teamId: number, runId: string, params: ValueColumns): Promise<ParamsWritten> {
  const state = await tx.row<NonNullable<RunState> & { inserted: number }>(PARAMS, [teamId, runId, params.keyIds, params.values]);
  if (!state || state.deleted || state.inserted === params.keyIds.length) return { state, conflicts: [] };
  const stored = await tx.rows<{ keyId: number; value: string }>(PARAM_VALUES, [teamId, runId, params.keyIds]);
  const given = new Map(params.keyIds.map((keyId, index) => [keyId, params.values[index]]));
  return { state, conflicts: stored.filter(({ keyId, value }) => given.get(keyId) !== value) };
}
