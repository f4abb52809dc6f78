// Writing what runs log: points with running statistics, params, tags. Columns in, one statement for many runs.
// Runs and keys arrive sorted, so that writers wait for each other in one order and never in a circle.
import { LRUCache } from 'lru-cache';
import { type Columns, mergeColumns, type Statistics, statisticsOf, withoutStored } from '../codec/columns.ts';
import { packPlain, type Section, stepRange } from '../codec/points.ts';
import { float8Array, int4Array, int8Array, uuidArray } from './binary.ts';
import { type Db, isPool, type Long, sql } from './pool.ts';
import { pointsStored } from './stored.ts';

/** Parallel arrays, in any order. */
export type PointColumns = { keyIds: number[]; steps: Long[]; timestamps: Long[]; values: number[] };
/** Parallel arrays; sorted by keyId, each once. */
export type ValueColumns = { keyIds: number[]; values: string[] };

/** The state of the run, read by the same statement that writes. */
export type RunState = { runId: string; experimentId: number; deleted: boolean } | undefined;

/** What one run is given at once. `sections` by key. */
export type RunWrite = { runId: string; sections: Section[]; tags: ValueColumns };

/**
 * A row's points all lie after those that are stored, or else some may be stored already: then minimum, maximum, first and last are right
 * all the same, and what must be counted is found out by the transaction that holds the row.
 */
const APPENDS = '(excluded.first_step, excluded.first_timestamp, excluded.first_value) > (m.step, m.timestamp, m.value)';
const IS_LATER = '(excluded.step, excluded.timestamp, excluded.value) > (m.step, m.timestamp, m.value)';
const IS_EARLIER = '(excluded.first_step, excluded.first_timestamp, excluded.first_value) < (m.first_step, m.first_timestamp, m.first_value)';

const WRITE = `
  with run as (
    select run_id, experiment_id, deleted_at is not null as deleted from runs where team_id = $1 and run_id = any($2::uuid[])
  ), active as (
    select run_id, experiment_id from run where not deleted
  ), latest as (
    insert into run_metrics as m (team_id, run_id, key_id, experiment_id, value, step, timestamp, min, max, scaled_sum, count, nan_count,
                                  first_value, first_step, first_timestamp)
    select $1, a.run_id, k.key_id, a.experiment_id, k.value, k.step, k.timestamp, k.min, k.max, k.scaled_sum, k.count, k.nan_count,
           k.first_value, k.first_step, k.first_timestamp
      from active a
      join unnest($3::uuid[], $4::integer[], $5::double precision[], $6::bigint[], $7::bigint[], $8::double precision[], $9::double precision[],
                  $10::double precision[], $11::integer[], $12::integer[], $13::double precision[], $14::bigint[], $15::bigint[])
           as k (run_id, key_id, value, step, timestamp, min, max, scaled_sum, count, nan_count, first_value, first_step, first_timestamp)
        on k.run_id = a.run_id
     order by a.run_id, k.key_id
    on conflict (team_id, run_id, key_id) do update set
      value = case when ${IS_LATER} then excluded.value else m.value end,
      timestamp = case when ${IS_LATER} then excluded.timestamp else m.timestamp end,
      step = greatest(excluded.step, m.step),
      min = least(m.min, excluded.min), max = greatest(m.max, excluded.max),
      scaled_sum = case when ${APPENDS} then m.scaled_sum + excluded.scaled_sum else m.scaled_sum end,
      count = case when ${APPENDS} then m.count + excluded.count else m.count end,
      nan_count = case when ${APPENDS} then m.nan_count + excluded.nan_count else m.nan_count end,
      recount = not (${APPENDS}),
      first_value = case when ${IS_EARLIER} then excluded.first_value else m.first_value end,
      first_timestamp = case when ${IS_EARLIER} then excluded.first_timestamp else m.first_timestamp end,
      first_step = least(excluded.first_step, m.first_step)
    returning m.run_id, m.key_id, m.recount
  ), suspects as (
    select run_id, array_agg(key_id) as key_ids from latest where recount group by run_id
  ), tagged as (
    insert into run_tags as t (team_id, run_id, key_id, experiment_id, value)
    select $1, a.run_id, n.key_id, a.experiment_id, n.value
      from active a join unnest($16::uuid[], $17::integer[], $18::text[]) as n (run_id, key_id, value) on n.run_id = a.run_id
     order by a.run_id, n.key_id
    on conflict (team_id, run_id, key_id) do update set value = excluded.value
  )`;
const STATES =
  'select r.run_id as "runId", r.experiment_id as "experimentId", r.deleted, s.key_ids as suspects from run r left join suspects s using (run_id)';

/** All of it, unless points of some key may be stored already: then nothing, and SQLSTATE 22012. */
const WRITE_NEW = sql(`/* ingest.points_and_tags */ ${WRITE}, blocks as (
    insert into metric_blocks (team_id, run_id, count, from_step, to_step, points)
    select $1, a.run_id, b.count, b.from_step, b.to_step, substring($19::bytea from b.start for b.size)
      from active a
      join unnest($20::uuid[], $21::integer[], $22::bigint[], $23::bigint[], $24::integer[], $25::integer[])
           as b (run_id, count, from_step, to_step, start, size) on b.run_id = a.run_id
     where 1 / (case when exists (select 1 from suspects) then 0 else 1 end) = 1
  )
  ${STATES}`);
const DIVISION_BY_ZERO = '22012';
/** All but the blocks; `suspects`, by run: the keys whose points may be stored already. Their rows are locked. */
const WRITE_ANY = sql(`/* ingest.points_and_tags_counting_later */ ${WRITE} ${STATES}`);

const COUNT = sql(`/* ingest.count */
  with counted as (
    update run_metrics m set scaled_sum = m.scaled_sum + k.scaled_sum, count = m.count + k.count, nan_count = m.nan_count + k.nan_count, recount = false
      from unnest($2::uuid[], $3::integer[], $4::double precision[], $5::integer[], $6::integer[]) as k (run_id, key_id, scaled_sum, count, nan_count)
     where m.team_id = $1 and m.run_id = k.run_id and m.key_id = k.key_id
  )
  insert into metric_blocks (team_id, run_id, count, from_step, to_step, points)
  select $1, b.run_id, b.count, b.from_step, b.to_step, substring($7::bytea from b.start for b.size)
    from unnest($8::uuid[], $9::integer[], $10::bigint[], $11::bigint[], $12::integer[], $13::integer[])
         as b (run_id, count, from_step, to_step, start, size)`);

type KeyRow = Statistics & { runId: string; keyId: number; points: Columns };

function keyRows(writes: RunWrite[]): KeyRow[] {
  return writes.flatMap(({ runId, sections }) => sections.map(([keyId, points]) => ({ runId, keyId, points, ...statisticsOf(points) })));
}

function writeValues(teamId: number, writes: RunWrite[], keys: KeyRow[]): unknown[] {
  const lastOf = ({ points }: KeyRow) => points.values.length - 1;
  const tags = writes.flatMap(({ runId, tags }) => tags.keyIds.map((keyId, index) => ({ runId, keyId, value: tags.values[index]! })));
  return [
    teamId,
    uuidArray(writes.map((write) => write.runId)),
    uuidArray(keys.map((key) => key.runId)),
    int4Array(keys.map((key) => key.keyId)),
    float8Array(keys.map((key) => key.points.values[lastOf(key)]!)),
    int8Array(keys.map((key) => key.points.steps[lastOf(key)]!)),
    int8Array(keys.map((key) => key.points.timestamps[lastOf(key)]!)),
    float8Array(keys.map((key) => key.min)),
    float8Array(keys.map((key) => key.max)),
    float8Array(keys.map((key) => key.scaledSum)),
    int4Array(keys.map((key) => key.count)),
    int4Array(keys.map((key) => key.nanCount)),
    float8Array(keys.map((key) => key.points.values[0]!)),
    int8Array(keys.map((key) => key.points.steps[0]!)),
    int8Array(keys.map((key) => key.points.timestamps[0]!)),
    uuidArray(tags.map((tag) => tag.runId)),
    int4Array(tags.map((tag) => tag.keyId)),
    tags.map((tag) => tag.value),
  ];
}

function blockValues(writes: RunWrite[]): unknown[] {
  const filled = writes.filter(({ sections }) => sections.length > 0);
  const packed = filled.map(({ sections }) => packPlain(sections));
  let end = 1;
  const starts = packed.map(({ length }) => {
    end += length;
    return end - length;
  });
  return [
    Buffer.concat(packed),
    uuidArray(filled.map(({ runId }) => runId)),
    int4Array(filled.map(({ sections }) => sections.reduce((sum, [, points]) => sum + points.values.length, 0))),
    int8Array(filled.map(({ sections }) => stepRange(sections)[0])),
    int8Array(filled.map(({ sections }) => stepRange(sections)[1])),
    int4Array(starts),
    int4Array(packed.map(({ length }) => length)),
  ];
}

type StateRow = NonNullable<RunState> & { suspects: number[] | null };

/** Runs that were lately given points that may be stored already: they are written the careful way at once. */
const uneven = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });

/** Stores points (identical ones once) and tags of runs of one team, sorted by run; nothing for runs that are missing (absent from the answer) or deleted. */
export async function writeRuns(db: Db, teamId: number, writes: RunWrite[]): Promise<Map<string, NonNullable<RunState>>> {
  const keys = keyRows(writes);
  const values = writeValues(teamId, writes, keys);
  if (isPool(db) && !writes.some(({ runId }) => uneven.has(runId))) {
    try {
      return byRun(await db.rows<StateRow>(WRITE_NEW, [...values, ...blockValues(writes)]));
    } catch (error) {
      if ((error as { code?: string }).code !== DIVISION_BY_ZERO) throw error;
    }
  }
  return byRun(await db.tx((tx) => writeCarefully(tx, teamId, writes, values)));
}

const byRun = (rows: StateRow[]) => new Map(rows.map(({ runId, experimentId, deleted }) => [runId, { runId, experimentId, deleted }]));

async function writeCarefully(tx: Db, teamId: number, writes: RunWrite[], values: unknown[]): Promise<StateRow[]> {
  const states = await tx.rows<StateRow>(WRITE_ANY, values);
  const given = new Map(writes.map((write) => [write.runId, write]));
  const written: RunWrite[] = [];
  const counted: KeyRow[] = [];
  for (const { runId, deleted, suspects } of states) {
    const write = given.get(runId)!;
    if (deleted || write.sections.length === 0) continue;
    if (!suspects) {
      written.push(write);
      continue;
    }
    uneven.set(runId, true);
    const isSuspect = new Set(suspects);
    const stored = await pointsStored(
      tx,
      teamId,
      runId,
      write.sections.filter(([keyId]) => isSuspect.has(keyId)),
    );
    const fresh = write.sections.map(
      ([keyId, points]): Section => [keyId, isSuspect.has(keyId) ? withoutStored(points, stored.get(keyId)!) : points],
    );
    for (const [keyId, points] of fresh) if (isSuspect.has(keyId)) counted.push({ runId, keyId, points, ...statisticsOf(points) });
    written.push({ ...write, sections: fresh.filter(([, points]) => points.values.length > 0) });
  }
  if (written.length === 0) return states;
  await tx.rows(COUNT, [
    teamId,
    uuidArray(counted.map((key) => key.runId)),
    int4Array(counted.map((key) => key.keyId)),
    float8Array(counted.map((key) => key.scaledSum)),
    int4Array(counted.map((key) => key.count)),
    int4Array(counted.map((key) => key.nanCount)),
    ...blockValues(written),
  ]);
  return states;
}

const normal = (long: Long): Long => {
  const number = Number(long);
  return Number.isSafeInteger(number) ? number : BigInt(long);
};

/** By key and in order, each point once. -0 is 0: they are equal to Postgres, and print the same. */
export function toSections({ keyIds, steps, timestamps, values }: PointColumns): Section[] {
  const byKey = new Map<number, { steps: Long[]; timestamps: Long[]; values: number[] }>();
  for (let index = 0; index < keyIds.length; index += 1) {
    let points = byKey.get(keyIds[index]!);
    if (!points) {
      points = { steps: [], timestamps: [], values: [] };
      byKey.set(keyIds[index]!, points);
    }
    points.steps.push(normal(steps[index]!));
    points.timestamps.push(normal(timestamps[index]!));
    points.values.push(values[index]! + 0);
  }
  return [...byKey].sort((a, b) => a[0] - b[0]).map(([keyId, points]): Section => [keyId, mergeColumns([points])]);
}

const RENAME = sql(`/* ingest.rename */
  update runs set name = $3, updated_at = now() where team_id = $1 and run_id = $2::uuid and deleted_at is null`);

/** Stores points (identical ones once) and tags of one run, all or nothing; nothing when the run is deleted. `name`: what the run is now called, if it changes. */
export async function writePointsAndTags(
  db: Db,
  teamId: number,
  runId: string,
  points: PointColumns,
  tags: ValueColumns,
  name: string | undefined,
): Promise<RunState> {
  const write = async (tx: Db) => {
    // The run before its tags, like every writer of both.
    if (name !== undefined) await tx.rows(RENAME, [teamId, runId, name]);
    return (await writeRuns(tx, teamId, [{ runId, sections: toSections(points), tags }])).get(runId);
  };
  return name === undefined ? write(db) : db.tx(write);
}

const PARAMS = sql(`/* ingest.params */
  with run as (
    select run_id, experiment_id, deleted_at is not null as deleted from runs where team_id = $1 and run_id = $2::uuid
  ), inserted as (
    insert into run_params (team_id, run_id, key_id, experiment_id, value)
    select $1, r.run_id, p.key_id, r.experiment_id, p.value from run r, unnest($3::integer[], $4::text[]) as p (key_id, value) where not r.deleted
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

const DELETE_TAG = sql(`/* ingest.delete_tag */
  delete from run_tags where team_id = $1 and run_id = $2::uuid and key_id = any($3::integer[]) returning key_id as "keyId"`);

export const deleteRunTags = (db: Db, teamId: number, runId: string, keyIds: number[]): Promise<{ keyId: number }[]> =>
  db.rows(DELETE_TAG, [teamId, runId, keyIds]);
