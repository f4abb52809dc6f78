// Writing what runs log: points with running statistics, params, tags. Columns in, one statement for many runs.
// Runs and keys arrive sorted, so that writers wait for each other in one order and never in a circle.
import { LRUCache } from 'lru-cache';
import { type Columns, mergeColumns, noPoints, type Statistics, statisticsOf, withoutStored } from '../codec/columns.ts';
import { packHead } from '../codec/heads.ts';
import { packPlain, type Section, stepRange } from '../codec/points.ts';
import { float8Array, int4Array, int8Array, uuidArray } from './binary.ts';
import { scopeOf } from './keys.ts';
import { addLate, beginLate, countIfNew, isNear, keepLate, type LateSeries, lateSeries } from './late.ts';
import { type Db, isPool, type Long, type Statement, sql } from './pool.ts';
import { touchedRuns } from './runSummaries.ts';
import { type Near, pointsNear } from './stored.ts';

/** Parallel arrays, in any order. */
export type PointColumns = { keyIds: number[]; steps: Long[]; timestamps: Long[]; values: number[] };
/** Parallel arrays; sorted by keyId, each once. */
export type ValueColumns = { keyIds: number[]; values: string[] };

/** The state of the run, read by the same statement that writes. */
export type RunState = { runId: string; experimentId: number; deleted: boolean } | undefined;

/** What one run is given at once. `sections` by key. */
export type RunWrite = { runId: string; sections: Section[]; tags: ValueColumns; params: ValueColumns };
export const NO_VALUES: ValueColumns = { keyIds: [], values: [] };

/**
 * A row's points all lie after those that are stored, or the writer knows that they are new; or else some may be stored already: then minimum,
 * maximum, first and last are right all the same, and what must be counted is found out by the transaction that holds the row.
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
/** One that stands already, or that somebody else adds meanwhile, must have the same value: else nothing is written, and SQLSTATE 2201E. */
const PARAMS = (at: number) => `, given as (
    select a.run_id, a.experiment_id, p.key_id, p.value
      from active a join unnest($${at}::uuid[], $${at + 1}::integer[], $${at + 2}::text[]) as p (run_id, key_id, value) on p.run_id = a.run_id
  ), added as (
    insert into run_params (team_id, run_id, key_id, experiment_id, value)
    select $1, run_id, key_id, experiment_id, value from given order by run_id, key_id
    on conflict do nothing
    returning run_id, key_id
  ), agreed as (
    select ln(case when exists (
        select 1 from given g
         where not exists (select 1 from added a where a.run_id = g.run_id and a.key_id = g.key_id)
           and not exists (select 1 from run_params p where p.team_id = $1 and p.run_id = g.run_id and p.key_id = g.key_id and p.value = g.value)
      ) then 0 else 1 end) as yes
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
     where 1 / (case when exists (select 1 from noted where suspects is not null) then 0 else 1 end) = 1
  )`;

type Parts = { tags: boolean; params: boolean; blocks: boolean };

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
    from run r left join noted n using (run_id)${params ? ' cross join agreed where agreed.yes = 0' : ''}`);
}

const statements = new Map<string, Statement>();

/** With blocks: all of it, unless points of some key may be stored already: then nothing, and SQLSTATE 22012. Without: `suspects`, whose rows are locked. */
function statementFor(parts: Parts): Statement {
  const name = `${parts.tags} ${parts.params} ${parts.blocks}`;
  const statement = statements.get(name) ?? writeStatement(parts);
  statements.set(name, statement);
  return statement;
}
const DIVISION_BY_ZERO = '22012';
/** Params stand with another value. */
export const LOGARITHM_OF_ZERO = '2201E';

const COUNT = sql(`/* ingest.count */
  with counted as (
    update run_metrics m set scaled_sum = m.scaled_sum + k.scaled_sum, count = m.count + k.count, nan_count = m.nan_count + k.nan_count, recount = false
      from unnest($2::uuid[], $3::integer[], $4::double precision[], $5::integer[], $6::integer[]) as k (run_id, key_id, scaled_sum, count, nan_count)
     where m.team_id = $1 and m.run_id = k.run_id and m.key_id = k.key_id
  )
  insert into metric_blocks (team_id, run_id, count, from_step, to_step, points, head)
  select $1, b.run_id, b.count, b.from_step, b.to_step, ${bytesOfBlock(7)}
    from unnest(${givenBlocks(8)}) as b (${GIVEN_BLOCKS})`);

type KeyRow = Statistics & { runId: string; keyId: number; points: Columns /** See late.ts. */; known: number };

const lateName = (db: Db, teamId: number, runId: string) => `${scopeOf(db)} ${teamId} ${runId}`;

function keyRows(writes: RunWrite[], lateOf: (runId: string) => LateSeries | undefined): KeyRow[] {
  return writes.flatMap(({ runId, sections }) => {
    const late = lateOf(runId);
    return sections.map(([keyId, points]) => ({
      runId,
      keyId,
      points,
      known: late ? countIfNew(late.get(keyId), points) : 0,
      ...statisticsOf(points),
    }));
  });
}

function pairs(writes: RunWrite[], name: 'tags' | 'params'): unknown[] {
  const runIds: string[] = [];
  const keyIds: number[] = [];
  const values: string[] = [];
  for (const write of writes) {
    for (const [index, keyId] of write[name].keyIds.entries()) {
      runIds.push(write.runId);
      keyIds.push(keyId);
      values.push(write[name].values[index]!);
    }
  }
  return runIds.length === 0 ? [] : [uuidArray(runIds), int4Array(keyIds), values];
}

/** What the statement without blocks is given. */
type Given = { values: unknown[]; tags: boolean; params: boolean };

function givenValues(teamId: number, writes: RunWrite[], keys: KeyRow[]): Given {
  const lastOf = ({ points }: KeyRow) => points.values.length - 1;
  const [tags, params] = [pairs(writes, 'tags'), pairs(writes, 'params')];
  const values = [
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
    int4Array(keys.map((key) => key.known)),
    ...tags,
    ...params,
  ];
  return { values, tags: tags.length > 0, params: params.length > 0 };
}

function blockValues(writes: RunWrite[]): unknown[] {
  const filled = writes.filter(({ sections }) => sections.length > 0);
  const packed = filled.map(({ sections }) => packPlain(sections));
  const heads = filled.map(({ sections }) => packHead(sections));
  let end = 1;
  const starts = packed.map(({ length }, index) => {
    const start = end;
    end += length + (heads[index]?.length ?? 0);
    return start;
  });
  const ranges = filled.map(({ sections }) => stepRange(sections));
  return [
    Buffer.concat(packed.flatMap((points, index) => (heads[index] ? [points, heads[index]] : [points]))),
    uuidArray(filled.map(({ runId }) => runId)),
    int4Array(filled.map(({ sections }) => sections.reduce((sum, [, points]) => sum + points.values.length, 0))),
    int8Array(ranges.map(([from]) => from)),
    int8Array(ranges.map(([, to]) => to)),
    int4Array(starts),
    int4Array(packed.map(({ length }) => length)),
    int4Array(heads.map((head) => head?.length ?? 0)),
  ];
}

/** Of the suspects: the points that are stored, and the greatest step of all. */
type StateRow = NonNullable<RunState> & { suspects: number[] | null; counts: Long[]; last: Long; stale: number[] | null };

/** Runs of which several processes log points that may be stored already: they are written the careful way at once. */
const uneven = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });

/**
 * Stores points (identical ones once), params and tags of runs of one team, sorted by run; nothing for runs that are missing (absent from the
 * answer) or deleted. SQLSTATE 2201E, and nothing stored, if a param stands with another value.
 */
export async function writeRuns(db: Db, teamId: number, writes: RunWrite[]): Promise<Map<string, NonNullable<RunState>>> {
  const lateOf = (runId: string) => (isPool(db) ? lateSeries(lateName(db, teamId, runId)) : undefined);
  const keys = keyRows(writes, lateOf);
  const given = givenValues(teamId, writes, keys);
  if (isPool(db) && !writes.some(({ runId }) => uneven.has(runId))) {
    try {
      const blocks = keys.length > 0;
      const rows = await db.rows<StateRow>(statementFor({ ...given, blocks }), blocks ? [...given.values, ...blockValues(writes)] : given.values);
      noteAdded(lateOf, (runId) => lateName(db, teamId, runId), rows, keys);
      return byRun(rows);
    } catch (error) {
      if ((error as { code?: string }).code !== DIVISION_BY_ZERO) throw error;
    }
  }
  const { states, late } = await db.tx((tx) => writeCarefully(tx, teamId, writes, given));
  if (isPool(db)) {
    const wasKnown = new Set(keys.filter(({ known }) => known > 0).map(({ runId }) => runId));
    noteAdded(lateOf, (runId) => lateName(db, teamId, runId), states, keys);
    for (const [runId, series] of late) {
      const isOfUse = series !== 'far' && !wasKnown.has(runId);
      if (!isOfUse) uneven.set(runId, true);
      keepLate(lateName(db, teamId, runId), isOfUse ? new Map([...(lateOf(runId) ?? []), ...series]) : new Map());
    }
  }
  return byRun(states);
}

const byRun = (rows: StateRow[]) => new Map(rows.map(({ runId, experimentId, deleted }) => [runId, { runId, experimentId, deleted }]));

/** Keeps what is remembered of late series in step with what has just been stored. */
function noteAdded(lateOf: (runId: string) => LateSeries | undefined, nameOf: (runId: string) => string, rows: StateRow[], keys: KeyRow[]): void {
  const states = new Map(rows.map((row) => [row.runId, row]));
  const changed = new Map<string, LateSeries>();
  for (const { runId, keyId, points, known } of keys) {
    const late = lateOf(runId);
    if (!late?.has(keyId)) continue;
    const { stale, suspects } = states.get(runId) ?? { stale: null, suspects: null };
    if (known === 0 || stale?.includes(keyId) || suspects?.includes(keyId)) late.delete(keyId);
    else addLate(late, keyId, points);
    changed.set(runId, late);
  }
  for (const [runId, late] of changed) keepLate(nameOf(runId), late);
}

/** By run what may be remembered from now on, or that it isn't worth it. */
type Careful = { states: StateRow[]; late: Map<string, LateSeries | 'far'> };

async function writeCarefully(tx: Db, teamId: number, writes: RunWrite[], given: Given): Promise<Careful> {
  const states = await tx.rows<StateRow>(statementFor({ ...given, blocks: false }), given.values);
  const stateOf = new Map(states.map((state) => [state.runId, state]));
  const alive = writes.filter(({ runId, sections }) => sections.length > 0 && stateOf.get(runId)?.deleted === false);
  const doubtful = alive.flatMap(({ runId, sections }): Near[] => {
    const { suspects, last } = stateOf.get(runId)!;
    if (!suspects) return [];
    const isSuspect = new Set(suspects);
    const some = sections.filter(([keyId]) => isSuspect.has(keyId));
    const [from, to] = stepRange(some);
    const near = !uneven.has(runId) && isNear(from, last);
    return [{ runId, sections: some, from, to: near ? last : to, near }];
  });
  const stored = await pointsNear(tx, teamId, doubtful);
  const late: Careful['late'] = new Map(doubtful.map(({ runId, near }) => [runId, near ? new Map() : 'far']));
  const fromOf = new Map(doubtful.map(({ runId, from }) => [runId, from]));
  const counted: KeyRow[] = [];
  const written: RunWrite[] = [];
  for (const write of alive) {
    const { runId } = write;
    const { suspects, counts } = stateOf.get(runId)!;
    const series = late.get(runId);
    const sections: Section[] = [];
    for (const section of write.sections) {
      const [keyId, points] = section;
      const at = suspects?.indexOf(keyId) ?? -1;
      if (at < 0) {
        sections.push(section);
        continue;
      }
      const known = stored.get(runId)?.get(keyId) ?? noPoints();
      const fresh = withoutStored(points, known);
      counted.push({ runId, keyId, points: fresh, known: 0, ...statisticsOf(fresh) });
      if (fresh.values.length > 0) sections.push([keyId, fresh]);
      if (series instanceof Map) beginLate(series, keyId, Number(fromOf.get(runId)), Number(counts[at]) + fresh.values.length, [known, fresh]);
    }
    written.push({ ...write, sections });
  }
  if (written.length === 0) return { states, late };
  await tx.rows(COUNT, [
    teamId,
    uuidArray(counted.map((key) => key.runId)),
    int4Array(counted.map((key) => key.keyId)),
    float8Array(counted.map((key) => key.scaledSum)),
    int4Array(counted.map((key) => key.count)),
    int4Array(counted.map((key) => key.nanCount)),
    ...blockValues(written),
  ]);
  return { states, late };
}

const normal = (long: Long): Long => {
  if (Number.isSafeInteger(long)) return long;
  const number = Number(long);
  return Number.isSafeInteger(number) ? number : BigInt(long);
};

/** By key and in order, each point once. -0 is 0: they are equal to Postgres, and print the same. */
export function toSections(parts: readonly PointColumns[]): Section[] {
  const byKey = new Map<number, { steps: Long[]; timestamps: Long[]; values: number[] }>();
  for (const { keyIds, steps, timestamps, values } of parts) {
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
    return (await writeRuns(tx, teamId, [{ runId, sections: toSections([points]), tags, params: NO_VALUES }])).get(runId);
  };
  return name === undefined ? write(db) : db.tx(write);
}

const DELETE_TAG = sql(`/* ingest.delete_tag */
  with ${touchedRuns('(select run_id from runs where team_id = $1 and run_id = $2::uuid)')}
  delete from run_tags where team_id = $1 and run_id = $2::uuid and key_id = any($3::integer[]) and (select count(*) from touched) >= 0
  returning key_id as "keyId"`);

export const deleteRunTags = (db: Db, teamId: number, runId: string, keyIds: number[]): Promise<{ keyId: number }[]> =>
  db.rows(DELETE_TAG, [teamId, runId, keyIds]);
