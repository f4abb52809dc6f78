// Group commit: what runs log while a flush is under way waits, and the next flush takes all of it, for many runs in one statement and one commit.
// Each request is answered after the commit that holds it. Memory is bounded: beyond that, requests are turned away.
import { type PointColumns, type RunState, type RunWrite, toSections, type ValueColumns, writeRuns } from './ingest.ts';
import type { Db } from './pool.ts';

export type Write = { runId: string; points: PointColumns; tags: ValueColumns };
type Waiting = Write & { weight: number; resolve: (state: RunState) => void; reject: (error: unknown) => void };

/** Points (about 30 bytes each) of one flush; a larger request goes alone. */
const FLUSH_WEIGHT = 20_000;
/** Waiting in one process: about 60 MB, four times what 500 writers with 1,000 points each can send at once. */
const MOST_WAITING = 2_000_000;
/** Flushes at a time, of different teams. */
const FLUSHES = 2;

export type GroupWriter = {
  /** undefined: the run doesn't exist. 'full': too much waits, nothing was taken. */
  write(teamId: number, write: Write): Promise<RunState> | 'full';
};

const weigh = ({ points, tags }: Write) => 1 + points.keyIds.length + tags.values.reduce((sum, value) => sum + 1 + value.length / 32, 0);

export function openWriter(db: Db, mostWaiting = MOST_WAITING): GroupWriter {
  /** By team. A flush is of one team, as every statement is. */
  const queues = new Map<number, Waiting[]>();
  const flushing = new Set<number>();
  let held = 0;
  let scheduled = false;

  async function flush(teamId: number, requests: Waiting[]): Promise<void> {
    try {
      const states = await writeRuns(db, teamId, gather(requests));
      for (const { runId, resolve } of requests) resolve(states.get(runId));
    } catch (error) {
      // One request's value may be what Postgres refuses; the others must not fail with it.
      if (requests.length > 1 && isRefusal(error)) for (const request of requests) await flush(teamId, [request]);
      else for (const { reject } of requests) reject(error);
    }
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
      flushing.add(teamId);
      void flush(teamId, requests).finally(() => {
        flushing.delete(teamId);
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
        const waiting = { ...write, weight, resolve, reject };
        if (queue) queue.push(waiting);
        else queues.set(teamId, [waiting]);
        if (scheduled || flushing.has(teamId)) return;
        // Not at once, so that requests that came with it on other connections are in the first flush too.
        scheduled = true;
        setImmediate(next);
      });
    },
  };
}

function takeSome(queue: Waiting[]): Waiting[] {
  let weight = 0;
  const end = queue.findIndex((request, index) => {
    weight += request.weight;
    return weight > FLUSH_WEIGHT && index > 0;
  });
  return queue.splice(0, end < 0 ? queue.length : end);
}

/** SQLSTATE classes 22 and 23: data that can't be stored. */
const isRefusal = (error: unknown) => /^2[23]...$/.test(String((error as { code?: string } | null)?.code ?? ''));

/** One write for each run, sorted; of a tag's values the latest. */
function gather(requests: Waiting[]): RunWrite[] {
  const byRun = new Map<string, Waiting[]>();
  for (const request of requests) {
    const same = byRun.get(request.runId);
    if (same) same.push(request);
    else byRun.set(request.runId, [request]);
  }
  return [...byRun]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([runId, same]) => ({ runId, sections: toSections(joinPoints(same)), tags: joinTags(same) }));
}

function joinPoints(requests: Waiting[]): PointColumns {
  if (requests.length === 1) return requests[0]!.points;
  return {
    keyIds: requests.flatMap(({ points }) => points.keyIds),
    steps: requests.flatMap(({ points }) => points.steps),
    timestamps: requests.flatMap(({ points }) => points.timestamps),
    values: requests.flatMap(({ points }) => points.values),
  };
}

function joinTags(requests: Waiting[]): ValueColumns {
  if (requests.length === 1) return requests[0]!.tags;
  const byKey = new Map(requests.flatMap(({ tags }) => tags.keyIds.map((keyId, index) => [keyId, tags.values[index]!] as const)));
  const sorted = [...byKey].sort((a, b) => a[0] - b[0]);
  return { keyIds: sorted.map(([keyId]) => keyId), values: sorted.map(([, value]) => value) };
}

const writers = new WeakMap<Db, GroupWriter>();

/** The one writer of a pool. */
export function writerOf(pool: Db): GroupWriter {
  let writer = writers.get(pool);
  if (!writer) {
    writer = openWriter(pool);
    writers.set(pool, writer);
  }
  return writer;
}
