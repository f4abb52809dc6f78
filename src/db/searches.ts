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
  const page = { db, teamId, scope, search, keyIds };
  // Indexes on values begin with the experiment.
  const narrows = search.filter !== null && scope.experimentIds?.length === 1;
  let few = narrows ? await selected(page, limit + 1) : null;
  const rows: FoundRun[] = [];
  for (const part of search.parts) {
    const given = { ...page, part, limit: limit + 1 - rows.length };
    if (given.limit <= 0 || few?.runIds.length === 0) break;
    const found = narrows && !few ? await walkListed(given) : null;
    if (narrows && !few && !found) few = await crossed(page, limit + 1);
    rows.push(...(found ?? (narrows && !few ? await walk(given) : null) ?? (await partOf({ ...given, few }))));
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

type FoundRun = Run & Record<string, unknown>;
/** The only runs that can match, and which clauses they are known to satisfy. */
type Few = { runIds: string[]; satisfied: ReadonlySet<Expr> };
type PageRequest = { db: Db; teamId: number; scope: RunScope; search: Search; keyIds: ReadonlyMap<string, number> };
type PartRequest = PageRequest & { part: Part; limit: number };
type Driver = Search['drivers'][number];
const satisfiedBy = (drivers: readonly Driver[]) => new Set(drivers.filter(({ exact }) => exact).map(({ clause }) => clause));

/** `nearer`: says which runs a walk may reach. `listed`: its runs are listed first, and of what is walked only those are looked at. */
async function partOf(
  request: PartRequest & { few?: Few | null; nearer?: (values: unknown[]) => string; listed?: Driver | undefined },
): Promise<FoundRun[]> {
  const { db, teamId, scope, search, keyIds, part, limit, few, nearer, listed } = request;
  const values: unknown[] = [teamId];
  const inScope = runScopeSql(values, scope);
  values.push(limit);
  const limitAt = values.length;
  const rowByRow = Boolean(few || nearer);
  const satisfied = listed ? satisfiedBy([listed]) : few?.satisfied;
  const { joins, where, orderBy, cursorColumns, walkedId } = search.compile({
    team: '$1',
    values,
    keyIds,
    part,
    rowByRow,
    ...(satisfied && { satisfied }),
  });
  const narrowed: string[] = [];
  if (nearer) narrowed.push(nearer(values));
  // Through a sub-select, since Postgres takes a list of thousands for a reason to read the whole table instead.
  if (few) narrowed.push(`r.run_id = any(array(select w from unnest($${values.push(few.runIds)}::uuid[]) as w))`);
  const list = listed ? `with listed as materialized (${selectOf(listed, { keyIds }, values, CROSSED)})` : '';
  // Not as a join, which would lose the order that is walked: a condition that may be null is tested for each row, by a hash table.
  if (listed) narrowed.push(`(${walkedId} in (select run_id from listed)) is true`);
  const text = `/* runs.search */ ${list} select ${RUN_COLUMNS}, ${cursorColumns} from runs r ${joins}
    where ${['r.team_id = $1', inScope, where, ...narrowed].join(' and ')} order by ${orderBy} limit $${limitAt}`;
  return db.rows<FoundRun>(dynamicSql(text), values);
}

/** What a page may cost: so many rows are read to find one of its own, and where several clauses must be crossed, so many of each. */
const READ_FOR_ONE = 20;
const MOST_FEW = 4_000;
const CROSSED = 20_000;
/** Clauses that name more runs than that, and filters for which a walk didn't find enough, are remembered for a minute. */
const fruitless = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });
/** Where walks of so many steps end, null for those that go to the order's end. For ten seconds: should the experiment grow meanwhile, one may take that much longer. */
const ends = new LRUCache<string, { value: string | null }>({ max: 10_000, ttl: 10_000 });

/** How many runs a clause names, as counted when it was last crossed with others. For a minute too. */
const counted = new LRUCache<string, number>({ max: 10_000, ttl: 60_000 });

const idIn = ({ db, teamId, scope }: PageRequest, ...of: unknown[]) => [scopeOf(db), teamId, scope.experimentIds, ...of].join(' ');

/** The runs that a clause names, up to one more than `most`. $1 is the team, $2 the experiment. */
function selectOf(driver: Driver, { keyIds }: Pick<PageRequest, 'keyIds'>, values: unknown[], most: number): string {
  const select = driver.select({ team: '$1', values, keyIds }, 's.experiment_id = $2::integer');
  return `${select} limit $${values.push(most + 1)}::integer`;
}

const mostFew = (limit: number) => Math.min(READ_FOR_ONE * limit, MOST_FEW);

/** The only runs that can match, where one clause of the filter names few: an index finds them. Else null. */
async function selected(page: PageRequest, limit: number): Promise<Few | null> {
  const { db, teamId, scope, search } = page;
  const most = mostFew(limit);
  for (const driver of search.drivers) {
    const id = idIn(page, most, driver.id);
    if (fruitless.has(id)) continue;
    const values: unknown[] = [teamId, scope.experimentIds![0]];
    const text = `/* runs.few */ select run_id as "runId" from (${selectOf(driver, page, values, most)}) f`;
    const rows = await db.rows<{ runId: string }>(dynamicSql(text), values);
    if (rows.length <= most) return { runIds: rows.map(({ runId }) => runId), satisfied: satisfiedBy([driver]) };
    fruitless.set(id, true);
  }
  return null;
}

const crossable = (page: PageRequest) => page.search.drivers.filter((driver) => !fruitless.has(idIn(page, CROSSED, driver.id)));

/** The same, where clauses name few only together. */
async function crossed(page: PageRequest, limit: number): Promise<Few | null> {
  const { db, teamId, scope } = page;
  const most = mostFew(limit);
  const drivers = crossable(page);
  const all = idIn(
    page,
    most,
    drivers.map(({ id }) => id),
  );
  if (drivers.length < 2 || fruitless.has(all)) return null;
  const values: unknown[] = [teamId, scope.experimentIds![0]];
  const steps = drivers.map((driver, index) => `c${index} as materialized (${selectOf(driver, page, values, CROSSED)})`);
  const names = drivers.map((_driver, index) => `c${index}`);
  const text = `/* runs.crossed */ with ${steps.join(', ')}
    select array[${names.map((name) => `(select count(*) from ${name})`).join(', ')}]::integer[] as counts,
           array(select run_id from (${names.map((name) => `select run_id from ${name}`).join(' intersect ')}) c limit $${values.push(most + 1)}::integer) as "runIds"`;
  const { counts, runIds } = (await db.row<{ counts: number[]; runIds: string[] }>(dynamicSql(text), values))!;
  for (const [index, driver] of drivers.entries()) {
    if (counts[index]! > CROSSED) fruitless.set(idIn(page, CROSSED, driver.id), true);
    else counted.set(idIn(page, driver.id), counts[index]!);
  }
  if (counts.some((count) => count > CROSSED)) return null;
  if (runIds.length <= most) return { runIds, satisfied: satisfiedBy(drivers) };
  fruitless.set(all, true);
  return null;
}

/** The page, if it can be filled by going through a bounded number of runs in its order, as an index holds them. */
const walk = (request: PartRequest): Promise<FoundRun[] | null> => walkSteps(request, READ_FOR_ONE * request.limit);

/** The same further, which costs little a step where the runs of one clause, the smallest of those crossed lately, are known beforehand. */
async function walkListed(request: PartRequest): Promise<FoundRun[] | null> {
  const counts = crossable(request).map((driver) => ({ driver, count: counted.get(idIn(request, driver.id)) ?? Number.POSITIVE_INFINITY }));
  const [least] = counts.sort((a, b) => a.count - b.count);
  return least && least.count <= CROSSED ? walkSteps(request, CROSSED, least.driver) : null;
}

async function walkSteps(request: PartRequest, steps: number, listed?: Driver): Promise<FoundRun[] | null> {
  const { db, teamId, scope, search, keyIds, part, limit } = request;
  const id = idIn(request, steps, JSON.stringify([scope.lifecycle, part, search.filter, search.order]));
  if (fruitless.has(id)) return null;
  const values: unknown[] = [teamId, scope.experimentIds![0]];
  const horizon = search.horizon({ team: '$1', values, keyIds, part, experiments: 's.experiment_id = $2::integer', steps });
  if (!horizon) return null;
  const length = idIn(request, steps, horizon.along);
  const known = ends.get(length);
  const endOf = async () => ({ value: (await db.row<{ value: string }>(dynamicSql(`/* runs.horizon */ ${horizon.select}`), values))?.value ?? null });
  const end = known && (horizon.whole || known.value === null) ? known : await endOf();
  if (horizon.whole) ends.set(length, end);
  const nearer = (at: unknown[]) => (end.value === null ? 'true' : horizon.nearer(end.value, { values: at, now: 0 }));
  const rows = await partOf({ ...request, nearer, listed });
  // Where all of the list's runs were looked at in vain, crossing is cheaper.
  if (rows.length < limit && (end.value !== null || listed)) fruitless.set(id, true);
  return end.value !== null && rows.length < limit ? null : rows;
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
