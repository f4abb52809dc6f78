// Summaries of runs: never older than what was acknowledged, whoever writes while they are built; the same as the rows they are made of.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runsByIds } from '../../src/db/tracking/runs.ts';
import { deleteTag, logColumns } from '../../src/domain/tracking/logging.ts';
import { readRuns, runMetrics, runParams, runTags } from '../../src/domain/tracking/runData.ts';
import { updateRun } from '../../src/domain/tracking/runs.ts';
import { summarizeAll } from '../../src/points/summaries/building.ts';
import { summariesOfRuns } from '../../src/points/summaries/summaries.ts';
import { openScene, type Process, type Scene } from './scene.ts';

let scene: Scene;
let ctx: Process;
let other: Process;
beforeAll(async () => {
  scene = await openScene();
  [ctx, other] = scene.processes;
});
afterAll(() => scene.close());

type Text = Partial<Record<'metrics' | 'params' | 'tags', { key: string; value: unknown; step?: number; timestamp?: number }[]>>;
const textOf = async (runId: string): Promise<Text> => JSON.parse((await summariesOfRuns(ctx.db, ctx.team.teamId, [runId])).get(runId)!.text);
const kept = async (runId: string) =>
  (await ctx.db.row<{ stale: boolean; data: string | null }>(
    { text: 'select stale, data from run_summaries where team_id = $1 and run_id = $2::uuid' },
    [ctx.team.teamId, runId],
  ))!;
const point = (key: string, step: number, value = step / 3) => ({ key, value, timestamp: 1_700_000_000_000 + step, step });
const finish = (runId: string) => updateRun(ctx, runId, { status: 'FINISHED' });

/** The same from the rows, by other statements. */
async function rowsOf(runId: string): Promise<Text> {
  const [metrics, params, tags] = [await runMetrics(ctx, [runId]), await runParams(ctx, [runId]), await runTags(ctx, [runId])];
  const shown = (value: number) => (Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)));
  return {
    ...(metrics.has(runId) && {
      metrics: metrics.get(runId)!.map(({ key, value, step, timestamp }) => ({
        key,
        value: shown(value),
        timestamp: Number(timestamp),
        step: Number(step),
      })),
    }),
    ...(params.has(runId) && { params: params.get(runId)! }),
    ...(tags.has(runId) && { tags: tags.get(runId)! }),
  };
}

test('a run that has ended is summarized once, with any text and any number, and read from that', async () => {
  const runId = await scene.newRun();
  const odd = ['', 'a "quote", a \\ and a\nline', '雪 🎲 é', '{"json":[1]}', 'a,b}', '\u2028\u0001'];
  await logColumns(ctx, runId, {
    metrics: [Number.NaN, Infinity, -Infinity, 0.1, 1e300, 5e-324, -0, 123_456_789_012].map((value, index) => point(`m ${index}`, index, value)),
    params: odd.map((value, index) => ({ key: `p/${index}`, value })),
    tags: odd.map((value, index) => ({ key: `t.${index}`, value })),
  });
  const live = await textOf(runId);
  expect(live).toEqual(await rowsOf(runId));
  await summarizeAll(ctx.db);
  expect((await kept(runId)).stale).toBe(true);
  await finish(runId);
  await summarizeAll(ctx.db);
  expect(await kept(runId)).toMatchObject({ stale: false, data: expect.any(String) });
  expect(await textOf(runId)).toEqual(live);
});

test('every kind of write takes it back', async () => {
  const runId = await scene.newRun();
  await logColumns(ctx, runId, { metrics: [point('loss', 5)], tags: [{ key: 'gone', value: 'x' }] });
  await finish(runId);
  const writes: (() => Promise<unknown>)[] = [
    () => logColumns(ctx, runId, { metrics: [point('loss', 6)] }),
    () => logColumns(ctx, runId, { metrics: [point('loss', 7), point('loss', 1)] }),
    () => logColumns(ctx, runId, { tags: [{ key: 'color', value: 'red' }] }),
    () => logColumns(ctx, runId, { params: [{ key: 'depth', value: '3' }] }),
    () => logColumns(ctx, runId, { tags: [{ key: 'mlflow.runName', value: 'by its tag' }] }),
    () => updateRun(ctx, runId, { name: 'by its name' }),
    () => deleteTag(ctx, runId, 'gone'),
  ];
  for (const write of writes) {
    await summarizeAll(ctx.db);
    const before = await textOf(runId);
    expect((await kept(runId)).stale).toBe(false);
    await write();
    expect((await kept(runId)).stale).toBe(true);
    const after = await textOf(runId);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await rowsOf(runId));
  }
});

test('runs with more values than are worth keeping are read from their rows', async () => {
  const runId = await scene.newRun();
  await logColumns(ctx, runId, { metrics: Array.from({ length: 1_500 }, (_none, index) => point(`wide ${index}`, index)) });
  const long = await scene.newRun();
  await logColumns(ctx, long, { tags: Array.from({ length: 5 }, (_none, index) => ({ key: `long ${index}`, value: 'é'.repeat(5_000) })) });
  for (const id of [runId, long]) await finish(id);
  await summarizeAll(ctx.db);
  for (const id of [runId, long]) expect(await kept(id)).toEqual({ stale: false, data: null });
  expect((await textOf(runId)).metrics).toHaveLength(1_500);
  expect(await textOf(long)).toEqual(await rowsOf(long));
});

test('what was acknowledged is read, while two processes write and both summarize without pause', async () => {
  const runIds = await Promise.all(Array.from({ length: 4 }, () => scene.newRun()));
  for (const runId of runIds) await finish(runId);
  let writing = true;
  let built = 0;
  const summarizers = [ctx, other].map(async (one) => {
    while (writing) {
      await summarizeAll(one.db);
      built += (await ctx.db.rows({ text: 'select 1 from run_summaries where not stale and data is not null' })).length;
    }
  });
  const missed: string[] = [];
  const writer = async (process: Process, number: number) => {
    for (let step = 1; step <= 40; step += 1) {
      const runId = runIds[(step + number) % runIds.length]!;
      const key = `w${number}`;
      // Every other step goes by the transaction that writes params too; every fifth sends points again.
      await logColumns(process, runId, {
        metrics: step % 5 === 0 ? [point(key, step), point(key, step - runIds.length)] : [point(key, step)],
        tags: [{ key, value: `${step}` }],
        ...(step % 2 === 0 && { params: [{ key: `${key} ${step}`, value: `${step}` }] }),
      });
      const { metrics = [], params = [], tags = [] } = await textOf(runId);
      if (metrics.find((one) => one.key === key)?.step !== step) missed.push(`metric ${number} ${step}`);
      if (tags.find((one) => one.key === key)?.value !== `${step}`) missed.push(`tag ${number} ${step}`);
      if (step % 2 === 0 && !params.some((one) => one.key === `${key} ${step}`)) missed.push(`param ${number} ${step}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_none, number) => writer(number % 2 === 0 ? ctx : other, number)));
  writing = false;
  await Promise.all(summarizers);
  expect(missed).toEqual([]);
  expect(built).toBeGreaterThan(0);
  await summarizeAll(ctx.db);
  const runs = await readRuns(ctx, await runsByIds(ctx.db, ctx.team.teamId, runIds));
  for (const { run, values } of runs) {
    expect((await kept(run.runId)).stale).toBe(false);
    expect(JSON.parse(values)).toEqual(await rowsOf(run.runId));
  }
});
