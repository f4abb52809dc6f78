// Runs in groups, with statistics of metrics over each: what groups are made by and what is measured becomes one statement.

import { findKeyIds } from '../../points/keyIds.ts';
import { type Db, searchSql } from '../../postgres/pool.ts';
import { ensureStatistics } from '../../postgres/statistics.ts';
import { fieldKeys, fieldSql, type MetricField, type RunField, runTarget } from '../../search/fields.ts';
import { compileBeyond, cursorColumnsSql, cursorNames, orderBySql, type SortKey } from '../../search/keyset.ts';
import type { Search } from '../../search/search.ts';
import { push } from '../../search/sql.ts';
import { meanOf } from '../../search/where.ts';
import { type RunScope, runScopeSql } from './experimentPages.ts';

export type Statistic = 'COUNT' | 'MIN' | 'MAX' | 'AVG' | 'MEDIAN' | 'P90' | 'P95' | 'STDDEV' | 'ARG_MIN' | 'ARG_MAX';
export type Measured = { field: MetricField; statistic: Statistic };

/**
 * `v` is null for NaN and for runs without the metric. Postgres refuses sums and squares that overflow, so none is computed that could. Sums are
 * made in the order of the values. In another order they could differ in the last digit, and pages are cut by them.
 */
const AGGREGATES: Record<Statistic, (v: string) => string> = {
  COUNT: (v) => `count(${v})::float8`,
  MIN: (v) => `min(${v})`,
  MAX: (v) => `max(${v})`,
  AVG: (v) => meanOf(`sum(case when abs(${v}) < 1e-280 then 0 else ${v} * 5.421010862427522e-20 end order by ${v})`, `count(${v})`),
  MEDIAN: (v) => `percentile_cont(0.5) within group (order by ${v})`,
  P90: (v) => `percentile_cont(0.9) within group (order by ${v})`,
  P95: (v) => `percentile_cont(0.95) within group (order by ${v})`,
  STDDEV: (v) =>
    `case when max(abs(${v})) > 1e150 then 'Infinity'::float8 else stddev_samp(case when abs(${v}) <= 1e150 then ${v} end order by ${v}) end`,
  ARG_MIN: (v) => `min(${v})`,
  ARG_MAX: (v) => `max(${v})`,
};

/** The best run, of equals the first by id, which is the older. */
const BEST: Partial<Record<Statistic, (v: string) => string>> = {
  ARG_MIN: (v) => `(array_agg(run_id order by ${v}, run_id) filter (where ${v} is not null))[1]`,
  ARG_MAX: (v) => `(array_agg(run_id order by ${v} desc, run_id) filter (where ${v} is not null))[1]`,
};

type Grouping = { scope: RunScope; search: Search; by: readonly RunField[]; measures: readonly Measured[] };

/**
 * The CTE `grouped`: k0, k1 … what groups are made by, as text; `runs`; m0, m1 … the measures; r0, r1 … the best runs.
 * `extra` says of runs what else they must be, and the first key instead of `by`.
 */
function groupedSql(grouping: Grouping, values: unknown[], keyIds: ReadonlyMap<string, number>, extra?: { key: string; where: string }): string {
  const { scope, search, by, measures } = grouping;
  const target = runTarget(values, keyIds, 0);
  const within = runScopeSql(values, scope);
  const condition = search.condition({ team: '$1', values, keyIds });
  const joins: string[] = [];
  const sqlOf = (field: RunField, alias: string) => {
    const { join, sql } = fieldSql(field, alias, target);
    joins.push(join);
    return sql;
  };
  const keys = by.map((field, index) => `${sqlOf(field, `b${index}`) ?? 'null'}::text as k${index}`);
  if (extra) keys.push(`${extra.key}::text as k${keys.length}`);
  const metrics = [...new Set(measures.map(({ field }) => JSON.stringify(field)))];
  const numbers = metrics.map((text, index) => {
    const sql = sqlOf(JSON.parse(text) as MetricField, `x${index}`);
    return `nullif(${sql ?? 'null'}::float8, 'NaN'::float8) as v${index}`;
  });
  const results = measures.flatMap(({ field, statistic }, index) => {
    const v = `v${metrics.indexOf(JSON.stringify(field))}`;
    const best = BEST[statistic]?.(v);
    return [`${AGGREGATES[statistic](v)} as m${index}`, ...(best ? [`${best} as r${index}`] : [])];
  });
  const names = keys.map((_, index) => `k${index}`);
  return `with matched as (
      select ${['r.run_id', ...keys, ...numbers].join(', ')} from runs r ${joins.join(' ')}
       where r.team_id = $1 and ${within} and ${condition}${extra ? ` and ${extra.where}` : ''}
    ), grouped as (
      select ${[...names, 'count(*)::integer as runs', ...results].join(', ')} from matched group by ${names.length > 0 ? names.join(', ') : '()'}
    )`;
}

const keysOf = ({ search, by, measures }: Grouping) => [...search.keys, ...fieldKeys([...by, ...measures.map(({ field }) => field)])];

type Row = { runs: number } & Record<`k${number}` | `cursor_${number}` | `r${number}`, string | null> & Record<`m${number}`, number | null>;

export type Measurement = { value: number | null; runId: string | null };
export type Group = { by: (string | null)[]; runs: number; measures: Measurement[]; sortValues: (string | null)[] };

const measured = (row: Row, measures: readonly Measured[]): Measurement[] =>
  measures.map((_, index) => ({ value: row[`m${index}`] ?? null, runId: row[`r${index}`] ?? null }));

export type GroupTerm = { by: number } | { measure: number } | { runs: true };

/** What groups are compared by: the order asked for, then what they are made by, which makes it total. */
export function groupSortKeys(order: readonly (GroupTerm & { descending: boolean })[], by: number): SortKey[] {
  const text = (index: number, descending: boolean): SortKey => ({ sql: `g.k${index}`, type: 'text', descending, nullable: true, nan: false });
  const terms = order.map((term): SortKey => {
    const { descending } = term;
    if ('by' in term) return text(term.by, descending);
    if ('measure' in term) return { sql: `g.m${term.measure}`, type: 'float', descending, nullable: true, nan: true };
    return { sql: 'g.runs', type: 'integer', descending, nullable: false, nan: false };
  });
  const rest = Array.from({ length: by }, (_, index) => text(index, false)).filter(({ sql }) => !terms.some((term) => term.sql === sql));
  const keys = [...terms, ...rest];
  return keys.length > 0 ? keys : [{ sql: 'g.runs', type: 'integer', descending: false, nullable: false, nan: false }];
}

/** One group more than `limit` tells that there are more. */
export async function groupPage(
  db: Db,
  teamId: number,
  grouping: Grouping,
  page: { keys: SortKey[]; after: (string | null)[] | null; limit: number },
): Promise<Group[]> {
  await ensureStatistics(db);
  const values: unknown[] = [teamId];
  const grouped = groupedSql(grouping, values, await findKeyIds(db, teamId, keysOf(grouping)));
  const beyond = page.after ? compileBeyond(page.keys, page.after, 'after', { values, now: 0 }) : 'true';
  const columns = [
    ...grouping.by.map((_, index) => `g.k${index}`),
    'g.runs',
    ...grouping.measures.flatMap(({ statistic }, index) => [`g.m${index}`, ...(BEST[statistic] ? [`g.r${index}`] : [])]),
    cursorColumnsSql(page.keys),
  ];
  const text = `/* runs.groups */ ${grouped}
    select ${columns.join(', ')} from grouped g where ${beyond} order by ${orderBySql(page.keys)} limit ${push({ values, now: 0 }, page.limit + 1, 'integer')}`;
  const rows = await db.rows<Row>(searchSql(text), values);
  const names = cursorNames(page.keys) as `cursor_${number}`[];
  return rows.map((row) => ({
    by: grouping.by.map((_, index) => row[`k${index}`] ?? null),
    runs: row.runs,
    measures: measured(row, grouping.measures),
    sortValues: names.map((name) => row[name] ?? null),
  }));
}

export async function countGroups(db: Db, teamId: number, grouping: Grouping): Promise<number> {
  await ensureStatistics(db);
  const values: unknown[] = [teamId];
  const bare = { ...grouping, measures: [] };
  const grouped = groupedSql(bare, values, await findKeyIds(db, teamId, keysOf(bare)));
  const text = `/* runs.count_groups */ ${grouped} select count(*)::integer as count from grouped`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}

/** `starts`: where each bucket begins, and where the last one ends. Milliseconds, ascending. */
export type Buckets = { starts: number[] };
type Counted = { scope: RunScope; search: Search };

/** Both bounds are said, so that an index can start from them. */
function bucketSql({ starts }: Buckets, values: unknown[]): { key: string; where: string } {
  const parameters = { values, now: 0 };
  const [from, to] = [push(parameters, starts[0], 'bigint'), push(parameters, starts.at(-1), 'bigint')];
  return { key: `width_bucket(r.start_time, ${push(parameters, starts, 'bigint[]')})`, where: `r.start_time >= ${from} and r.start_time < ${to}` };
}

export type BucketCount = { bucket: number; user: string; status: string; runs: number };

/** How many runs started in each bucket (from 0), by user and status; at most `limit` rows. */
export async function countBuckets(db: Db, teamId: number, counted: Counted, buckets: Buckets, limit: number): Promise<BucketCount[]> {
  await ensureStatistics(db);
  const values: unknown[] = [teamId];
  const keyIds = await findKeyIds(db, teamId, counted.search.keys);
  const within = runScopeSql(values, counted.scope);
  const { key, where } = bucketSql(buckets, values);
  const condition = counted.search.condition({ team: '$1', values, keyIds });
  const text = `/* runs.over_time */ select ${key} - 1 as bucket, r.user_id as "user", r.status, count(*)::integer as runs from runs r
    where r.team_id = $1 and ${within} and ${where} and ${condition} group by 1, 2, 3 limit ${push({ values, now: 0 }, limit, 'integer')}`;
  return db.rows(searchSql(text), values);
}

/** Bucket (from 0) → measures. Buckets without runs are absent. */
export async function measureBuckets(
  db: Db,
  teamId: number,
  counted: Counted & { measures: readonly Measured[] },
  buckets: Buckets,
): Promise<Map<number, Measurement[]>> {
  await ensureStatistics(db);
  const values: unknown[] = [teamId];
  const grouping = { ...counted, by: [] };
  const keyIds = await findKeyIds(db, teamId, keysOf(grouping));
  const grouped = groupedSql(grouping, values, keyIds, bucketSql(buckets, values));
  const columns = counted.measures.flatMap(({ statistic }, index) => [`m${index}`, ...(BEST[statistic] ? [`r${index}`] : [])]);
  const text = `/* runs.measured_over_time */ ${grouped} select ${['k0', ...columns].join(', ')} from grouped`;
  const rows = await db.rows<Row>(searchSql(text), values);
  return new Map(rows.map((row) => [Number(row.k0) - 1, measured(row, counted.measures)]));
}
