// The statements that write what runs log: points with running statistics, params, tags, for many runs at once.
// Runs and keys arrive sorted, so that writers wait for each other in one order and never in a circle.
import { type Statement, sql } from '../../postgres/pool.ts';
import { touchedRuns } from '../summaries/summaries.ts';

/** Conditions that a statement stops with. Params: one stands, or is added meanwhile, with another value. Points: some may be stored already. */
export const PARAMS_DIFFER = 'params_differ';
export const MUST_COUNT = 'points_must_be_counted';

/**
 * A row's points all lie after those that are stored, or the writer knows that they are new. Else some may be stored already. Minimum, maximum,
 * first and last are right all the same; the transaction that holds the row finds out what must be counted.
 */
const ADDS = '((excluded.first_step, excluded.first_timestamp, excluded.first_value) > (m.step, m.timestamp, m.value) or excluded.known = m.count)';
const IS_LATER = '(excluded.step, excluded.timestamp, excluded.value) > (m.step, m.timestamp, m.value)';
const IS_EARLIER = '(excluded.first_step, excluded.first_timestamp, excluded.first_value) < (m.first_step, m.first_timestamp, m.first_value)';

const RUNS_AND_METRICS = `
  with run as (
    select run_id, experiment_id, deleted_at is not null as deleted from runs where team_id = $1 and run_id = any($2::uuid[])
  ), ${touchedRuns('(select run_id from run where not deleted)')}, active as (
    select run_id, experiment_id from run where not deleted and (select count(*) from touched) >= 0
  ), latest as (
    insert into run_metrics as m (team_id, run_id, key_id, experiment_id, value, step, timestamp, min, max, scaled_sum, count, nan_count,
                                  first_value, first_step, first_timestamp, known)
    select $1, a.run_id, k.key_id, a.experiment_id, k.value, k.step, k.timestamp, k.min, k.max, k.scaled_sum, k.count, k.nan_count,
           k.first_value, k.first_step, k.first_timestamp, k.known
      from active a
      join unnest($3::uuid[], $4::integer[], $5::double precision[], $6::bigint[], $7::bigint[], $8::double precision[], $9::double precision[],
                  $10::double precision[], $11::integer[], $12::integer[], $13::double precision[], $14::bigint[], $15::bigint[], $16::integer[])
           as k (run_id, key_id, value, step, timestamp, min, max, scaled_sum, count, nan_count, first_value, first_step, first_timestamp, known)
        on k.run_id = a.run_id
     order by a.run_id, k.key_id
    on conflict (team_id, run_id, key_id) do update set
      value = case when ${IS_LATER} then excluded.value else m.value end,
      timestamp = case when ${IS_LATER} then excluded.timestamp else m.timestamp end,
      step = greatest(excluded.step, m.step),
      min = least(m.min, excluded.min), max = greatest(m.max, excluded.max),
      scaled_sum = case when ${ADDS} then m.scaled_sum + excluded.scaled_sum else m.scaled_sum end,
      count = case when ${ADDS} then m.count + excluded.count else m.count end,
      nan_count = case when ${ADDS} then m.nan_count + excluded.nan_count else m.nan_count end,
      recount = not ${ADDS},
      known = case when excluded.known = 0 or excluded.known = m.count then 0 else -1 end,
      first_value = case when ${IS_EARLIER} then excluded.first_value else m.first_value end,
      first_timestamp = case when ${IS_EARLIER} then excluded.first_timestamp else m.first_timestamp end,
      first_step = least(excluded.first_step, m.first_step)
    returning m.run_id, m.key_id, m.recount, m.known, m.count, m.step
  ), noted as (
    select run_id, array_agg(key_id) filter (where recount) as suspects, array_agg(count) filter (where recount) as counts,
           max(step) filter (where recount) as last, array_agg(key_id) filter (where known <> 0) as stale
      from latest where recount or known <> 0 group by run_id
  )`;
const GIVEN = 16;
const TAGS = (at: number) => `, tagged as (
    insert into run_tags as t (team_id, run_id, key_id, experiment_id, value)
    select $1, a.run_id, n.key_id, a.experiment_id, n.value
      from active a join unnest($${at}::uuid[], $${at + 1}::integer[], $${at + 2}::text[]) as n (run_id, key_id, value) on n.run_id = a.run_id
     order by a.run_id, n.key_id
    on conflict (team_id, run_id, key_id) do update set value = excluded.value
  )`;
/**
 * A param that stands already, or that somebody else adds meanwhile, must have the same value. Else nothing is written, and the condition
 * PARAMS_DIFFER is raised.
 */
const PARAMS = (at: number) => `, given as (
    select a.run_id, a.experiment_id, p.key_id, p.value
      from active a join unnest($${at}::uuid[], $${at + 1}::integer[], $${at + 2}::text[]) as p (run_id, key_id, value) on p.run_id = a.run_id
  ), added as (
    insert into run_params (team_id, run_id, key_id, experiment_id, value)
    select $1, run_id, key_id, experiment_id, value from given order by run_id, key_id
    on conflict do nothing
    returning run_id, key_id
  ), agreed as (
    select case when exists (
        select 1 from given g
         where not exists (select 1 from added a where a.run_id = g.run_id and a.key_id = g.key_id)
           and not exists (select 1 from run_params p where p.team_id = $1 and p.run_id = g.run_id and p.key_id = g.key_id and p.value = g.value)
      ) then raise_condition('${PARAMS_DIFFER}') else true end as yes
  )`;
// The bytes of all blocks come as one value: each its points, and behind them its head if it has one.
const bytesOfBlock = (at: number) =>
  `substring($${at}::bytea from b.start for b.size), case when b.head > 0 then substring($${at}::bytea from b.start + b.size for b.head) end`;
const givenBlocks = (at: number) =>
  ['uuid', 'integer', 'bigint', 'bigint', 'integer', 'integer', 'integer'].map((type, index) => `$${at + index}::${type}[]`).join(', ');
const GIVEN_BLOCKS = 'run_id, count, from_step, to_step, start, size, head';

const BLOCKS = (at: number) => `, blocks as (
    insert into metric_blocks (team_id, run_id, count, from_step, to_step, points, head)
    select $1, a.run_id, b.count, b.from_step, b.to_step, ${bytesOfBlock(at)}
      from active a
      join unnest(${givenBlocks(at + 1)}) as b (${GIVEN_BLOCKS}) on b.run_id = a.run_id
     where case when exists (select 1 from noted where suspects is not null) then raise_condition('${MUST_COUNT}') else true end
  )`;

export type Parts = { tags: boolean; params: boolean; blocks: boolean };

/** Each part that isn't needed saves time even if it is given nothing. */
function writeStatement({ tags, params, blocks }: Parts): Statement {
  let at = GIVEN + 1;
  const next = (part: (at: number) => string, values: number) => {
    at += values;
    return part(at - values);
  };
  const name = `ingest.points${tags ? '_and_tags' : ''}${params ? '_and_params' : ''}${blocks ? '' : '_counting_later'}`;
  return sql(`/* ${name} */ ${RUNS_AND_METRICS}${tags ? next(TAGS, 3) : ''}${params ? next(PARAMS, 3) : ''}${blocks ? next(BLOCKS, 8) : ''}
  select r.run_id as "runId", r.experiment_id as "experimentId", r.deleted, n.suspects, n.counts, n.last, n.stale
    from run r left join noted n using (run_id)${params ? ' cross join agreed where agreed.yes' : ''}`);
}

const statements = new Map<string, Statement>();

/** With blocks: all of it, unless points of some key may be stored already: then nothing, and the condition MUST_COUNT. Without: `suspects`, whose rows are locked. */
export function statementFor(parts: Parts): Statement {
  const name = `${parts.tags} ${parts.params} ${parts.blocks}`;
  const statement = statements.get(name) ?? writeStatement(parts);
  statements.set(name, statement);
  return statement;
}

export const COUNT = sql(`/* ingest.count */
  with counted as (
    update run_metrics m set scaled_sum = m.scaled_sum + k.scaled_sum, count = m.count + k.count, nan_count = m.nan_count + k.nan_count, recount = false
      from unnest($2::uuid[], $3::integer[], $4::double precision[], $5::integer[], $6::integer[]) as k (run_id, key_id, scaled_sum, count, nan_count)
     where m.team_id = $1 and m.run_id = k.run_id and m.key_id = k.key_id
  )
  insert into metric_blocks (team_id, run_id, count, from_step, to_step, points, head)
  select $1, b.run_id, b.count, b.from_step, b.to_step, ${bytesOfBlock(7)}
    from unnest(${givenBlocks(8)}) as b (${GIVEN_BLOCKS})`);
