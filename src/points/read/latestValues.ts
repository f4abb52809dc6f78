// Params, tags and latest metrics of many runs, of all keys or of chosen ones, in one statement a kind.
import { type Long, parseLong } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import { findKeyIds, findPrefixedKeyIds, keyNames, knownKeyIds } from '../keyIds.ts';

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

/**
 * A row a run, of lists in one order: it is sent and read in a third of the time of a row a value. One statement for all keys, another for chosen
 * ones, so that each has a plan of its own. `columns`: what is listed, under their names, and how.
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
  const { found, missing } = knownKeyIds(db, teamId, keys ?? []);
  if (missing.length > 0 && prefixes.length === 0) return db.rows<R>(statements.named, [teamId, runIds, limit, keys]);
  const [named, begun] = await Promise.all([findKeyIds(db, teamId, missing), findPrefixedKeyIds(db, teamId, prefixes)]);
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
