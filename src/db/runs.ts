// Runs and what is read with them: params, tags, latest metrics. Batches in, batches out; never one run at a time.
import { openBatches } from './batch.ts';
import { int4Array, int8Array, uuidArray } from './binary.ts';
import { findKeys, findPrefixedKeys, keyNames, knownKeys } from './keys.ts';
import { type Db, isPool, type Long, parseLong, sql } from './pool.ts';
import { touchedRuns } from './runSummaries.ts';

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type Run = {
  runId: string;
  experimentId: number;
  name: string;
  status: RunStatus;
  /** What the client said; createdBy is who was authenticated. */
  userId: string;
  createdBy: number | null;
  /** Milliseconds since 1970, from the client's clock. */
  startTime: Long;
  endTime: Long | null;
  artifactUri: string;
  deletedAt: Date | null;
};

export type KeyValue = { key: string; value: string };

/** Latest point and statistics of one (run, key). NaN is left out of min, max and mean. */
export type RunMetric = {
  key: string;
  value: number;
  step: Long;
  timestamp: Long;
  min: number | null;
  max: number | null;
  mean: number | null;
  count: Long;
  first: { value: number; step: Long; timestamp: Long };
};

/** For `select`, on the table as `r`. */
export const RUN_COLUMNS = `r.run_id as "runId", r.experiment_id as "experimentId", r.name, r.status, r.user_id as "userId",
  r.created_by as "createdBy", r.start_time as "startTime", r.end_time as "endTime", r.artifact_uri as "artifactUri", r.deleted_at as "deletedAt"`;

const BY_IDS = sql(`/* runs.by_ids */ select ${RUN_COLUMNS} from runs r where r.team_id = $1 and r.run_id = any($2::uuid[])`);
const TEAM_OF = sql('/* runs.team_of */ select team_id as "teamId" from runs where team_id = any($1::integer[]) and run_id = $2::uuid');
/**
 * A row a run, of lists in one order: sent and read in a third of the time that a row a value takes. One statement for all keys, another for
 * chosen ones, so that each has a plan of its own. `columns`: what is listed, under their names, and how.
 */
function ofRuns(name: string, table: string, columns: Record<string, string>, list: (column: string) => string) {
  const lists = Object.entries(columns).map(([as, column]) => `${list(`v.${column}`)} as "${as}"`);
  const statement = (suffix: string, which: string) =>
    sql(`/* runs.${name}${suffix} */ select v.run_id as "runId", array_agg(v.key_id)::text as "keyIds", ${lists.join(', ')}
      from (select run_id, key_id, ${Object.values(columns).join(', ')} from ${table}
             where team_id = $1 and run_id = any($2::uuid[])${which} limit $3::bigint) v group by v.run_id`);
  return {
    all: statement('', ''),
    chosen: statement('_chosen', ' and key_id = any($4::integer[])'),
    // Where some of the names are new to this process, or used by nobody.
    named: statement('_named', ' and key_id = any(array(select k.key_id from keys k where k.team_id = $1 and k.name = any($4::text[])))'),
  };
}
const asJson = (column: string) => `json_agg(${column})`;
const PARAMS = ofRuns('params', 'run_params', { values: 'value' }, asJson);
const TAGS = ofRuns('tags', 'run_tags', { values: 'value' }, asJson);
const METRIC_COLUMNS = {
  value: 'value',
  step: 'step',
  timestamp: 'timestamp',
  min: 'min',
  max: 'max',
  scaledSum: 'scaled_sum',
  count: 'count',
  nanCount: 'nan_count',
  firstValue: 'first_value',
  firstStep: 'first_step',
  firstTimestamp: 'first_timestamp',
};
const METRICS = ofRuns('metrics', 'run_metrics', METRIC_COLUMNS, (column) => `array_agg(${column})::text`);

export const runsByIds = (db: Db, teamId: number, runIds: string[]): Promise<Run[]> => db.rows<Run>(BY_IDS, [teamId, runIds]);

/** Which of these teams has the run. */
export async function teamOfRun(db: Db, teamIds: number[], runId: string): Promise<number | undefined> {
  return (await db.row<{ teamId: number }>(TEAM_OF, [teamIds, runId]))?.teamId;
}

type Listed = { runId: string; keyIds: string };

/** An array as Postgres prints it, of numbers. */
const itemsOf = (array: string): string[] => array.slice(1, -1).split(',');

/** `make` answers, for a row, how to make the item at a place in its lists. */
async function listed<R extends Listed, T extends { key: string }>(
  db: Db,
  teamId: number,
  rows: R[],
  make: (row: R) => (index: number, key: string) => T,
): Promise<Map<string, T[]>> {
  const keyIds = rows.map((row) => itemsOf(row.keyIds).map(Number));
  const nameOf = await keyNames(db, teamId, new Set(keyIds.flat()));
  return new Map(
    rows.map((row, place): [string, T[]] => {
      const at = make(row);
      const items = keyIds[place]!.map((keyId, index) => at(index, nameOf(keyId)));
      return [row.runId, items.sort((a, b) => (a.key < b.key ? -1 : 1))];
    }),
  );
}

type ValueRow = Listed & { values: string[] };
const pairsOf =
  ({ values }: ValueRow) =>
  (index: number, key: string): KeyValue => ({ key, value: values[index]! });

/** Those with one of these keys or beginning so; without a choice all. At most `limit` rows, which the caller takes for too many. */
export type Choice = { keys?: readonly string[]; prefixes?: readonly string[]; limit?: number };

async function chosenRows<R>(db: Db, teamId: number, statements: ReturnType<typeof ofRuns>, runIds: string[], choice: Choice): Promise<R[]> {
  const { keys, prefixes = [], limit = null } = choice;
  if (keys === undefined && prefixes.length === 0) return db.rows<R>(statements.all, [teamId, runIds, limit]);
  const { found, missing } = knownKeys(db, teamId, keys ?? []);
  if (missing.length > 0 && prefixes.length === 0) return db.rows<R>(statements.named, [teamId, runIds, limit, keys]);
  const [named, begun] = await Promise.all([findKeys(db, teamId, missing), findPrefixedKeys(db, teamId, prefixes)]);
  const keyIds = [...new Set([...found.values(), ...named.values(), ...begun])];
  return keyIds.length === 0 ? [] : db.rows<R>(statements.chosen, [teamId, runIds, limit, keyIds]);
}

/** Run id → params sorted by key. Runs without any are absent. */
export async function paramsByRuns(db: Db, teamId: number, runIds: string[], choice: Choice = {}): Promise<Map<string, KeyValue[]>> {
  return listed(db, teamId, await chosenRows<ValueRow>(db, teamId, PARAMS, runIds, choice), pairsOf);
}

/** Run id → tags sorted by key. */
export async function tagsByRuns(db: Db, teamId: number, runIds: string[], choice: Choice = {}): Promise<Map<string, KeyValue[]>> {
  return listed(db, teamId, await chosenRows<ValueRow>(db, teamId, TAGS, runIds, choice), pairsOf);
}

export type ParamsAndTags = { params: KeyValue[]; tags: KeyValue[] };

const BOTH = sql(
  `/* runs.params_and_tags */ select 'params' as kind, p.* from (${PARAMS.all.text}) p union all select 'tags', t.* from (${TAGS.all.text}) t`,
);

/** All of both in one statement. By run id; runs without any are absent. */
export async function paramsAndTagsByRuns(db: Db, teamId: number, runIds: string[]): Promise<Map<string, ParamsAndTags>> {
  const rows = await db.rows<ValueRow & { kind: keyof ParamsAndTags }>(BOTH, [teamId, runIds, null]);
  const of = (kind: keyof ParamsAndTags) =>
    listed(
      db,
      teamId,
      rows.filter((row) => row.kind === kind),
      pairsOf,
    );
  const [params, tags] = await Promise.all([of('params'), of('tags')]);
  return new Map(rows.map(({ runId }) => [runId, { params: params.get(runId) ?? [], tags: tags.get(runId) ?? [] }]));
}

type MetricRow = Listed & Record<keyof typeof METRIC_COLUMNS, string>;

const orNull = (text: string): number | null => (text === 'NULL' ? null : Number(text));

/** Run id → latest metrics with statistics, sorted by key. */
export async function metricsByRuns(db: Db, teamId: number, runIds: string[], choice: Choice = {}): Promise<Map<string, RunMetric[]>> {
  return listed(db, teamId, await chosenRows<MetricRow>(db, teamId, METRICS, runIds, choice), (row) => {
    const [value, min, max, sum] = [itemsOf(row.value), itemsOf(row.min), itemsOf(row.max), itemsOf(row.scaledSum)];
    const [step, timestamp, count, nanCount] = [itemsOf(row.step), itemsOf(row.timestamp), itemsOf(row.count), itemsOf(row.nanCount)];
    const first = { value: itemsOf(row.firstValue), step: itemsOf(row.firstStep), timestamp: itemsOf(row.firstTimestamp) };
    return (at, key) => {
      const numbers = Number(count[at]) - Number(nanCount[at]);
      return {
        key,
        value: Number(value[at]),
        step: parseLong(step[at]!),
        timestamp: parseLong(timestamp[at]!),
        min: orNull(min[at]!),
        max: orNull(max[at]!),
        mean: numbers > 0 ? (Number(sum[at]) / numbers) * 2 ** 64 : null,
        count: parseLong(count[at]!),
        first: { value: Number(first.value[at]), step: parseLong(first.step[at]!), timestamp: parseLong(first.timestamp[at]!) },
      };
    };
  });
}

const INSERT = sql(`/* runs.insert */
  with given as (
    select *
      from unnest($2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[], $9::text[])
           with ordinality as g (run_id, experiment_id, name, status, user_id, created_by, start_time, artifact_path, position)
  ), experiment as (
    select experiment_id, artifact_location, deleted_at from experiments
     where team_id = $1 and experiment_id = any($3::integer[]) order by experiment_id for share
  ), inserted as (
    insert into runs as r (team_id, run_id, experiment_id, name, status, user_id, created_by, start_time, artifact_uri)
    select $1, g.run_id, g.experiment_id, g.name, g.status, g.user_id, g.created_by, g.start_time, e.artifact_location || g.artifact_path
      from given g join experiment e using (experiment_id) where e.deleted_at is null order by g.run_id
    on conflict (team_id, run_id) do nothing
    returning r.run_id, r.experiment_id, r.artifact_uri
  ), tagged as (
    insert into run_tags (team_id, run_id, key_id, experiment_id, value)
    select $1, i.run_id, t.key_id, i.experiment_id, t.value
      from inserted i join unnest($10::uuid[], $11::integer[], $12::text[]) as t (run_id, key_id, value) on t.run_id = i.run_id
  )
  select e.experiment_id is null as "noExperiment", e.deleted_at is not null as "experimentDeleted", i.artifact_uri as "artifactUri"
    from given g left join experiment e using (experiment_id) left join inserted i on i.run_id = g.run_id order by g.position`);

export type NewRun = {
  runId: string;
  experimentId: number;
  name: string;
  status: RunStatus;
  userId: string;
  createdBy: number;
  startTime: Long;
  /** Appended to the experiment's location. */
  artifactPath: string;
  tagKeyIds: number[];
  tagValues: string[];
};

export type MadeRun = Run | 'no experiment' | 'experiment deleted' | 'exists';

/** One statement, for runs with different ids. What became of each, in their order. */
export async function insertRuns(db: Db, teamId: number, runs: NewRun[]): Promise<MadeRun[]> {
  const tags = runs.flatMap(({ runId, tagKeyIds, tagValues }) => tagKeyIds.map((keyId, index) => ({ runId, keyId, value: tagValues[index]! })));
  const rows = await db.rows<{ noExperiment: boolean; experimentDeleted: boolean; artifactUri: string | null }>(INSERT, [
    teamId,
    uuidArray(runs.map((run) => run.runId)),
    int4Array(runs.map((run) => run.experimentId)),
    runs.map((run) => run.name),
    runs.map((run) => run.status),
    runs.map((run) => run.userId),
    int4Array(runs.map((run) => run.createdBy)),
    int8Array(runs.map((run) => run.startTime)),
    runs.map((run) => run.artifactPath),
    uuidArray(tags.map((tag) => tag.runId)),
    int4Array(tags.map((tag) => tag.keyId)),
    tags.map((tag) => tag.value),
  ]);
  return rows.map(({ noExperiment, experimentDeleted, artifactUri }, index) => {
    if (noExperiment) return 'no experiment';
    if (experimentDeleted) return 'experiment deleted';
    if (artifactUri === null) return 'exists';
    const { runId, experimentId, name, status, userId, createdBy, startTime } = runs[index]!;
    return { runId, experimentId, name, status, userId, createdBy, startTime, endTime: null, artifactUri, deletedAt: null };
  });
}

/** Runs of one statement. */
const MOST_AT_ONCE = 200;
const makers = new WeakMap<Db, (teamId: number, run: NewRun) => Promise<MadeRun>>();

/** With others that are made at the same moment; in a transaction alone. */
export async function insertRun(db: Db, teamId: number, run: NewRun): Promise<MadeRun> {
  if (!isPool(db)) return (await insertRuns(db, teamId, [run]))[0]!;
  let make = makers.get(db);
  if (!make) {
    make = openBatches(
      (team, runs) => insertRuns(db, team, runs),
      ({ runId }) => runId,
      MOST_AT_ONCE,
    );
    makers.set(db, make);
  }
  return make(teamId, run);
}

const UPDATE = sql(`/* runs.update */
  with before as (
    select run_id, status from runs where team_id = $1 and run_id = $2::uuid for no key update
  ), updated as (
    update runs r set status = coalesce($3, r.status), end_time = coalesce($4::bigint, r.end_time), name = coalesce($5, r.name), updated_at = now()
      from before b where r.team_id = $1 and r.run_id = b.run_id and r.deleted_at is null
    returning r.team_id, b.status as "statusBefore", ${RUN_COLUMNS}
  ), ${touchedRuns('(select "runId" as run_id from updated where $5::text is not null)')}, tagged as (
    insert into run_tags (team_id, run_id, key_id, experiment_id, value)
    select u.team_id, u."runId", $6::integer, u."experimentId", $5 from updated u
     where $5::text is not null and (select count(*) from touched) >= 0
    on conflict (team_id, run_id, key_id) do update set value = excluded.value
  )
  select "statusBefore", "runId", "experimentId", name, status, "userId", "createdBy", "startTime", "endTime", "artifactUri", "deletedAt" from updated`);

/** `nameKeyId`: the number of the tag that repeats the name; needed when the name changes. undefined when the run is gone or deleted. Of concurrent changes one sees each status before. */
export const updateRunRow = (
  db: Db,
  teamId: number,
  runId: string,
  change: { status?: RunStatus; endTime?: Long; name?: string },
  nameKeyId: number | undefined,
): Promise<(Run & { statusBefore: RunStatus }) | undefined> =>
  db.row(UPDATE, [teamId, runId, change.status ?? null, change.endTime ?? null, change.name ?? null, nameKeyId ?? null]);

const SET_LIFECYCLE = sql(`/* runs.set_lifecycle */
  update runs r set deleted_at = case when $3 then coalesce(r.deleted_at, now()) end, updated_at = now()
   where r.team_id = $1 and r.run_id = any($2::uuid[]) and (r.deleted_at is not null) <> $3 returning r.run_id as "runId"`);

/** Marks as deleted (or not), whatever they were. */
export const setRunsDeleted = (db: Db, teamId: number, runIds: string[], deleted: boolean) =>
  db.rows<{ runId: string }>(SET_LIFECYCLE, [teamId, runIds, deleted]);
