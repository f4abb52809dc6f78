// Stores what runs of a team log, in one statement and one commit. Where a point may be stored already, in a transaction that looks it up first.
import { LRUCache } from 'lru-cache';
import { isCondition } from '../../lib/faults.ts';
import type { Long } from '../../lib/long.ts';
import { float8Array, int4Array, uuidArray } from '../../postgres/arrays.ts';
import { type Db, isPool } from '../../postgres/pool.ts';
import { noPoints, statisticsOf, withoutStored } from '../codec/columns.ts';
import { type Section, stepRange } from '../codec/packing.ts';
import { scopeOf } from '../keyIds.ts';
import { type Near, pointsNear } from '../read/storedPoints.ts';
import type { RunState, RunWrite } from './columns.ts';
import { addLate, beginLate, isNear, keepLate, type LateSeries, lateSeries } from './latePoints.ts';
import { blockValues, type Given, givenValues, type KeyRow, keyRows } from './parameters.ts';
import { COUNT, MUST_COUNT, statementFor } from './statements.ts';

const lateName = (db: Db, teamId: number, runId: string) => `${scopeOf(db)} ${teamId} ${runId}`;

/** Of the suspects: the points that are stored, and the greatest step of all. */
type StateRow = NonNullable<RunState> & { suspects: number[] | null; counts: Long[]; last: Long; stale: number[] | null };

/** Runs of which several processes log points that may be stored already: they are written the careful way at once. */
const uneven = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });

/**
 * Stores points (identical ones once), params and tags of runs of one team, sorted by run; nothing for runs that are missing (absent from the
 * answer) or deleted. The condition PARAMS_DIFFER, and nothing stored, if a param stands with another value.
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
      if (!isCondition(error, MUST_COUNT)) throw error;
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
