// Group commit: one statement for all who wait, faults that stay with whom they belong, bounded memory, nothing acknowledged lost.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logBatch, logColumns } from '../../src/domain/tracking/logging.ts';
import { metricHistory } from '../../src/domain/tracking/metrics.ts';
import { createRun, deleteRuns, getRun, type NewRunInput, type Run } from '../../src/domain/tracking/runs.ts';
import { inTransaction } from '../../src/domain/transaction.ts';
import { compactAll, startCompaction } from '../../src/points/compact/compaction.ts';
import { metricsByRuns, paramsByRuns, tagsByRuns } from '../../src/points/values.ts';
import { openWriter } from '../../src/points/write/groupCommit.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { Model, openScene, type Process, type Scene } from './scene.ts';

let scene: Scene;
let ctx: Process;
beforeAll(async () => {
  scene = await openScene();
  ctx = scene.processes[0];
});
afterAll(() => scene.close());

const metric = (step: number, key = 'loss') => ({ key, value: step / 2, step, timestamp: Math.abs(step) });
const pointsOf = async (runId: string, key = 'loss') => (await metricHistory(ctx, runId, key)).points;
const nothing = { keyIds: [], values: [] };

/** Runs `work` while every write of points waits, and lets them go on when it is done. */
async function whileWritesWait<R>(work: () => Promise<R>): Promise<R> {
  return scene.processes[1].db.tx(async (tx) => {
    await tx.rows({ text: 'lock table metric_blocks in share row exclusive mode' });
    return work();
  });
}
const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

test('what comes while a flush is under way goes into one statement, for many runs', async () => {
  const runIds = await Promise.all(Array.from({ length: 20 }, () => scene.newRun()));
  await logBatch(ctx, runIds[0]!, { metrics: [metric(0), metric(0, 'acc')], tags: [{ key: 'phase', value: 'start' }] });
  const names: string[] = [];
  const unhook = ctx.db.onStatement(({ name }) => names.push(name));
  const waiting = await whileWritesWait(async () => {
    const first = logBatch(ctx, runIds[0]!, { metrics: [metric(1)] });
    await moment();
    const rest = runIds.flatMap((runId, run) =>
      Array.from({ length: 10 }, (_none, index) =>
        logBatch(ctx, runId, { metrics: [metric(10 + index)], tags: [{ key: 'phase', value: `${run} ${index}` }] }),
      ),
    );
    await moment();
    return { all: Promise.all([first, ...rest]) };
  });
  await waiting.all;
  unhook();
  expect(names.filter((name) => name.startsWith('ingest.'))).toEqual(['ingest.points', 'ingest.points_and_tags']);
  for (const runId of runIds)
    expect((await pointsOf(runId)).slice(-10)).toEqual(
      Array.from({ length: 10 }, (_none, index) => ({ step: 10 + index, timestamp: 10 + index, value: 5 + index / 2 })),
    );
  const tag = await ctx.db.row<{ value: string }>(
    { text: "select t.value from run_tags t join keys k using (team_id, key_id) where t.run_id = $1 and k.name = 'phase'" },
    [runIds[3]],
  );
  expect(tag).toEqual({ value: '3 9' });
});

test('a missing run, a deleted run and a value that Postgres refuses fail their own request alone', async () => {
  const [good, deleted, odd] = [await scene.newRun(), await scene.newRun(), await scene.newRun()];
  await logBatch(ctx, good, { metrics: [metric(0)], tags: [{ key: 'note', value: 'x' }] });
  await deleteRuns(ctx, [deleted]);
  const settled = await whileWritesWait(async () => {
    const first = logBatch(ctx, good, { metrics: [metric(1)] });
    await moment();
    const all = Promise.allSettled([
      first,
      logBatch(ctx, good, { metrics: [metric(2)] }),
      logBatch(ctx, 'f'.repeat(32), { metrics: [metric(2)] }),
      logBatch(ctx, deleted, { metrics: [metric(2)] }),
      logBatch(ctx, odd, { tags: [{ key: 'note', value: 'a\0b' }] }),
      logBatch(ctx, odd, { metrics: [metric(3)] }),
    ]);
    await moment();
    return { all };
  });
  const codes = (await settled.all).map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason.code ?? one.reason.kind)));
  expect(codes).toEqual(['ok', 'ok', 'NOT_FOUND', 'FAILED_PRECONDITION', 'refused', 'ok']);
  expect((await pointsOf(good)).map((point) => point.step)).toEqual([0, 1, 2]);
  expect((await pointsOf(odd)).map((point) => point.step)).toEqual([3]);
});

test('params go with the rest, and one that stands or waits with another value fails its own request alone', async () => {
  const [run, other] = [await scene.newRun(), await scene.newRun()];
  const param = (value: string, key = 'rate') => ({ params: [{ key, value }] });
  await logBatch(ctx, run, { metrics: [metric(0)], ...param('1') });
  await logBatch(ctx, other, param('x', 'seed'));
  const names: string[] = [];
  const unhook = ctx.db.onStatement(({ name }) => names.push(name));
  const log = (runId: string, step: number, value: string, key?: string) => logBatch(ctx, runId, { metrics: [metric(step)], ...param(value, key) });
  const waiting = await whileWritesWait(async () => {
    const first = logBatch(ctx, run, { metrics: [metric(1)] });
    await moment();
    const all = Promise.allSettled([first, log(run, 2, '1'), log(run, 3, 'a', 'seed'), log(run, 4, 'b', 'seed'), log(other, 5, '7')]);
    await moment();
    return { all };
  });
  expect((await waiting.all).map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason.code ?? one.reason.kind)))).toEqual([
    'ok',
    'ok',
    'ok',
    'INVALID_ARGUMENT',
    'ok',
  ]);
  unhook();
  expect(names.filter((name) => name.startsWith('ingest.points'))).toEqual(['ingest.points', 'ingest.points_and_params']);
  await expect(log(run, 6, '2')).rejects.toThrow("The param 'rate' of this run is '1'");
  expect((await pointsOf(run)).map((point) => point.step)).toEqual([0, 1, 2, 3]);
  expect((await paramsByRuns(ctx.db, ctx.team.teamId, [run, other])).get(run)).toEqual([
    { key: 'rate', value: '1' },
    { key: 'seed', value: 'a' },
  ]);
});

test('clients out of step with each other on one run cost no more than others, once they are known', async () => {
  const runId = await scene.newRun();
  const [ahead, behind] = [(step: number) => metric(1_000 + step), (step: number) => metric(step)];
  await logBatch(ctx, runId, { metrics: [ahead(0)] });
  // Found to be late, and remembered.
  await logBatch(ctx, runId, { metrics: [behind(0)] });
  const names: string[] = [];
  const unhook = ctx.db.onStatement(({ name }) => names.push(name));
  for (let step = 1; step < 20; step += 1) for (const client of [ahead, behind]) await logBatch(ctx, runId, { metrics: [client(step)] });
  unhook();
  expect(new Set(names.filter((name) => /^(ingest|stored)/.test(name)))).toEqual(new Set(['ingest.points']));
  // Another process adds what this one can't know, one repeats what was stored, one comes before all that is remembered.
  await logBatch(scene.processes[1], runId, { metrics: [behind(20)] });
  await logBatch(ctx, runId, { metrics: [behind(20), behind(19), behind(21)] });
  await logBatch(ctx, runId, { metrics: [behind(5), metric(-5), ahead(20)] });
  const steps = [-5, ...Array.from({ length: 22 }, (_none, step) => step), ...Array.from({ length: 21 }, (_none, step) => 1_000 + step)];
  expect((await pointsOf(runId)).map((point) => point.step)).toEqual(steps);
  expect((await metricsByRuns(ctx.db, ctx.team.teamId, [runId])).get(runId)).toMatchObject([
    { count: steps.length, step: 1_020, first: { step: -5 } },
  ]);
});

test('beyond a bound of waiting points requests are turned away, and taken again when it has gone down', async () => {
  const runId = await scene.newRun();
  await logBatch(ctx, runId, { metrics: [metric(0)] });
  const keyId = (await ctx.db.row<{ key_id: number }>({ text: "select key_id from keys where name = 'loss'" }))!.key_id;
  const writer = openWriter(ctx.db, 1_000);
  const hundred = (from: number) => {
    const steps = Array.from({ length: 100 }, (_none, index) => from + index);
    return { runId, points: { keyIds: steps.map(() => keyId), steps, timestamps: steps, values: steps }, tags: nothing, params: nothing };
  };
  const { team } = ctx;
  const waiting = await whileWritesWait(async () => {
    const taken = Array.from({ length: 20 }, (_none, index) => writer.write(team.teamId, hundred(1 + index * 100)));
    expect(taken.filter((one) => one === 'full')).toHaveLength(11);
    return { all: Promise.all(taken.filter((one) => one !== 'full')) };
  });
  await waiting.all;
  expect(await writer.write(team.teamId, hundred(5_000))).toMatchObject({ runId });
  expect(await pointsOf(runId)).toHaveLength(1_001);
});

test('many writers in two processes: no deadlock, no fault, nothing lost or doubled, while compaction runs in both', async () => {
  const runIds = await Promise.all(Array.from({ length: 5 }, () => scene.newRun()));
  const keys = Array.from({ length: 30 }, (_none, index) => `metric/${index}`);
  const model = new Model();
  const workers = scene.processes.map((one) => startCompaction(one, { due: { blocks: 2, points: 1, ageSeconds: 0 } }));
  await Promise.all(
    Array.from({ length: 60 }, async (_none, writer) => {
      for (let step = 0; step < 10; step += 1) {
        const runId = runIds[(writer + step) % runIds.length]!;
        // Overlapping keys in opposite orders, the same steps from several writers: what makes deadlocks and duplicates.
        const metrics = (writer % 2 ? keys : [...keys].reverse()).map((key) => ({ key, value: step, step, timestamp: writer % 7 }));
        model.add(runId, metrics);
        const tags = [{ key: `tag ${writer % 3}`, value: String(writer) }];
        await logBatch(
          scene.processes[writer % 2]!,
          runId,
          writer % 5 === 0 ? { metrics, tags, params: [{ key: `p${writer}-${step}`, value: 'x' }] } : { metrics, tags },
        );
      }
    }),
  );
  await Promise.all(workers.map((worker) => worker.stop()));
  await compactAll(ctx.db, { due: { blocks: 1 } });
  const metrics = await metricsByRuns(ctx.db, ctx.team.teamId, runIds);
  for (const runId of runIds) {
    for (const key of keys) {
      expect(await pointsOf(runId, key)).toEqual(model.points(runId, key));
      expect(metrics.get(runId)!.find((one) => one.key === key)!.count).toBe(model.points(runId, key).length);
    }
  }
});

test('runs made at the same moment share a statement, and each has an answer of its own', async () => {
  await scene.newRun();
  const names: string[] = [];
  const unhook = ctx.db.onStatement(({ name }) => names.push(name));
  const runId = 'a'.repeat(32);
  const make = (input: Partial<NewRunInput>) => createRun(ctx, { experimentId: '0', ...input });
  const made = await Promise.allSettled([
    ...Array.from({ length: 20 }, (_none, index) => make({ name: `run ${index}`, tags: [{ key: 'index', value: String(index) }] })),
    make({ runId }),
    make({ experimentId: '4711' }),
    make({ name: 'a\0b' }),
    make({ runId }),
  ]);
  unhook();
  expect(made.slice(20).map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason.code ?? one.reason.kind)))).toEqual([
    'ok',
    'NOT_FOUND',
    'refused',
    'ALREADY_EXISTS',
  ]);
  const runs = made.slice(0, 20).map((one) => (one as PromiseFulfilledResult<Run>).value);
  expect(runs.map((run) => run.name)).toEqual(runs.map((_run, index) => `run ${index}`));
  const tags = await tagsByRuns(ctx.db, ctx.team.teamId, [runs[7]!.runId]);
  expect(tags.get(runs[7]!.runId)).toEqual([
    { key: 'index', value: '7' },
    { key: 'mlflow.runName', value: 'run 7' },
  ]);
  names.length = 0;
  const again = ctx.db.onStatement(({ name }) => names.push(name));
  await Promise.all(Array.from({ length: 20 }, () => make({})));
  again();
  expect(names.filter((name) => name.startsWith('runs.'))).toEqual(['runs.insert']);
});

test('what was acknowledged is stored, whichever connections die', async () => {
  const runIds = await Promise.all(Array.from({ length: 4 }, () => scene.newRun()));
  await logBatch(ctx, runIds[0]!, { metrics: [metric(0)] });
  const killer = openPool(scene.url, { max: 1, part: 'killer' });
  let over = false;
  const killing = (async () => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      await killer.rows({
        text: "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name ~ '^runledger/\\d+$' and query like '%ingest.%' and state <> 'idle'",
      });
    }
  })();
  const acknowledged = new Map(runIds.map((runId) => [runId, [] as number[]]));
  let refused = 0;
  await Promise.all(
    Array.from({ length: 16 }, async (_none, writer) => {
      for (let step = 0; step < 40; step += 1) {
        const runId = runIds[writer % 4]!;
        const id = writer * 1_000 + step;
        await logColumns(scene.processes[writer % 2]!, runId, { metrics: [metric(id)] }).then(
          () => acknowledged.get(runId)!.push(id),
          () => {
            refused += 1;
          },
        );
      }
    }),
  );
  over = true;
  await killing;
  await killer.end();
  expect(refused).toBeGreaterThan(0);
  for (const [runId, ids] of acknowledged) {
    const steps = new Set((await pointsOf(runId)).map((point) => point.step));
    expect(ids.filter((id) => !steps.has(id))).toEqual([]);
    const { count } = (await metricsByRuns(ctx.db, ctx.team.teamId, [runId])).get(runId)![0]!;
    expect(count).toBe(steps.size);
  }
});

test('inside a transaction points are written in it, and go with it', async () => {
  const runId = await scene.newRun();
  await inTransaction(ctx, async (inside) => {
    await logBatch(inside, runId, { metrics: [metric(1), metric(2)] });
    await logBatch(inside, runId, { metrics: [metric(2), metric(3)], tags: [{ key: 'mlflow.runName', value: 'renamed' }] });
  });
  await expect(
    inTransaction(ctx, async (inside) => {
      await logBatch(inside, runId, { metrics: [metric(4)] });
      await createRun(inside, { experimentId: '987654' });
    }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await pointsOf(runId)).map((point) => point.step)).toEqual([1, 2, 3]);
  expect((await metricsByRuns(ctx.db, ctx.team.teamId, [runId])).get(runId)).toMatchObject([{ count: 3, value: 1.5 }]);
  expect((await getRun(ctx, runId)).name).toBe('renamed');
});

test('runs with little to compact share a transaction', async () => {
  await compactAll(ctx.db, { due: { blocks: 1 } });
  const runIds = await Promise.all(Array.from({ length: 40 }, () => scene.newRun()));
  for (const step of [1, 2]) await Promise.all(runIds.map((runId) => logBatch(ctx, runId, { metrics: [metric(step), metric(step, 'acc')] })));
  const names: string[] = [];
  const unhook = ctx.db.onStatement(({ name }) => names.push(name));
  await compactAll(ctx.db, { due: { blocks: 1 } });
  unhook();
  const steps = ['due', 'claim', 'take', 'near', 'insert', 'forget'].map((name) => `compaction.${name}`);
  expect(names.filter((name) => name.startsWith('compaction.'))).toEqual(steps);
  for (const runId of runIds) expect((await pointsOf(runId, 'acc')).map((point) => point.step)).toEqual([1, 2]);
});
