// Long curves: down-sampled from summaries where that gives the same, exactly where chunks are cut or lie in each other's way.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logColumns } from '../../src/domain/tracking/logging.ts';
import { metricHistory, type Point, sampledHistory } from '../../src/domain/tracking/metrics.ts';
import { compactAll, compactRuns } from '../../src/points/compact/compaction.ts';
import type { Db, Statement } from '../../src/postgres/pool.ts';
import { curvesOf, openScene, type Process, type Scene } from './scene.ts';

const NOW = { due: { blocks: 1, points: 1, ageSeconds: 0 } };
const LENGTH = 20_000;
const BATCH = 2_500;

let scene: Scene;
let ctx: Process;
let runId: string;
/** Steps count by tens, so that late points fit between; time turns back now and then in `jumpy`. */
const pointAt = (index: number, jumpy = false): Point => ({
  step: index * 10,
  timestamp: 1_700_000_000_000 + index * 100 - (jumpy && index % 1_000 === 0 ? 5_000 : 0),
  value: index === 12_345 ? 1e6 : index === 777 ? -1e6 : Math.sin(index / 300) * 100,
});

beforeAll(async () => {
  scene = await openScene();
  ctx = scene.processes[0];
  runId = await scene.newRun();
  for (let start = 0; start < LENGTH; start += BATCH) {
    const indexes = Array.from({ length: BATCH }, (_none, index) => start + index);
    await logColumns(ctx, runId, {
      metrics: indexes.flatMap((index) => [
        { key: 'smooth', ...pointAt(index) },
        { key: 'jumpy', ...pointAt(index, true) },
      ]),
    });
  }
  await compactAll(ctx.db, NOW);
});
afterAll(() => scene.close());

const curves = new Map(['smooth', 'jumpy'].map((key) => [key, Array.from({ length: LENGTH }, (_none, index) => pointAt(index, key === 'jumpy'))]));
const all = (key: string) => curves.get(key)!;
const extremes = (points: Point[]) => {
  const values = points.map((point) => point.value);
  return [Math.min(...values), Math.max(...values)];
};

const LENGTHS = [2, 3, 4, 20, 150, 300, 2_000];

/** Curves on each axis, whole and cut, with the extremes of what was logged in their order. */
async function checkCurves(run: string, key: string, maxPoints: number, points = all(key)): Promise<void> {
  for (const axis of ['STEP', 'TIME', 'RELATIVE_TIME'] as const) {
    const at = (point: Point) => Number(axis === 'STEP' ? point.step : point.timestamp);
    const ends = [0, 500, 12_345, 19_999].map((index) => at(points[index]!));
    for (const [from, to] of [[undefined, undefined], ends.slice(0, 2), ends.slice(1, 3), [ends[2], undefined], [undefined, ends[3]]]) {
      const [series] = await curvesOf(ctx, run, {
        keys: [key],
        axis,
        maxPoints,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      const inside = points.filter((point) => at(point) >= (from ?? -Infinity) && at(point) <= (to ?? Infinity));
      const drawn = series!.points;
      expect(drawn.length).toBeLessThanOrEqual(maxPoints);
      expect(drawn.length).toBeGreaterThanOrEqual(Math.min(inside.length, maxPoints / 4));
      expect(extremes(drawn)).toEqual(extremes(inside));
      expect(drawn.map(at)).toEqual(drawn.map(at).sort((a, b) => a - b));
      const known = new Set(inside.map((point) => `${point.step} ${point.timestamp} ${point.value}`));
      expect(drawn.filter((point) => !known.has(`${point.step} ${point.timestamp} ${point.value}`))).toEqual([]);
    }
  }
}

describe.each(['smooth', 'jumpy'])('%s', (key) => {
  test.each(LENGTHS)('%i points keep the extremes, in the order of each axis, in any range', (maxPoints) => checkCurves(runId, key, maxPoints));
});

describe('what large requests have just logged', () => {
  let fresh: string;
  beforeAll(async () => {
    fresh = await scene.newRun();
    for (let start = 0; start < LENGTH; start += BATCH) {
      const points = all('smooth').slice(start, start + BATCH);
      await logColumns(ctx, fresh, { metrics: ['smooth', 'beside'].flatMap((key) => points.map((point) => ({ key, ...point }))) });
    }
  });

  test.each(LENGTHS)('%i points', (maxPoints) => checkCurves(fresh, 'smooth', maxPoints));

  test('is drawn from summaries alone, and read where they are cut', async () => {
    const statements: string[] = [];
    const stop = ctx.db.onStatement(({ name }) => statements.push(name));
    await curvesOf(ctx, fresh, { keys: ['smooth'], maxPoints: 300 });
    expect(statements).not.toContain('stored.load');
    await curvesOf(ctx, fresh, { keys: ['smooth'], maxPoints: 300, from: 777 });
    expect(statements).toContain('stored.load');
    stop();
  });

  test('is right with late points, half compacted, and once all of it is', async () => {
    const late = { step: 55_555, timestamp: 1_700_000_555_550, value: 2e6 };
    await logColumns(ctx, fresh, { metrics: [{ key: 'smooth', ...late }] });
    const points = [...all('smooth'), late].sort((a, b) => Number(a.step) - Number(b.step));
    for (const maxPoints of [3, 300]) await checkCurves(fresh, 'smooth', maxPoints, points);
    await compactRuns(ctx.db, ctx.team.teamId, [fresh], 15_000);
    for (const maxPoints of [3, 300]) await checkCurves(fresh, 'smooth', maxPoints, points);
    await compactAll(ctx.db, NOW);
    for (const maxPoints of [3, 300]) await checkCurves(fresh, 'smooth', maxPoints, points);
  });
});

test('steps are chosen among so many points at most; of more, each run has its extremes and ends, in the order of the runs', async () => {
  const runs = [await scene.newRun(), runId];
  await logColumns(ctx, runs[0]!, { metrics: [{ key: 'smooth', step: 5, timestamp: 1, value: 1 }] });
  const even = await sampledHistory(ctx, runs, 'smooth', { limit: 100, most: LENGTH });
  expect(even.filter((point) => point.runId === runId).map(({ step }) => step)).toContain(10 * (LENGTH - 1));
  const sampled = await sampledHistory(ctx, runs, 'smooth', { limit: 100, most: LENGTH - 1 });
  expect(sampled[0]).toEqual({ runId: runs[0], step: 5, timestamp: 1, value: 1 });
  const drawn = sampled.slice(1).map(({ runId: _, ...point }) => point);
  expect(drawn.length).toBeLessThanOrEqual(102);
  expect([drawn[0], drawn.at(-1)]).toEqual([all('smooth')[0], all('smooth').at(-1)]);
  expect(extremes(drawn)).toEqual(extremes(all('smooth')));
  const some = await sampledHistory(ctx, runs, 'smooth', { limit: 100, most: LENGTH - 1, from: 7_000, to: 8_000 });
  expect(some).toEqual(await sampledHistory(ctx, runs, 'smooth', { limit: 100, from: 7_000, to: 8_000 }));
});

test('stretches are about equally long', async () => {
  const [series] = await curvesOf(ctx, runId, { keys: ['smooth'], maxPoints: 100 });
  const steps = series!.points.map((point) => Number(point.step));
  const gaps = steps.slice(1).map((step, index) => step - steps[index]!);
  expect(Math.max(...gaps)).toBeLessThan((3 * LENGTH * 10) / 50);
});

test('chunks that lie in each other, as after late points while another process held them, read right', async () => {
  const late = [1_005, 1_006, 55_555, 123_455].map((step) => ({
    step,
    timestamp: 1_700_000_000_000 + step * 10,
    value: step === 55_555 ? 2e6 : 0.5,
  }));
  await logColumns(ctx, runId, { metrics: late.map((point) => ({ key: 'smooth', ...point })) });
  const { teamId } = ctx.team;
  await scene.processes[1].db.tx(async (tx) => {
    await tx.rows({ text: 'select 1 from metric_chunks where team_id = $1 and run_id = $2 for update' }, [teamId, runId]);
    await compactRuns(ctx.db, teamId, [runId]);
  });
  const wanted = [...all('smooth'), ...late].sort((a, b) => Number(a.step) - Number(b.step));
  const read = async () => {
    const { points } = await metricHistory(ctx, runId, 'smooth');
    expect(points).toEqual(wanted);
    for (const maxPoints of [2, 20, 300]) {
      for (const axis of ['STEP', 'TIME'] as const) {
        const [series] = await curvesOf(ctx, runId, { keys: ['smooth'], maxPoints, axis });
        expect(extremes(series!.points)).toEqual(extremes(wanted));
        const at = series!.points.map((point) => Number(axis === 'STEP' ? point.step : point.timestamp));
        expect(at).toEqual([...at].sort((a, b) => a - b));
      }
    }
  };
  await read();
  // The next points put it in order again.
  await logColumns(ctx, runId, {
    metrics: [
      { key: 'smooth', step: 7, timestamp: 1_700_000_000_001, value: 0 },
      { key: 'smooth', step: 199_991, timestamp: 1_800_000_000_000, value: 0 },
    ],
  });
  wanted.splice(1, 0, { step: 7, timestamp: 1_700_000_000_001, value: 0 });
  wanted.push({ step: 199_991, timestamp: 1_800_000_000_000, value: 0 });
  await compactAll(ctx.db, NOW);
  await read();
});

describe('plans', () => {
  type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] };
  const scans = (plan: Plan): string[] => [
    ...(plan['Node Type'] === 'Seq Scan' && /^metric_|^run_metrics/.test(plan['Relation Name'] ?? '') ? [plan['Relation Name']!] : []),
    ...(plan.Plans ?? []).flatMap(scans),
  ];

  /** Explains each statement in place of counting on it. */
  function explaining(db: Db, found: Map<string, string[]>): Db {
    const rows = async <R>(statement: Statement, values?: unknown[]): Promise<R[]> => {
      const [plan] = await db.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>({ text: `explain (format json) ${statement.text}` }, values);
      found.set(statement.name!, scans(plan!['QUERY PLAN'][0].Plan));
      return db.rows<R>(statement, values);
    };
    return {
      rows,
      row: async <R>(statement: Statement, values?: unknown[]) => (await rows<R>(statement, values))[0],
      tx: (work) => work(explaining(db, found)),
    };
  }

  test('of writing, reading and compacting use the indexes', async () => {
    const { teamId } = ctx.team;
    await ctx.db.rows(
      {
        text: `insert into metric_chunks (team_id, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, points)
      select $1, gen_random_uuid(), k, k, k, 1, 0, 0, 0, 0, true, '\\x00' from generate_series(1, 30000) k`,
      },
      [teamId],
    );
    await ctx.db.rows(
      {
        text: `insert into metric_blocks (team_id, run_id, count, from_step, to_step, points)
      select $1, gen_random_uuid(), 1, 0, 0, '\\x00' from generate_series(1, 30000)`,
      },
      [teamId],
    );
    await ctx.db.rows(
      {
        text: `insert into run_metrics (team_id, run_id, key_id, experiment_id, value, step, timestamp, first_value, first_step, first_timestamp)
      select $1, gen_random_uuid(), 1, 0, 1, 1, 1, 1, 1, 1 from generate_series(1, 30000)`,
      },
      [teamId],
    );
    for (const table of ['metric_chunks', 'metric_blocks', 'run_metrics']) await ctx.db.rows({ text: `analyze ${table}` });
    const found = new Map<string, string[]>();
    const db = explaining(ctx.db, found);
    const watched = { ...ctx, db: { ...ctx.db, ...db } } as Process;
    const point = { key: 'smooth', step: 3_000_000, timestamp: 1, value: 1 };
    const labels = { params: [{ key: 'rate', value: '1' }], tags: [{ key: 'phase', value: 'late' }] };
    await logColumns(watched, await scene.newRun(), { metrics: [point] });
    await logColumns(watched, await scene.newRun(), { metrics: [point], ...labels });
    await logColumns(watched, runId, { metrics: [{ ...point, step: 5 }], ...labels });
    await metricHistory(watched, runId, 'smooth', { limit: 10 });
    await curvesOf(watched, runId, { keys: ['smooth', 'jumpy'] });
    await compactRuns(db, teamId, [runId]);
    expect([...found.keys()]).toEqual(
      expect.arrayContaining([
        'ingest.points',
        'ingest.points_and_tags_and_params',
        'ingest.points_and_tags_and_params_counting_later',
        'ingest.count',
        'stored.near',
        'stored.locate',
        'stored.locate_curves',
        'compaction.near',
        'compaction.take',
      ]),
    );
    expect([...found].filter(([, tables]) => tables.length > 0)).toEqual([]);
  });
});
