// Random batches from two processes, compaction at random moments, and a plain model in memory: history, statistics, curves and what is new agree.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { logColumns, type MetricInput } from '../../src/domain/tracking/logging.ts';
import { metricHistory, metricHistoryOfRuns, newPoints, type Point, pointsCursor, sampledHistory } from '../../src/domain/tracking/metrics.ts';
import { compactAll, compactRuns } from '../../src/points/compact/compaction.ts';
import { metricsByRuns } from '../../src/points/values.ts';
import { type Db, isPool } from '../../src/postgres/pool.ts';
import { type Random, randomFrom } from '../search/random.ts';
import { comparePoints, curvesOf, Model, openScene, type Process, pointOf, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const KEYS = ['loss', 'acc', 'lr', 'grad', 'one'];
const VALUES = [0, -0, 1, 1.5, -2, 0.1, 1e300, -1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const LONGS = [0, 1, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 60n];
const TIMES = [0, 5, 1_700_000_000_000, 2n ** 63n - 1n];
const NOW = { due: { blocks: 1, points: 1, ageSeconds: 0 } };

/** Mostly what training does: steps go on. Else late, repeated and odd points. */
function batchOf(random: Random, clock: { step: number }): MetricInput[] {
  const kind = random.int(10);
  if (kind < 5) {
    const length = random.pick([1, 3, 40, 400]);
    const key = random.pick(KEYS);
    return Array.from({ length }, () => {
      clock.step += 1;
      const value = random.chance(0.02) ? random.pick(VALUES) : Math.sin(clock.step / 100) * 1_000 + random.int(1_000);
      return { key, value, step: clock.step, timestamp: 1_700_000_000_000 + clock.step * 10 };
    });
  }
  if (kind < 7) {
    clock.step += 1;
    return KEYS.map((key) => ({ key, value: random.int(100), step: clock.step, timestamp: random.chance(0.9) ? clock.step * 10 : 1 }));
  }
  return Array.from({ length: 1 + random.int(30) }, () => ({
    key: random.pick(KEYS),
    value: random.pick(VALUES),
    step: random.chance(0.7) ? random.int(30) : random.chance(0.5) ? random.int(clock.step + 1) : random.pick(LONGS),
    timestamp: random.chance(0.7) ? random.int(3) : random.pick(TIMES),
  }));
}

async function allHistory(ctx: Process, runId: string, key: string, limit: number): Promise<Point[]> {
  const points: Point[] = [];
  let token: string | undefined;
  do {
    const page = await metricHistory(ctx, runId, key, token === undefined ? { limit } : { limit, token });
    points.push(...page.points);
    token = page.nextToken;
  } while (token !== undefined);
  return points;
}

const inRange = (at: Point['step'], from?: Point['step'], to?: Point['step']) => (from === undefined || at >= from) && (to === undefined || at <= to);
const least = (list: number[]) => (list.some(Number.isNaN) ? Number.NaN : list.reduce((a, b) => Math.min(a, b)));
const greatest = (list: number[]) => {
  const numbers = list.filter((x) => !Number.isNaN(x));
  return numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => Math.max(a, b));
};

async function checkCurve(ctx: Process, random: Random, runId: string, key: string, all: Point[]): Promise<void> {
  const axis = random.pick(['STEP', 'TIME'] as const);
  const at = (point: Point) => (axis === 'STEP' ? point.step : point.timestamp);
  const [a, b] = [random.pick(all), random.pick(all)].map(at).sort((x, y) => (x < y ? -1 : 1));
  const range = random.chance(0.5) ? { from: a!, to: b! } : {};
  const maxPoints = random.pick([2, 3, 4, 10, 300, 2_000]);
  const [series] = await curvesOf(ctx, runId, { keys: [key], axis, maxPoints, ...range });
  const inside = all.filter((point) => inRange(at(point), range.from, range.to));
  const shown = series!.points.map(pointOf);
  const names = new Set(inside.map((point) => JSON.stringify(point, print)));
  expect(shown.filter((point) => !names.has(JSON.stringify(point, print)))).toEqual([]);
  expect(shown.map(at)).toEqual([...shown].map(at).sort((x, y) => (x < y ? -1 : x > y ? 1 : 0)));
  if (inside.length <= 2 * Math.floor(maxPoints / 2)) expect([...shown].sort(comparePoints)).toEqual(inside);
  else {
    expect(shown.length).toBeLessThanOrEqual(maxPoints);
    const values = inside.map((point) => point.value);
    const kept = shown.map((point) => point.value);
    expect([least(kept), greatest(kept)]).toEqual([least(values), greatest(values)]);
  }
  const [shape] = await curvesOf(ctx, runId, { keys: [key], axis, maxPoints, ...range, method: 'LTTB' });
  expect(shape!.points.length).toBeLessThanOrEqual(maxPoints);
}

const print = (_key: string, item: unknown) =>
  typeof item === 'bigint' || (typeof item === 'number' && !Number.isFinite(item)) ? String(item) : item;

async function check(ctx: Process, random: Random, model: Model, runIds: string[]): Promise<void> {
  const metrics = await metricsByRuns(ctx.db, ctx.team.teamId, runIds);
  for (const runId of runIds) {
    for (const key of KEYS) {
      const points = model.points(runId, key);
      expect(await allHistory(ctx, runId, key, random.pick([7_000, 997, 25_000]))).toEqual(points);
      if (points.length === 0) continue;
      const metric = metrics.get(runId)!.find((one) => one.key === key)!;
      const wanted = model.statistics(runId, key);
      const { value, step, timestamp, min, max, count, first } = metric;
      expect({ count, min, max, first, last: { value, step, timestamp } }).toEqual({
        count: wanted.count,
        min: wanted.min,
        max: wanted.max,
        first: wanted.first,
        last: wanted.last,
      });
      const { numbers } = wanted;
      if (numbers.length === 0) expect(metric.mean).toBeNull();
      else if (numbers.every(Number.isFinite)) {
        const scale = numbers.reduce((sum, x) => sum + Math.abs(x) / numbers.length, 0);
        const mean = numbers.reduce((sum, x) => sum + x / numbers.length, 0);
        expect(Math.abs(metric.mean! - mean)).toBeLessThanOrEqual(1e-9 * scale);
      }
      await checkCurve(ctx, random, runId, key, points);
    }
  }
  const key = random.pick(KEYS);
  const limit = random.pick([10, 1_000, 25_000]);
  const together = [...runIds].sort().flatMap((runId) => model.points(runId, key).map((point) => ({ runId, ...point })));
  expect(await metricHistoryOfRuns(ctx, runIds, key, limit)).toEqual(together.slice(0, limit));
  const wanted = new Set<Point['step']>();
  const steps = [...new Set(together.map((point) => point.step))].sort((a, b) => (a < b ? -1 : 1));
  const every = Math.max(1, steps.length / 20);
  for (let index = 0; index < Math.min(20, steps.length); index += 1) wanted.add(steps[Math.floor(index * every)]!);
  if (steps.length > 0) wanted.add(steps.at(-1)!);
  for (const runId of runIds) {
    const own = model.points(runId, key);
    if (own.length > 0) wanted.add(own[0]!.step).add(own.at(-1)!.step);
  }
  const sampled = runIds.flatMap((runId) => together.filter((point) => point.runId === runId && wanted.has(point.step)));
  expect(await sampledHistory(ctx, runIds, key, { limit: 20 })).toEqual(sampled);
}

test.each([1, 2, 3])('random batches from two processes agree with the model (%i)', async (seed) => {
  const random = randomFrom(seed);
  const model = new Model();
  const runIds = [await scene.newRun(), await scene.newRun(), await scene.newRun()];
  const clock = { step: 0 };
  const [one] = scene.processes;
  let cursor = await pointsCursor(one);
  const heard: string[] = [];
  const hear = async () => {
    const batch = await newPoints(random.pick(scene.processes), { runIds, after: cursor });
    cursor = batch.cursor;
    heard.push(...batch.points.map(({ runId, key, ...point }) => `${runId} ${key} ${JSON.stringify(point, print)}`));
  };
  for (let round = 0; round < 12; round += 1) {
    const acts: Promise<unknown>[] = [];
    for (let act = 0; act < 25; act += 1) {
      const runId = random.pick(runIds);
      const batch = batchOf(random, clock);
      model.add(runId, batch);
      const ctx = random.pick(scene.processes);
      acts.push(logColumns(ctx, runId, { metrics: batch }));
      // The same batch again, as a client does that got no answer.
      if (random.chance(0.15)) acts.push(logColumns(random.pick(scene.processes), runId, { metrics: batch }));
      if (random.chance(0.1)) acts.push(compactAll(random.pick(scene.processes).db, { ...NOW, keepSeconds: 900 }));
      if (random.chance(0.1)) await new Promise((resolve) => setTimeout(resolve, random.int(10)));
    }
    acts.push(hear());
    await Promise.all(acts);
    if (round % 3 === 2) await check(random.pick(scene.processes), random, model, runIds);
  }
  await hear();
  const all = runIds.flatMap((runId) =>
    KEYS.flatMap((key) => model.points(runId, key).map((point) => `${runId} ${key} ${JSON.stringify(point, print)}`)),
  );
  expect([...heard].sort()).toEqual(all.sort());
  await compactAll(one.db, NOW);
  await check(one, random, model, runIds);
  const left = await one.db.row<{ blocks: number; chunks: number }>(
    {
      text: 'select (select count(*)::int from metric_blocks where team_id = $1) as blocks, (select count(*)::int from metric_chunks where team_id = $1) as chunks',
    },
    [one.team.teamId],
  );
  expect(left).toEqual({ blocks: 0, chunks: expect.any(Number) });
});

test('compaction that is stopped at any statement loses and repeats nothing', async () => {
  const [ctx] = scene.processes;
  const { teamId } = ctx.team;
  const runId = await scene.newRun();
  const model = new Model();
  const log = async (metrics: MetricInput[]) => {
    model.add(runId, metrics);
    await logColumns(ctx, runId, { metrics });
  };
  const series = (key: string, from: number, length: number) =>
    Array.from({ length }, (_none, index) => ({ key, step: from + index, timestamp: from + index, value: index % 97 }));
  await log(series('long', 0, 1_500));
  await log(series('short', 0, 10));
  await compactRuns(ctx.db, teamId, [runId]);
  await log([...series('long', 700, 1_200), ...series('short', 5, 10)]);

  let stops = 0;
  for (let at = 0; ; at += 1) {
    const done = await compactRuns(stoppedAt(ctx.db, at), teamId, [runId]).then(
      () => true,
      (error: Error) => {
        expect(error.message).toBe('stopped');
        return false;
      },
    );
    for (const key of ['long', 'short']) expect(await allHistory(ctx, runId, key, 1_000)).toEqual(model.points(runId, key));
    if (done) break;
    stops += 1;
  }
  expect(stops).toBeGreaterThanOrEqual(5);
});

/** A database whose transactions end at their statement number `at`. */
function stoppedAt(db: Db, at: number): Db {
  expect(isPool(db)).toBe(true);
  return {
    ...db,
    tx: (work) =>
      db.tx((tx) => {
        let count = 0;
        const step = () => {
          count += 1;
          if (count > at) throw new Error('stopped');
        };
        const stopped: Db = {
          rows: async (...given) => {
            step();
            return tx.rows(...given);
          },
          row: async (...given) => {
            step();
            return tx.row(...given);
          },
          tx: (inner) => inner(stopped),
        };
        return work(stopped);
      }),
  };
}

test('a cursor older than what is kept is refused rather than answered with a gap', async () => {
  const [ctx] = scene.processes;
  const runId = await scene.newRun();
  const before = await pointsCursor(ctx);
  await logColumns(ctx, runId, { metrics: [{ key: 'loss', value: 1, step: 1, timestamp: 1 }] });
  // Other tests share this Postgres: a transaction of theirs, older than the point and still under way, makes a cursor taken now as old as itself.
  const logged = xmaxOf(await pointsCursor(ctx));
  const after = await vi.waitFor(async () => {
    const cursor = await pointsCursor(ctx);
    expect(xminOf(cursor)).toBeGreaterThanOrEqual(logged);
    return cursor;
  });
  await compactAll(ctx.db, NOW);
  expect((await newPoints(ctx, { runIds: [runId], after: before })).points).toMatchObject([{ key: 'loss', value: 1 }]);
  // Nothing is forgotten while an older transaction is under way, be it in another database of the server.
  await vi.waitFor(async () => {
    await compactAll(ctx.db, { ...NOW, keepSeconds: 0 });
    await expect(newPoints(ctx, { runIds: [runId], after: before })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });
  expect((await newPoints(ctx, { runIds: [runId], after })).points).toEqual([]);
});

const snapshotOf = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8').split(':').map(Number);
const xminOf = (cursor: string) => snapshotOf(cursor)[0]!;
const xmaxOf = (cursor: string) => snapshotOf(cursor)[1]!;
