// One statement a page for what src/search compiles: runs and experiments.
import { LRUCache } from 'lru-cache';
import type { Part } from '../search/keyset.ts';
import type { Search } from '../search/search.ts';
import type { Expr } from '../search/tree.ts';
import { EXPERIMENT_COLUMNS, type Experiment } from './experiments.ts';
import { findKeys, scopeOf } from './keys.ts';
import { type Db, dynamicSql } from './pool.ts';
import { RUN_COLUMNS, type Run } from './runs.ts';

export type Lifecycle = 'ACTIVE' | 'DELETED' | 'ALL';
export type Page<T> = { rows: (T & Record<string, unknown>)[]; more: boolean };

const lifecycleSql = (alias: string, lifecycle: Lifecycle) =>
  lifecycle === 'ALL' ? 'true' : `${alias}.deleted_at is ${lifecycle === 'DELETED' ? 'not null' : 'null'}`;

export type RunScope = {
  /** null = every experiment of the team. */
  experimentIds: number[] | null;
  lifecycle: Lifecycle;
};

/** The condition on `runs r`; its parameters are appended to `values`. */
export const runScopeSql = (values: unknown[], scope: RunScope) => {
  if (scope.experimentIds === null) return lifecycleSql('r', scope.lifecycle);
  // With `=`, unlike `any`, an index gives the rows of one experiment in the order of the page.
  const [only, ...others] = scope.experimentIds;
  values.push(others.length === 0 && only !== undefined ? only : scope.experimentIds);
  const test = others.length === 0 && only !== undefined ? `= $${values.length}::integer` : `= any($${values.length}::integer[])`;
  return `r.experiment_id ${test} and ${lifecycleSql('r', scope.lifecycle)}`;
};

/** `limit` rows at most; `more` tells whether there are others behind them. Rows carry the columns that search.cursorOf reads. */
export async function runPage(db: Db, teamId: number, scope: RunScope, search: Search, limit: number): Promise<Page<Run>> {
  const keyIds = await findKeys(db, teamId, search.keys);
  const few = search.filter ? await fewRuns(db, teamId, scope, search, keyIds, limit + 1) : null;
  const rows: FoundRun[] = [];
  if (few?.runIds.length === 0) return { rows, more: false };
  for (const part of search.parts) {
    const missing = limit + 1 - rows.length;
    if (missing <= 0) break;
    const given = { db, teamId, scope, search, keyIds, part, limit: missing };
    rows.push(...(few || !search.filter ? await partOf({ ...given, few }) : ((await walk(given)) ?? (await partOf(given)))));
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

type FoundRun = Run & Record<string, unknown>;
/** The only runs that can match, and which clauses they are known to satisfy. */
type Few = { runIds: string[]; satisfied: ReadonlySet<Expr> };
type PartRequest = { db: Db; teamId: number; scope: RunScope; search: Search; keyIds: ReadonlyMap<string, number>; part: Part; limit: number };

/** `nearer`: says which runs a walk may reach. */
async function partOf(request: PartRequest & { few?: Few | null; nearer?: (values: unknown[]) => string }): Promise<FoundRun[]> {
  const { db, teamId, scope, search, keyIds, part, limit, few, nearer } = request;
  const values: unknown[] = [teamId];
  const inScope = runScopeSql(values, scope);
  values.push(limit);
  const limitAt = values.length;
  const rowByRow = Boolean(few || nearer);
  const { joins, where, orderBy, cursorColumns } = search.compile({
    team: '$1',
    values,
    keyIds,
    part,
    rowByRow,
    ...(few && { satisfied: few.satisfied }),
  });
  const narrowed = nearer ? ` and ${nearer(values)}` : '';
  // Through a sub-select, since Postgres takes a list of thousands for a reason to read the whole table instead.
  if (few) values.push(few.runIds);
  const listed = few ? ` and r.run_id = any(array(select w from unnest($${values.length}::uuid[]) as w))` : '';
  const text = `/* runs.search */ select ${RUN_COLUMNS}, ${cursorColumns} from runs r ${joins}
    where r.team_id = $1 and ${inScope} and ${where}${narrowed}${listed} order by ${orderBy} limit $${limitAt}`;
  return db.rows<FoundRun>(dynamicSql(text), values);
}

/** What a page may cost: so many rows are read to find one of its own, and where several clauses must be crossed, so many of each. */
const READ_FOR_ONE = 20;
const MOST_FEW = 4_000;
const CROSSED = 20_000;
/** Clauses that name more runs than that, and filters for which a walk didn't find enough, are remembered for a minute. */
const fruitless = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });
/** Orders that a walk goes through to their end. For ten seconds: should the experiment grow meanwhile, a walk may take that much longer. */
const short = new LRUCache<string, true>({ max: 10_000, ttl: 10_000 });

/** The runs that can match, where some clauses of the filter name them and they are few: they are found by indexes. Else null. */
async function fewRuns(
  db: Db,
  teamId: number,
  scope: RunScope,
  search: Search,
  keyIds: ReadonlyMap<string, number>,
  limit: number,
): Promise<Few | null> {
  // Indexes on values begin with the experiment.
  if (scope.experimentIds?.length !== 1) return null;
  const most = Math.min(READ_FOR_ONE * limit, MOST_FEW);
  const values: unknown[] = [teamId, scope.experimentIds[0]];
  const known = (of: string, most: number) => `${scopeOf(db)} ${teamId} ${scope.experimentIds} ${most} ${of}`;
  const selectOf = (driver: Search['drivers'][number], at: unknown[], most: number) => {
    const select = driver.select({ team: '$1', values: at, keyIds }, 's.experiment_id = $2::integer');
    at.push(most + 1);
    return `${select} limit $${at.length}::integer`;
  };
  for (const driver of search.drivers) {
    if (fruitless.has(known(driver.id, most))) continue;
    const given = [...values];
    const rows = await db.rows<{ runId: string }>(
      dynamicSql(`/* runs.few */ select run_id as "runId" from (${selectOf(driver, given, most)}) f`),
      given,
    );
    if (rows.length <= most) return { runIds: rows.map(({ runId }) => runId), satisfied: new Set(driver.exact ? [driver.clause] : []) };
    fruitless.set(known(driver.id, most), true);
  }
  // None is selective alone; together they may be.
  const crossed = search.drivers.filter((driver) => !fruitless.has(known(driver.id, CROSSED)));
  const all = crossed.map(({ id }) => id).join();
  if (crossed.length < 2 || fruitless.has(known(all, most))) return null;
  const steps = crossed.map((driver, index) => `c${index} as materialized (${selectOf(driver, values, CROSSED)})`);
  const names = crossed.map((_driver, index) => `c${index}`);
  values.push(most + 1);
  const text = `/* runs.crossed */ with ${steps.join(', ')}
    select array[${names.map((name) => `(select count(*) from ${name})`).join(', ')}]::integer[] as counts,
           array(select run_id from (${names.map((name) => `select run_id from ${name}`).join(' intersect ')}) c limit $${values.length}::integer) as "runIds"`;
  const { counts, runIds } = (await db.row<{ counts: number[]; runIds: string[] }>(dynamicSql(text), values))!;
  const cutOff = crossed.filter((_driver, index) => counts[index]! > CROSSED);
  for (const driver of cutOff) fruitless.set(known(driver.id, CROSSED), true);
  if (cutOff.length > 0) return null;
  if (runIds.length <= most) return { runIds, satisfied: new Set(crossed.filter(({ exact }) => exact).map(({ clause }) => clause)) };
  fruitless.set(known(all, most), true);
  return null;
}

/** The page, if it can be filled by going through a bounded number of runs in its order, as an index holds them. */
async function walk(request: PartRequest): Promise<FoundRun[] | null> {
  const { db, teamId, scope, search, keyIds, part, limit } = request;
  if (scope.experimentIds?.length !== 1) return null;
  const id = `${scopeOf(db)} ${teamId} ${JSON.stringify([scope, part, search.filter, search.order])}`;
  if (fruitless.has(id)) return null;
  const values: unknown[] = [teamId, scope.experimentIds[0]];
  const horizon = search.horizon({ team: '$1', values, keyIds, part, experiments: 's.experiment_id = $2::integer', steps: READ_FOR_ONE * limit });
  if (!horizon) return null;
  const length = `${scopeOf(db)} ${teamId} ${scope.experimentIds} ${limit} ${horizon.along}`;
  const end = short.has(length) ? undefined : await db.row<{ value: string }>(dynamicSql(`/* runs.horizon */ ${horizon.select}`), values);
  if (!end && horizon.whole) short.set(length, true);
  const nearer = end ? (at: unknown[]) => horizon.nearer(end.value, { values: at, now: 0 }) : () => 'true';
  const rows = await partOf({ ...request, nearer });
  if (!end || rows.length === limit) return rows;
  fruitless.set(id, true);
  return null;
}

/** How many runs match, whatever the page. */
export async function countRuns(db: Db, teamId: number, scope: RunScope, search: Search): Promise<number> {
  const values: unknown[] = [teamId];
  const within = runScopeSql(values, scope);
  const keyIds = await findKeys(db, teamId, search.keys);
  const where = search.condition({ team: '$1', values, keyIds });
  const text = `/* runs.count */ select count(*)::integer as count from runs r where r.team_id = $1 and ${within} and ${where}`;
  return (await db.row<{ count: number }>(dynamicSql(text), values))!.count;
}

export async function experimentPage(db: Db, teamId: number, lifecycle: Lifecycle, search: Search, limit: number): Promise<Page<Experiment>> {
  const values: unknown[] = [teamId, limit + 1];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values });
  const text = `/* experiments.search */ select ${EXPERIMENT_COLUMNS}, ${cursorColumns} from experiments e ${joins}
    where e.team_id = $1 and ${lifecycleSql('e', lifecycle)} and ${where} order by ${orderBy} limit $2`;
  const rows = await db.rows<Experiment & Record<string, unknown>>(dynamicSql(text), values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

export async function countExperiments(db: Db, teamId: number, lifecycle: Lifecycle, search: Search): Promise<number> {
  const values: unknown[] = [teamId];
  const where = search.condition({ team: '$1', values });
  const text = `/* experiments.count */ select count(*)::integer as count from experiments e where e.team_id = $1 and ${lifecycleSql('e', lifecycle)} and ${where}`;
  return (await db.row<{ count: number }>(dynamicSql(text), values))!.count;
}
