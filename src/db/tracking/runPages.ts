// Pages of runs. In one experiment a filter's page is found by what promises to read least: the candidates that one clause names, or a walk along
// the order until the page is full. Each is tried with a bound that grows (docs/adr/0008-finding-a-page-of-runs.md). Whatever finds it, it is the
// same page.
import { LRUCache } from 'lru-cache';
import { findKeyIds, scopeOf } from '../../points/keyIds.ts';
import { type Db, searchSql } from '../../postgres/pool.ts';
import { ensureStatistics } from '../../postgres/statistics.ts';
import type { Partition } from '../../search/keyset.ts';
import type { Search } from '../../search/search.ts';
import { type Page, type RunScope, runScopeSql } from './experimentPages.ts';
import { RUN_COLUMNS, RUN_ROW, type Run } from './runs.ts';

/** What a page may cost: at first so many rows are read to find one of its own. Fourfold with each try, up to `most`. */
export type Bounds = { readForOne: number; most: number };
const BOUNDS: Bounds = { readForOne: 20, most: 150_000 };
const GROWTH = 4;

type FoundRun = Run & Record<string, unknown>;
type PageRequest = { db: Db; teamId: number; scope: RunScope; search: Search; keyIds: ReadonlyMap<string, number>; size: number; bounds: Bounds };
/** `limit`: what the page lacks yet. */
type PartitionRequest = PageRequest & { partition: Partition; limit: number };
type Candidates = Search['candidates'][number];

/** `limit` rows at most; `more` tells whether there are others behind them. Rows carry the columns that search.cursorOf reads. */
export async function runPage(db: Db, teamId: number, scope: RunScope, search: Search, limit: number, bounds = BOUNDS): Promise<Page<Run>> {
  if (search.filter !== null) await ensureStatistics(db);
  const page = { db, teamId, scope, search, keyIds: await findKeyIds(db, teamId, search.keys), size: limit + 1, bounds };
  // Indexes on values narrow to one experiment.
  const isOne = scope.experimentIds?.length === 1;
  const narrows = search.filter !== null && isOne;
  const rows: FoundRun[] = [];
  const requestOf = (partition: Partition): PartitionRequest => ({ ...page, partition, limit: page.size - rows.length });
  // The first is nearly always enough; the others are as cheap together.
  const [first, ...others] = search.partitions;
  for (const partitions of narrows ? search.partitions.map((partition) => [partition]) : [[first!], others]) {
    if (partitions.length === 0 || rows.length >= page.size) break;
    const requests = partitions.map(requestOf);
    // Without a filter an index holds the page: a walk that needs no end.
    const found = narrows ? await find(requests[0]!) : await readAll(requests, isOne ? { nearer: () => 'true' } : {});
    rows.push(...found.slice(0, page.size - rows.length));
  }
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/** How a page may be read; nothing of it changes what is found. */
type Manner = {
  /** Only runs of this clause are looked at. */
  of?: Candidates | undefined;
  /** Which runs a walk may reach. */
  nearer?: (values: unknown[]) => string;
  /** Its runs are listed first, and of what is walked only those are looked at. */
  listed?: Candidates | undefined;
};

async function read(request: PartitionRequest, manner: Manner = {}): Promise<FoundRun[]> {
  const values: unknown[] = [request.teamId];
  return request.db.rows<FoundRun>(searchSql(`/* runs.search */ ${textOf(request, values, manner)}`), values);
}

/** Parts that follow each other, each with its limit, by one statement. */
async function readAll(requests: PartitionRequest[], manner: Manner): Promise<FoundRun[]> {
  if (requests.length === 1) return read(requests[0]!, manner);
  const values: unknown[] = [requests[0]!.teamId];
  const texts = requests.map((request, place) => `(select p.*, ${place} as place from (${textOf(request, values, manner)}) p)`);
  const rows = await requests[0]!.db.rows<FoundRun & { place: number }>(searchSql(`/* runs.search */ ${texts.join(' union all ')}`), values);
  return rows.sort((a, b) => a.place - b.place);
}

/** $1 is the team. */
function textOf({ scope, search, keyIds, partition, limit }: PartitionRequest, values: unknown[], { of, nearer, listed }: Manner = {}): string {
  // Only where a page is found by a clause or a walk there is one experiment, and it is $2 then.
  const experiment = of || nearer ? `$${values.length + 1}::integer` : undefined;
  const scopeAt: unknown[] = [...values];
  runScopeSql(values, scope);
  values.push(limit);
  const limitAt = values.length;
  const known = of ?? listed;
  const { joins, where, orderBy, cursorColumns, walkedId, walked } = search.compile({
    team: '$1',
    values,
    keyIds,
    partition,
    rowByRow: Boolean(of || nearer),
    walks: Boolean(nearer),
    experiment,
    ...(known?.exact && { satisfied: new Set([known.clause]) }),
  });
  const inScope = runScopeSql(scopeAt, scope, of !== undefined);
  const narrowed: string[] = [];
  if (nearer) narrowed.push(nearer(values));
  // As an array, since Postgres takes a list of thousands for a reason to read the whole table instead.
  if (of) narrowed.push(`r.run_id = any(array(${selectOf(of, keyIds, values)}))`);
  const list = listed ? `with listed as materialized (${selectOf(listed, keyIds, values)})` : '';
  // Not as a join, which would lose the order that is walked. A condition that may be null is tested for each row instead, by a hash table.
  if (listed) narrowed.push(`(${walkedId} in (select run_id from listed)) is true`);
  const select = `${list} select ${RUN_COLUMNS}, ${cursorColumns}`;
  const rest = `order by ${orderBy} limit $${limitAt}`;
  if (walked === null) {
    return `${select} from runs r ${joins} where ${['r.team_id = $1', inScope, where, ...narrowed].join(' and ')} ${rest}`;
  }
  // Each run is looked up by its id, in a sub-select that can't be joined in any other way.
  const run = `select ${RUN_ROW} from runs r where r.team_id = $1 and r.run_id = ${walkedId} offset 0`;
  const [rows, conditions] = walked.split(' where ');
  return `${select} from ${rows} cross join lateral (${run}) r ${joins} where ${[conditions, inScope, where, ...narrowed].join(' and ')} ${rest}`;
}

/** The runs that a clause names. $1 is the team, $2 the experiment. */
const selectOf = (candidates: Candidates, keyIds: ReadonlyMap<string, number>, values: unknown[]): string =>
  candidates.select({ team: '$1', values, keyIds }, 's.experiment_id = $2::integer');

/** What found pages lately, by filter and order: the runs of a clause, a walk of so many steps, or neither. Forgotten after a minute, and right whatever it says. */
type Way = { of?: string; steps?: number; listed?: string | undefined };
const ways = new LRUCache<string, Way>({ max: 10_000, ttl: 60_000 });
/** How many runs clauses name, as counted up to a bound. For a minute too. */
const counts = new LRUCache<string, { count: number; bound: number }>({ max: 10_000, ttl: 60_000 });
/** Where walks of so many steps end, null for those that go to the order's end. For ten seconds: should the experiment grow meanwhile, one may take that much longer. */
const ends = new LRUCache<string, { value: string | null }>({ max: 10_000, ttl: 10_000 });

const idIn = ({ db, teamId, scope }: PageRequest, ...of: unknown[]) => [scopeOf(db), teamId, scope.experimentIds, ...of].join(' ');

async function find(request: PartitionRequest): Promise<FoundRun[]> {
  const { scope, search, partition, limit, size, bounds } = request;
  const id = idIn(request, size, JSON.stringify([bounds, scope.lifecycle, partition, search.backward, search.filter, search.order]));
  const candidatesById = (known: string | undefined) =>
    known === undefined ? undefined : search.candidates.find((candidates) => candidates.id === known);
  const remember = (way: Way) => ways.set(id, way);

  const way = ways.get(id);
  if (way && way.steps === undefined) return read(request, { of: candidatesById(way.of) });
  let listed = candidatesById(way?.listed);
  let bound = way?.steps ?? bounds.readForOne * size;
  const most = Math.max(bound, bounds.most);
  // How many steps seem to fill the page; infinite where no index holds the order.
  let expected = way?.steps ?? Number.POSITIVE_INFINITY;
  for (let again = way !== undefined; ; again = false) {
    if (!again) {
      listed = await fewest(request, bound);
      if (listed && !(expected <= bound)) {
        remember({ of: listed.id });
        return read(request, { of: listed });
      }
    }
    const walked = await walk(request, bound, listed);
    if (walked?.whole) {
      if (!again) remember({ steps: bound, listed: listed?.id });
      return walked.rows;
    }
    if (bound >= most) break;
    expected = walked ? (bound * limit) / Math.max(walked.rows.length, 1) : Number.POSITIVE_INFINITY;
    bound = Math.min(bound * GROWTH, most);
  }
  remember({});
  return read(request);
}

/** The clause that names the fewest runs, if they are no more than that. */
async function fewest(request: PageRequest, bound: number): Promise<Candidates | undefined> {
  const { db, teamId, scope, search, keyIds, size, bounds } = request;
  let best: { candidates: Candidates; count: number } | undefined;
  for (const candidates of search.candidates) {
    const id = idIn(request, candidates.id);
    // Whether others name still fewer is counted no further; but for a few rows Postgres would rather read the table.
    const most = best ? Math.max(best.count, bounds.readForOne * size) : bound;
    let known = counts.get(id);
    if (!known || (known.count > known.bound && known.bound < most)) {
      const values: unknown[] = [teamId, scope.experimentIds![0]];
      const select = selectOf(candidates, keyIds, values);
      const text = `/* runs.few */ select count(*)::integer as count from (${select} limit $${values.push(most + 1)}::integer) f`;
      known = { count: (await db.row<{ count: number }>(searchSql(text), values))!.count, bound: most };
      counts.set(id, known);
    }
    if (known.count <= Math.min(most, best ? best.count - 1 : most)) best = { candidates, count: known.count };
  }
  return best?.candidates;
}

/**
 * What is found by going through so many runs in the order of the page, as an index holds them; null where none does. `whole`: that is the
 * page, because it is full or the walk went to the end. Right in any case: whatever shares a value with the first run beyond the walk counts
 * as beyond.
 */
async function walk(request: PartitionRequest, steps: number, listed?: Candidates): Promise<{ rows: FoundRun[]; whole: boolean } | null> {
  const { db, teamId, scope, search, keyIds, partition, limit } = request;
  const values: unknown[] = [teamId, scope.experimentIds![0]];
  const horizon = search.horizon({ team: '$1', values, keyIds, partition, experiments: 's.experiment_id = $2::integer', steps });
  if (!horizon) return null;
  const length = idIn(request, steps, horizon.along);
  const known = ends.get(length);
  const endOf = async () => ({ value: (await db.row<{ value: string }>(searchSql(`/* runs.horizon */ ${horizon.select}`), values))?.value ?? null });
  const end = known && (horizon.whole || known.value === null) ? known : await endOf();
  if (horizon.whole) ends.set(length, end);
  const nearer = (at: unknown[]) => (end.value === null ? 'true' : horizon.nearer(end.value, { values: at, now: 0 }));
  const rows = await read(request, { nearer, listed });
  return { rows, whole: end.value === null || rows.length === limit };
}
