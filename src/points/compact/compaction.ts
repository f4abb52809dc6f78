// Packs what runs logged: small blocks, one a flush, become chunks of a few thousand points of a key. Any number of processes may do it, and may be
// stopped at any moment: each step is a transaction on rows that nobody else has.

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../lib/log.ts';
import type { Long } from '../../lib/long.ts';
import { noteCompaction } from '../../lib/measures.ts';
import { type Repeating, repeating } from '../../lib/repeating.ts';
import type { Db } from '../../postgres/pool.ts';
import { type Columns, isRising, mergeColumns, slice } from '../codec/columns.ts';
import { packDeflated, packPlain, type Section, stepRange } from '../codec/packing.ts';
import { COARSE, endsOf, PART, thin } from '../codec/sampling.ts';
import { SEVERAL_KEYS } from '../read/storedPoints.ts';
import { writingShare } from '../write/groupCommit.ts';
import {
  chunksNear,
  type DueRun,
  type Fresh,
  forgetRecent,
  insertChunks,
  type Near,
  type NewChunk,
  runsDue,
  takeBlocks,
  takeChunks,
} from './statements.ts';

const LOOK_MS = 2_000;
/**
 * A run is compacted when it has this many blocks or points, or a block of this age. So a read opens few blocks, and a quiet run isn't rewritten
 * often.
 */
const DUE = { blocks: 256, points: 20_000, ageSeconds: 300, limit: 5_000 };
/** Of one transaction: bounds its memory and how long it takes (about 100 ms). Runs with little wait for each other and share one. */
const STEP = { runs: 256, blocks: 2_048, points: 50_000, rewritten: 100_000, chunks: 256 };
/**
 * While writers are busy, steps are shorter. Pauses between them are so many times as long as the steps: compaction takes a tenth of the time at
 * most.
 */
const BUSY_POINTS = 16_000;
const BUSY = 0.1;
const PAUSES = 9;
const MAX_PAUSE_MS = 1_000;
/** A run with so many blocks is dear to read, so that compaction no longer waits for writers. */
const TOO_MANY_BLOCKS = 8 * DUE.blocks;
const CHUNK = 4_096;
/** A key with fewer points shares a chunk with others. */
const OWN_CHUNK = 1_024;
const SHARED_CHUNK = 8_192;
/** A chunk with fewer points is written anew with the next ones. */
const SMALL = CHUNK / 2;
/** A shared chunk is left alone until the new points are a quarter of it, so that few points don't rewrite many. */
const SHARED_GROWTH = 4;
/** How long a cursor of subscriptions lives. */
const KEEP_SECONDS = 900;
const FORGET_ROWS = 1_000;

/** `writing`: which part of the time somebody writes, of late; by default what this process knows of itself. */
export type CompactionOptions = { due?: Partial<typeof DUE>; keepSeconds?: number; writing?: () => number };

function byKey(parts: Map<number, Columns>[]): Section[] {
  const gathered = new Map<number, Columns[]>();
  for (const part of parts) {
    for (const [keyId, points] of part) {
      const list = gathered.get(keyId);
      if (list) list.push(points);
      else gathered.set(keyId, [points]);
    }
  }
  return [...gathered].sort((a, b) => a[0] - b[0]).map(([keyId, columns]) => [keyId, mergeColumns(columns)]);
}

/** Pieces of at most CHUNK points for keys with many, and sections together for keys with few. */
function divide(sections: Section[]): Section[][] {
  const groups: Section[][] = [];
  let shared: Section[] = [];
  let held = 0;
  for (const [keyId, points] of sections) {
    const { length } = points.values;
    if (length >= OWN_CHUNK) {
      const pieces = Math.ceil(length / CHUNK);
      for (let piece = 0; piece < pieces; piece += 1) {
        groups.push([[keyId, slice(points, Math.floor((piece * length) / pieces), Math.floor(((piece + 1) * length) / pieces))]]);
      }
      continue;
    }
    shared.push([keyId, points]);
    held += length;
    if (held < SHARED_CHUNK) continue;
    groups.push(shared);
    [shared, held] = [[], 0];
  }
  if (shared.length > 0) groups.push(shared);
  return groups;
}

function timeRange(sections: Section[]): [Long, Long] {
  let [from, to] = [sections[0]![1].timestamps[0]!, sections[0]![1].timestamps[0]!];
  for (const [, { timestamps }] of sections) {
    for (const timestamp of timestamps) {
      if (timestamp < from) from = timestamp;
      if (timestamp > to) to = timestamp;
    }
  }
  return [from, to];
}

async function toChunk(runId: string, sections: Section[]): Promise<NewChunk> {
  const own = sections.length === 1 ? sections[0]! : undefined;
  const [fromStep, toStep] = stepRange(sections);
  const [fromTimestamp, toTimestamp] = timeRange(sections);
  return {
    runId,
    keyId: own ? own[0] : SEVERAL_KEYS,
    firstKey: sections[0]![0],
    lastKey: sections.at(-1)![0],
    count: countOf(sections),
    fromStep,
    toStep,
    fromTimestamp,
    toTimestamp,
    byTime: own !== undefined && isRising(own[1]),
    ends: own ? packPlain([[own[0], endsOf(own[1])]]) : null,
    parts: own ? packPlain([[own[0], thin(own[1], PART)]]) : null,
    coarse: own ? packPlain([[own[0], thin(own[1], COARSE)]]) : null,
    points: await packDeflated(sections),
  };
}

const countOf = (sections: readonly Section[]) => sections.reduce((sum, [, points]) => sum + points.values.length, 0);

/** Smallest first, so that what must be left for later is what is dear to rewrite. */
function affordable(near: Near[]): Near[] {
  let points = 0;
  return near.filter(({ count }) => {
    points += count;
    return points <= STEP.rewritten;
  });
}

/** One step of some runs of a team; true if more is left. For tests, `db` may be a transaction. */
export async function compactRuns(db: Db, teamId: number, runIds: string[], points: number = STEP.points): Promise<boolean> {
  return db.tx(async (tx) => {
    const { blocks, left } = await takeBlocks(tx, teamId, runIds, { blocks: STEP.blocks, points });
    const fresh = [...blocks].map(([runId, taken]): Fresh => {
      const sections = byKey(taken);
      return { runId, sections, several: SHARED_GROWTH * countOf(sections) };
    });
    if (fresh.length === 0) return false;
    const near = affordable(await chunksNear(tx, teamId, fresh, { small: SMALL, chunks: STEP.chunks }));
    const old = await takeChunks(tx, teamId, near);
    const chunks: NewChunk[] = [];
    for (const { runId, sections } of fresh) {
      const rewritten = old.get(runId);
      for (const group of divide(rewritten ? byKey([...rewritten, new Map(sections)]) : [...sections])) chunks.push(await toChunk(runId, group));
    }
    await insertChunks(tx, teamId, chunks);
    return left;
  });
}

/** Runs whose blocks go into one transaction: one that has much, or many that have little. */
function* groupsOf(due: DueRun[]): Generator<DueRun[]> {
  const waiting = new Map<number, { runs: DueRun[]; blocks: number; points: number }>();
  for (const run of due) {
    const group = waiting.get(run.teamId) ?? { runs: [], blocks: 0, points: 0 };
    waiting.set(run.teamId, group);
    const isFull = group.runs.length === STEP.runs || group.blocks + run.blocks > STEP.blocks || group.points + run.points > STEP.points;
    if (isFull && group.runs.length > 0) {
      yield group.runs;
      Object.assign(group, { runs: [], blocks: 0, points: 0 });
    }
    group.runs.push(run);
    group.blocks += run.blocks;
    group.points += run.points;
  }
  for (const { runs } of waiting.values()) if (runs.length > 0) yield runs;
}

/** Compacts every run that is due, all of it, and forgets what subscribers can no longer ask for. */
export async function compactAll(db: Db, options: CompactionOptions = {}, isStopped = () => false): Promise<void> {
  const { due = {}, keepSeconds = KEEP_SECONDS, writing = () => writingShare(db) } = options;
  const found = await runsDue(db, { ...DUE, ...due });
  noteCompaction(found.some(({ blocks }) => blocks >= TOO_MANY_BLOCKS) || found.length >= DUE.limit);
  for (const group of groupsOf(found)) {
    const isUrgent = group.some(({ blocks }) => blocks >= TOO_MANY_BLOCKS);
    for (let left = true; left && !isStopped(); ) {
      const started = performance.now();
      const busy = isUrgent ? 0 : writing();
      left = await compactRuns(
        db,
        group[0]!.teamId,
        group.map(({ runId }) => runId),
        busy > BUSY ? BUSY_POINTS : STEP.points,
      );
      if (busy > 0) await sleep(Math.min(MAX_PAUSE_MS, PAUSES * busy * (performance.now() - started)));
    }
  }
  while (!isStopped() && (await forgetRecent(db, keepSeconds, FORGET_ROWS)) === FORGET_ROWS);
}

/** Looks every two seconds; `stop` waits for the transaction under way. */
export const startCompaction = (deps: { db: Db; log: Log }, options: CompactionOptions = {}): Repeating =>
  repeating(
    LOOK_MS,
    (isStopped) => compactAll(deps.db, options, isStopped),
    (error) => deps.log.warn({ err: error }, 'could not compact metrics'),
  );
