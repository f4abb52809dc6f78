// New points of runs as they are logged. The runs of all subscribers of a team are read together, so that hundreds of them cost one read.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { Broadcast, Mailbox, type Round, retryWhileAway, stream } from '../../live/broadcast.ts';
import { shared } from '../../live/journal.ts';
import { runNotFound } from '../faults.ts';
import { type NewPoints, newPoints, pointsCursor } from '../tracking/metrics.ts';
import { getRuns } from '../tracking/runs.ts';

const MAX_RUNS = 100;
const PACE = { least: 100, most: 15_000 };
/** A batch without points keeps the subscriber's cursor young where nothing is logged. */
const CURSOR_EVERY_MS = 60_000;

type NewPoint = NewPoints['points'][number];
export type Follow = { runIds: string[]; keys?: string[] | undefined; after?: string | undefined };

/** What subscribers follow, counted, so that the last one to leave takes it along. */
function counter() {
  const counts = new Map<string, number>();
  const add = (by: number) => (names: Iterable<string>) => {
    for (const name of names) {
      const count = (counts.get(name) ?? 0) + by;
      if (count > 0) counts.set(name, count);
      else counts.delete(name);
    }
  };
  return { add: add(1), remove: add(-1), names: () => [...counts.keys()], has: (name: string) => counts.has(name) };
}

/** Stands for every key of a run. */
const EVERY_KEY = '';

type Hub = { broadcast: Broadcast<NewPoint>; runs: ReturnType<typeof counter>; keys: ReturnType<typeof counter> };
const hubs = shared<Hub>();

function hubOf(ctx: TeamCtx): Hub {
  return hubs(ctx.db, ctx.team.teamId, (close) => {
    const runs = counter();
    const keys = counter();
    const read = async (since: string | null): Promise<Round<NewPoint>> => {
      if (since === null) return { items: [], cursor: await pointsCursor(ctx) };
      const { points, cursor } = await newPoints(ctx, {
        runIds: runs.names(),
        keys: keys.has(EVERY_KEY) ? undefined : keys.names(),
        after: since,
      });
      return { items: points, cursor };
    };
    const unhear = ctx.bus.on(ctx.team.teamId, 'run', ({ ids }) => {
      if (ids.length === 0 || ids.some((id) => runs.has(id))) broadcast.ring();
    });
    const broadcast = new Broadcast<NewPoint>(read, PACE, ctx.log, () => {
      unhear();
      close();
    });
    return { broadcast, runs, keys };
  });
}

const identity = ({ runId, key, step, timestamp, value }: NewPoint) => `${runId} ${step} ${timestamp} ${value} ${key}`;

/** The first batch comes at once, perhaps without points: it holds the cursor. Throws NOT_FOUND, LIMIT_EXCEEDED (100 runs), INVALID_ARGUMENT. */
export async function followPoints(ctx: TeamCtx, { runIds, keys, after }: Follow): Promise<AsyncIterableIterator<NewPoints>> {
  requireCan(ctx, 'team:read');
  if (runIds.length === 0) throw invalid('Name at least one run.', { argument: 'runIds' });
  if (runIds.length > MAX_RUNS)
    throw limitExceeded(`At most ${MAX_RUNS} runs can be followed at once, not ${runIds.length}.`, { argument: 'runIds' });
  const followed = new Set((await getRuns(ctx, runIds)).map((run) => run.runId));
  const unknown = runIds.find((runId) => !followed.has(runId));
  if (unknown !== undefined) throw runNotFound(unknown);

  const hub = hubOf(ctx);
  const interest = keys ? new Set(keys) : null;
  const mine = (point: NewPoint) => followed.has(point.runId) && (interest === null || interest.has(point.key));
  const pointsOf = (rounds: Round<NewPoint>[]) => rounds.flatMap(({ items }) => items.filter(mine));
  const mailbox = new Mailbox<NewPoint>();
  const leave = () => {
    hub.broadcast.leave(mailbox);
    hub.runs.remove(followed);
    hub.keys.remove(interest ?? [EVERY_KEY]);
  };
  hub.runs.add(followed);
  hub.keys.add(interest ?? [EVERY_KEY]);
  const joined = hub.broadcast.join(mailbox);
  try {
    let cursor = await joined;
    let first: NewPoints | null = { points: [], cursor };
    // Points that were read for this subscriber alone; the rounds that were read meanwhile may hold them too.
    let seen: Set<string> | null = null;
    if (after !== undefined) {
      first = await retryWhileAway(mailbox, () => newPoints(ctx, { runIds, keys, after }));
      seen = new Set(first.points.map(identity));
    }
    // A round that begins now ends behind everything read before, and so do all rounds together.
    const settle = async (): Promise<NewPoint[]> => {
      cursor = await hub.broadcast.settle();
      return pointsOf(mailbox.drain());
    };
    let told = performance.now();
    const next = async (): Promise<NewPoints | null> => {
      if (first) {
        const batch = first;
        first = null;
        return batch;
      }
      for (;;) {
        let points: NewPoint[];
        if (seen) {
          const before = seen;
          seen = null;
          points = (await settle()).filter((point) => !before.has(identity(point)));
        } else {
          const rounds = await mailbox.take(CURSOR_EVERY_MS);
          if (!rounds && mailbox.closed) return null;
          if (rounds) cursor = rounds.at(-1)!.cursor;
          points = rounds ? pointsOf(rounds) : await settle();
        }
        if (points.length > 0 || performance.now() - told >= CURSOR_EVERY_MS) {
          told = performance.now();
          return { points, cursor };
        }
      }
    };
    return stream(next, leave);
  } catch (error) {
    leave();
    throw error;
  }
}
