// The dictionary of a team's param, metric and tag names. Entries are never changed or removed, so each process remembers those it met.
import { LRUCache } from 'lru-cache';
import { type Db, sql } from '../postgres/pool.ts';

const FIND = sql('/* keys.find */ select key_id, name from keys where team_id = $1 and name = any($2::text[])');
const NAMES = sql('/* keys.names */ select key_id, name from keys where team_id = $1 and key_id = any($2::integer[])');
const PREFIXED = sql(`/* keys.prefixed */
  select k.key_id, k.name from keys k where k.team_id = $1 and exists (select 1 from unnest($2::text[]) as prefix where starts_with(k.name, prefix))`);
const ADD = sql(`/* keys.add */
  insert into keys (team_id, name) select $1, name from unnest($2::text[]) as name
  on conflict (team_id, name) do nothing returning key_id, name`);

type Row = { key_id: number; name: string };

/** About 20 MB each when full of long names. */
const idOf = new LRUCache<string, number>({ max: 100_000 });
const nameOf = new LRUCache<string, string>({ max: 100_000 });
/**
 * Searches for the greatest loss ask whether the team has a metric named "loss.max". It hardly ever has, so that answer is believed for a second.
 * Of other names it never is: what one server has logged is found by another at once.
 */
const absent = new LRUCache<string, true>({ max: 10_000, ttl: 1_000 });
const LIKE_STATISTIC = /\.(min|max|mean|first|last|count)$/;
/** Databases differ between the servers of one test process, so entries belong to a pool. */
const scopes = new WeakMap<object, number>();
let scopeCount = 0;

/** A number for the database behind a pool: what a process remembers belongs to one. */
export function scopeOf(db: Db): number {
  const known = scopes.get(db);
  if (known !== undefined) return known;
  scopeCount += 1;
  scopes.set(db, scopeCount);
  return scopeCount;
}

function remember(scope: number, teamId: number, rows: Row[], into: Map<string, number>): void {
  for (const { key_id, name } of rows) {
    idOf.set(`${scope} ${teamId} ${name}`, key_id);
    absent.delete(`${scope} ${teamId} ${name}`);
    nameOf.set(`${scope} ${teamId} ${key_id}`, name);
    into.set(name, key_id);
  }
}

/** What this process knows without asking, and the names that it would have to ask for. */
export function knownKeyIds(db: Db, teamId: number, names: Iterable<string>): { found: Map<string, number>; missing: string[] } {
  const scope = scopeOf(db);
  const found = new Map<string, number>();
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const id = idOf.get(`${scope} ${teamId} ${name}`);
    if (id !== undefined) found.set(name, id);
    else if (!absent.has(`${scope} ${teamId} ${name}`)) missing.push(name);
  }
  return { found, missing };
}

/** The numbers of those names that the team has used. `db` must be the pool: what a rolled-back transaction added must not be remembered. */
export async function findKeyIds(db: Db, teamId: number, names: Iterable<string>): Promise<Map<string, number>> {
  const { found, missing } = knownKeyIds(db, teamId, names);
  if (missing.length === 0) return found;
  const scope = scopeOf(db);
  remember(scope, teamId, await db.rows<Row>(FIND, [teamId, missing]), found);
  for (const name of missing) if (LIKE_STATISTIC.test(name) && !found.has(name)) absent.set(`${scope} ${teamId} ${name}`, true);
  return found;
}

/** The numbers of all names of the team that begin with one of these. */
export async function findPrefixedKeyIds(db: Db, teamId: number, prefixes: readonly string[]): Promise<number[]> {
  if (prefixes.length === 0) return [];
  const found = new Map<string, number>();
  remember(scopeOf(db), teamId, await db.rows<Row>(PREFIXED, [teamId, prefixes]), found);
  return [...found.values()];
}

/** The numbers of all these names, adding those that are new. Commits at once: an unused entry does no harm. */
export async function internKeyIds(db: Db, teamId: number, names: Iterable<string>): Promise<Map<string, number>> {
  const wanted = [...new Set(names)];
  const found = await findKeyIds(db, teamId, wanted);
  // Sorted, so that two writers adding the same names wait for each other in one order.
  const missing = wanted.filter((name) => !found.has(name)).sort();
  if (missing.length === 0) return found;
  remember(scopeOf(db), teamId, await db.rows<Row>(ADD, [teamId, missing]), found);
  const lost = missing.filter((name) => !found.has(name));
  if (lost.length > 0) remember(scopeOf(db), teamId, await db.rows<Row>(FIND, [teamId, lost]), found);
  return found;
}

/** A function from number to name, for all of `ids`. */
export async function keyNames(db: Db, teamId: number, ids: Iterable<number>): Promise<(id: number) => string> {
  const scope = scopeOf(db);
  const names = new Map<number, string>();
  const missing = new Set<number>();
  for (const id of ids) {
    if (names.has(id) || missing.has(id)) continue;
    const name = nameOf.get(`${scope} ${teamId} ${id}`);
    if (name === undefined) missing.add(id);
    else names.set(id, name);
  }
  if (missing.size > 0) {
    const rows = await db.rows<Row>(NAMES, [teamId, [...missing]]);
    remember(scope, teamId, rows, new Map());
    for (const row of rows) names.set(row.key_id, row.name);
  }
  return (id) => names.get(id)!;
}
