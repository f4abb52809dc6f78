// Group commit. What runs log while a flush is under way waits; the next flush takes all of it, for many runs, in one statement and one commit.
// Each request is answered after the commit that holds it. Memory is bounded: beyond that, requests are turned away.
import { performance } from 'node:perf_hooks';
import { isCondition } from '../../lib/faults.ts';
import { flushSeconds, measureWriterQueue, pointsIngested } from '../../lib/measures.ts';
import { workForAll } from '../../lib/work.ts';
import { isRefusal } from '../../postgres/errors.ts';
import type { Db } from '../../postgres/pool.ts';
import { NO_VALUES, type PointColumns, type RunState, type RunWrite, toSections, type ValueColumns } from './columns.ts';
import { PARAMS_DIFFER } from './statements.ts';
import { writeRuns } from './writeRuns.ts';

export type Write = { runId: string; points: PointColumns; tags: ValueColumns; params: ValueColumns };
/** 'params differ': a param stands, or waits, with another value. Nothing was written. */
export type Written = RunState | 'params differ';
type Waiting = Write & { weight: number; resolve: (written: Written) => void; reject: (error: unknown) => void };

/** Points (about 30 bytes each) of one flush; a larger request goes alone. */
const FLUSH_WEIGHT = 20_000;
/** Waiting in one process: about 60 MB, four times what 500 writers with 1,000 points each can send at once. */
const MOST_WAITING = 2_000_000;
/** Flushes at a time, of different teams. */
const FLUSHES = 2;

export type GroupWriter = {
  /** undefined: the run doesn't exist. 'full': too much waits, nothing was taken. */
  write(teamId: number, write: Write): Promise<Written> | 'full';
  /** Of late, which part of the time a flush was under way. */
  share(): number;
};

const weighText = ({ values }: ValueColumns) => values.reduce((sum, value) => sum + 1 + value.length / 32, 0);
const weigh = ({ points, tags, params }: Write) => 1 + points.keyIds.length + weighText(tags) + weighText(params);

export function openWriter(db: Db, mostWaiting = MOST_WAITING): GroupWriter {
  /** By team. A flush is of one team, as every statement is. */
  const queues = new Map<number, Waiting[]>();
  const flushing = new Set<number>();
  let held = 0;
  let scheduled = false;
  const load = new Load();
  measureWriterQueue(() => held);

  async function flush(teamId: number, requests: Waiting[]): Promise<void> {
    const { writes, taken, apart } = gather(requests);
    try {
      const started = performance.now();
      const states = await writeRuns(db, teamId, writes);
      flushSeconds.observe((performance.now() - started) / 1_000);
      pointsIngested.inc(taken.reduce((sum, { points }) => sum + points.keyIds.length, 0));
      for (const { runId, resolve } of taken) resolve(states.get(runId));
    } catch (error) {
      // One request's value may be what Postgres refuses; the others must not fail with it.
      if (taken.length > 1 && isRefusal(error)) for (const request of taken) await flush(teamId, [request]);
      else if (isCondition(error, PARAMS_DIFFER)) for (const { resolve } of taken) resolve('params differ');
      else for (const { reject } of taken) reject(error);
    }
    // Now that those before them are written.
    for (const { resolve } of apart) resolve('params differ');
  }

  function next(): void {
    scheduled = false;
    for (const [teamId, queue] of queues) {
      if (flushing.size >= FLUSHES) return;
      if (flushing.has(teamId)) continue;
      const requests = takeSome(queue);
      // Behind the other teams, if it still has any.
      queues.delete(teamId);
      if (queue.length > 0) queues.set(teamId, queue);
      if (flushing.size === 0) load.begin();
      flushing.add(teamId);
      void flush(teamId, requests).finally(() => {
        flushing.delete(teamId);
        if (flushing.size === 0) load.end();
        for (const { weight } of requests) held -= weight;
        next();
      });
    }
  }

  return {
    write(teamId, write) {
      const weight = weigh(write);
      if (held + weight > mostWaiting && held > 0) return 'full';
      held += weight;
      return new Promise((resolve, reject) => {
        const queue = queues.get(teamId);
        const { runId, points, tags, params } = write;
        const waiting: Waiting = { runId, points, tags, params, weight, resolve, reject };
        if (queue) queue.push(waiting);
        else queues.set(teamId, [waiting]);
        if (scheduled || flushing.has(teamId)) return;
        // Not at once, so that requests that came with it on other connections are in the first flush too.
        scheduled = true;
        workForAll(() => setImmediate(next));
      });
    },
    share: () => load.share(),
  };
}

const WINDOW_MS = 500;

/** The share of the last second in which something was under way. Counted over the window that has ended and the one that goes on. */
class Load {
  #windowAt = performance.now();
  #begunAt: number | undefined;
  #busy = 0;
  #before = 0;

  begin(): void {
    this.#begunAt = performance.now();
  }

  end(): void {
    this.#add(performance.now());
    this.#begunAt = undefined;
  }

  #add(now: number): void {
    if (this.#begunAt !== undefined) {
      this.#busy += now - this.#begunAt;
      this.#begunAt = now;
    }
    if (now - this.#windowAt < WINDOW_MS) return;
    this.#before = this.#busy / (now - this.#windowAt);
    this.#windowAt = now;
    this.#busy = 0;
  }

  share(): number {
    const now = performance.now();
    this.#add(now);
    const lasted = now - this.#windowAt;
    return Math.min(1, (this.#before * (WINDOW_MS - Math.min(lasted, WINDOW_MS)) + this.#busy) / Math.max(WINDOW_MS, lasted));
  }
}

function takeSome(queue: Waiting[]): Waiting[] {
  let weight = 0;
  const end = queue.findIndex((request, index) => {
    weight += request.weight;
    return weight > FLUSH_WEIGHT && index > 0;
  });
  return queue.splice(0, end < 0 ? queue.length : end);
}

type Gathered = { writes: RunWrite[]; taken: Waiting[]; apart: Waiting[] };

/** One write for each run, sorted; of a tag's values the latest. Apart: what gives a param another value than a request before it. */
function gather(requests: Waiting[]): Gathered {
  const byRun = new Map<string, Waiting[]>();
  const apart: Waiting[] = [];
  const params = new Map<string, Map<number, string>>();
  for (const request of requests) {
    const { runId } = request;
    if (request.params.keyIds.length > 0) {
      const given = params.get(runId) ?? new Map<number, string>();
      if (request.params.keyIds.some((keyId, index) => (given.get(keyId) ?? request.params.values[index]) !== request.params.values[index])) {
        apart.push(request);
        continue;
      }
      request.params.keyIds.forEach((keyId, index) => void given.set(keyId, request.params.values[index]!));
      params.set(runId, given);
    }
    const same = byRun.get(runId);
    if (same) same.push(request);
    else byRun.set(runId, [request]);
  }
  const writes = [...byRun]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([runId, same]): RunWrite => ({
        runId,
        sections: toSections(same.map(({ points }) => points)),
        tags: joinTags(same),
        params: sorted(params.get(runId)),
      }),
    );
  return { writes, taken: apart.length === 0 ? requests : requests.filter((request) => !apart.includes(request)), apart };
}

function joinTags(requests: Waiting[]): ValueColumns {
  const tagged = requests.filter(({ tags }) => tags.keyIds.length > 0);
  if (tagged.length <= 1) return tagged[0]?.tags ?? NO_VALUES;
  return sorted(new Map(tagged.flatMap(({ tags }) => tags.keyIds.map((keyId, index) => [keyId, tags.values[index]!] as const))));
}

function sorted(values: Map<number, string> | undefined): ValueColumns {
  if (!values || values.size === 0) return NO_VALUES;
  const pairs = [...values].sort((a, b) => a[0] - b[0]);
  return { keyIds: pairs.map(([keyId]) => keyId), values: pairs.map(([, value]) => value) };
}

const writers = new WeakMap<Db, GroupWriter>();

/** Which part of the time the writer of this pool had something to write, of late. */
export const writingShare = (pool: Db): number => writers.get(pool)?.share() ?? 0;

/** The one writer of a pool. */
export function writerOf(pool: Db): GroupWriter {
  let writer = writers.get(pool);
  if (!writer) {
    writer = openWriter(pool);
    writers.set(pool, writer);
  }
  return writer;
}
