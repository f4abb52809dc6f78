// What MLflow's clients rely on about metrics: which point is the latest, every point once, exact numbers, history by pages and samples.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricsByRuns } from '../../src/points/values.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

type Point = { key: string; value: number | string; timestamp: number; step: number };
const call = async (method: string, path: string, body: Record<string, unknown>) => {
  const answer = await app.mlflow(method, `2.0/mlflow/${path}`, body);
  expect([path, answer.status, JSON.stringify(answer.body).slice(0, answer.status === 200 ? 0 : 300)]).toEqual([path, 200, '']);
  return answer.body;
};
const newRun = async (): Promise<string> => (await call('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info.run_id;
const log = (run: string, metrics: Partial<Point>[]) => call('POST', 'runs/log-batch', { run_id: run, metrics });
const latest = async (run: string): Promise<Point[]> => (await call('GET', 'runs/get', { run_id: run })).run.data.metrics ?? [];
const history = async (run: string, key: string): Promise<Point[]> =>
  (await call('GET', 'metrics/get-history', { run_id: run, metric_key: key })).metrics ?? [];
const statistics = async (run: string) => {
  const byRun = await metricsByRuns(app.deps.db, 1, [run]);
  return new Map((byRun.get(run) ?? []).map((metric) => [metric.key, metric]));
};
/** Sends and reads JSON as text, for numbers that JSON.parse can't hold. */
async function rawly(method: string, path: string, body?: string): Promise<string> {
  const response = await fetch(`${app.url}/api/2.0/mlflow/${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
  return text;
}

test('the latest point is the greatest by step, then timestamp, then value, in whatever order they arrive', async () => {
  const run = await newRun();
  const point = (step: number, timestamp: number, value: number) => log(run, [{ key: 'm', step, timestamp, value }]);
  await point(5, 10, 1);
  await point(4, 99, 9);
  expect(await latest(run)).toEqual([{ key: 'm', value: 1, timestamp: 10, step: 5 }]);
  await point(5, 11, 0.5);
  await point(5, 11, 0.25);
  expect(await latest(run)).toEqual([{ key: 'm', value: 0.5, timestamp: 11, step: 5 }]);
  await point(-3, 1, 100);
  expect((await latest(run))[0]).toMatchObject({ value: 0.5 });
  expect((await history(run, 'm')).map((one) => one.step)).toEqual([-3, 4, 5, 5, 5]);
  await log(run, [
    { key: 'm', step: 7, timestamp: 1, value: 3 },
    { key: 'm', step: 6, timestamp: 50, value: 8 },
  ]);
  expect((await latest(run))[0]).toMatchObject({ step: 7, value: 3 });
});

test('the same point again changes nothing, and statistics count each once', async () => {
  const run = await newRun();
  const points = [1, 2, 3, 4].map((step) => ({ key: 'm', step, timestamp: step, value: step * 1.5 }));
  await log(run, [...points, ...points]);
  await log(run, points.slice(1));
  await call('POST', 'runs/log-metric', { run_id: run, ...points[0] });
  expect(await history(run, 'm')).toHaveLength(4);
  expect((await statistics(run)).get('m')).toMatchObject({ count: 4, min: 1.5, max: 6, mean: 3.75, value: 6, first: { value: 1.5, step: 1 } });
});

test('doubles come back to the last digit, and what JSON cannot hold as strings', async () => {
  const run = await newRun();
  const values = [0.1 + 0.2, 1 / 3, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 2.2250738585072014e-308, 1e-320, 123456789012345680, -0];
  await log(
    run,
    values.map((value, step) => ({ key: 'm', step, timestamp: 1, value })),
  );
  expect((await history(run, 'm')).map((point) => point.value)).toEqual([...values.slice(0, -1), 0]);
  // A bare NaN, a string, and a number that is too great for a double.
  await rawly(
    'POST',
    'runs/log-batch',
    `{"run_id":"${run}","metrics":[
    {"key":"nan","value":NaN,"timestamp":1},{"key":"inf","value":"Infinity","timestamp":1},{"key":"inf","value":-Infinity,"timestamp":0},
    {"key":"big","value":1e400,"timestamp":1},{"key":"text","value":"0.5","timestamp":"7","step":"3"}]}`,
  );
  expect((await latest(run)).filter((one) => one.key !== 'm').map((one) => [one.key, one.value, one.timestamp])).toEqual([
    ['big', Number.MAX_VALUE, 1],
    ['inf', Number.MAX_VALUE, 1],
    ['nan', 'NaN', 1],
    ['text', 0.5, 7],
  ]);
  await log(run, [{ key: 'nan', value: 4, timestamp: 1, step: -1 }]);
  const of = await statistics(run);
  expect(of.get('nan')).toMatchObject({ count: 2, min: 4, max: 4, mean: 4 });
  expect(of.get('nan')!.value).toBeNaN();
  expect(of.get('inf')).toMatchObject({ count: 2, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY });
});

test('sums of the largest doubles do not overflow', async () => {
  const run = await newRun();
  for (let round = 0; round < 3; round += 1) {
    await log(
      run,
      Array.from({ length: 500 }, (_none, index) => ({ key: 'm', step: round * 500 + index, timestamp: 1, value: Number.MAX_VALUE })),
    );
  }
  const { mean, count } = (await statistics(run)).get('m')!;
  expect(count).toBe(1_500);
  expect(mean! / Number.MAX_VALUE).toBeCloseTo(1, 9);
});

test('steps and timestamps are exact over all of 64 bits', async () => {
  const run = await newRun();
  const [least, most] = ['-9223372036854775808', '9223372036854775807'];
  await rawly(
    'POST',
    'runs/log-batch',
    `{"run_id":"${run}","metrics":[
    {"key":"m","value":1,"timestamp":${most},"step":${least}},{"key":"m","value":2,"timestamp":"9007199254740993","step":"${most}"},{"key":"m","value":3,"timestamp":0,"step":0}]}`,
  );
  const text = await rawly('GET', `metrics/get-history?run_id=${run}&metric_key=m`);
  expect(text).toBe(
    `{"metrics":[{"key":"m","value":1,"timestamp":${most},"step":${least}},{"key":"m","value":3,"timestamp":0,"step":0},{"key":"m","value":2,"timestamp":9007199254740993,"step":${most}}]}`,
  );
  expect(await rawly('GET', `runs/get?run_id=${run}`)).toContain(`"timestamp":9007199254740993,"step":${most}`);
  const range = await rawly('GET', `metrics/get-history-bulk-interval?run_ids=${run}&metric_key=m&start_step=${least}&end_step=0&max_results=1`);
  expect(range).toContain(`"step":${least}`);
  expect(range).not.toContain(`"step":${most}`);
  const page = JSON.parse(await rawly('GET', `metrics/get-history?run_id=${run}&metric_key=m&max_results=1`)) as { next_page_token: string };
  expect(await rawly('GET', `metrics/get-history?run_id=${run}&metric_key=m&max_results=5&page_token=${page.next_page_token}`)).not.toContain(least);
});

describe('history', () => {
  let run: string;
  const all: Point[] = [];
  beforeAll(async () => {
    run = await newRun();
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1.5, 0, 1e308];
    for (let step = 0; step < 40; step += 1) {
      for (const [index, value] of odd.entries())
        all.push({ key: 'm', step: step % 7, timestamp: Math.floor(step / 3), value: index === 4 ? step : value });
    }
    await log(
      run,
      all.map((point) => ({ ...point, value: Number.isFinite(point.value) ? point.value : String(point.value) })),
    );
  });

  test.each([1, 7, 100])('in pages of %i is the whole history in order, with many points at one step', async (size) => {
    const whole = await history(run, 'm');
    const order = (value: number | string) => (value === 'NaN' ? Number.POSITIVE_INFINITY : Number(value));
    const sorted = [...whole].sort(
      (a, b) => a.step - b.step || a.timestamp - b.timestamp || order(a.value) - order(b.value) || (a.value === 'NaN' ? 1 : -1),
    );
    expect(whole).toEqual(sorted);
    expect(new Set(whole.map((one) => JSON.stringify(one))).size).toBe(whole.length);
    const paged: Point[] = [];
    let token: string | undefined;
    do {
      const page = await call('GET', 'metrics/get-history', { run_id: run, metric_key: 'm', max_results: size, ...(token && { page_token: token }) });
      expect(page.metrics.length).toBeLessThanOrEqual(size);
      paged.push(...page.metrics);
      token = page.next_page_token;
      // One by one is slow and says no more after this many.
    } while (token && (size > 1 || paged.length < 60));
    expect(paged).toEqual(whole.slice(0, paged.length));
    if (size > 1) expect(paged).toHaveLength(whole.length);
  });

  test('that nobody logged is empty, and a token of no page is refused', async () => {
    expect(await call('GET', 'metrics/get-history', { run_id: run, metric_key: 'never logged' })).toEqual({});
    for (const page_token of ['x', 'AAAA', Buffer.from('1 2').toString('base64url'), Buffer.from('1 2 x').toString('base64url')]) {
      const answer = await app.mlflow('GET', '2.0/mlflow/metrics/get-history', { run_id: run, metric_key: 'm', page_token });
      expect([answer.status, answer.body.message]).toEqual([400, 'Invalid page token, could not base64-decode']);
    }
  });

  test('of many runs at once, and sampled evenly with every first and last', async () => {
    const [long, short] = [await newRun(), await newRun()];
    for (let from = 0; from < 3_000; from += 1_000) {
      await log(
        long,
        Array.from({ length: 1_000 }, (_none, index) => ({ key: 'm', step: from + index, timestamp: 1, value: index })),
      );
    }
    await log(short, [
      { key: 'm', step: 17, timestamp: 1, value: 1 },
      { key: 'm', step: 2_981, timestamp: 1, value: 1 },
    ]);
    const ask = async (more: object) =>
      (await call('GET', 'metrics/get-history-bulk-interval', { run_ids: [long, short], metric_key: 'm', ...more })).metrics as (Point & {
        run_id: string;
      })[];
    const sample = await ask({ max_results: 10 });
    const steps = (id: string) => sample.filter((point) => point.run_id === id).map((point) => point.step);
    expect(steps(short)).toEqual([17, 2_981]);
    expect(steps(long)).toEqual([0, 17, 300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700, 2_981, 2_999]);
    expect((await ask({ start_step: 10, end_step: 20 })).map((point) => point.step)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 17]);
    const bulk = (await call('GET', 'metrics/get-history-bulk', { run_id: [short, long], metric_key: 'm', max_results: 5 })).metrics as {
      run_id: string;
    }[];
    expect(bulk).toHaveLength(5);
    expect(Object.keys(bulk[0]!).sort()).toEqual(['key', 'run_id', 'step', 'timestamp', 'value']);
  });
});

test('any points in any batches leave the statistics that a simple count gives', async () => {
  const value = fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e300), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  const point = fc.record({
    key: fc.constantFrom('a', 'b'),
    step: fc.integer({ min: -2, max: 4 }),
    timestamp: fc.integer({ min: 0, max: 2 }),
    value,
  });
  const batches = fc.array(fc.array(point, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
  const above = (a: number, b: number) => (Number.isNaN(a) ? !Number.isNaN(b) : a > b);
  await fc.assert(
    fc.asyncProperty(batches, async (given) => {
      const run = await newRun();
      for (const batch of given)
        await log(
          run,
          batch.map((one) => ({ ...one, value: Number.isFinite(one.value) ? one.value : String(one.value) })),
        );
      const found = await statistics(run);
      for (const key of ['a', 'b']) {
        const points = [
          ...new Map(
            given
              .flat()
              .filter((one) => one.key === key)
              .map((one) => [`${one.step} ${one.timestamp} ${one.value + 0}`, one]),
          ).values(),
        ];
        const metric = found.get(key);
        expect(Number(metric?.count ?? 0)).toBe(points.length);
        if (!metric) continue;
        const last = points.reduce((a, b) => ((b.step - a.step || b.timestamp - a.timestamp || (above(b.value, a.value) ? 1 : -1)) > 0 ? b : a));
        expect([metric.step, metric.timestamp, metric.value + 0]).toEqual([last.step, last.timestamp, last.value + 0]);
        const numbers = points.map((one) => one.value + 0).filter((one) => !Number.isNaN(one));
        expect([metric.min, metric.max]).toEqual(numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [null, null]);
        const mean = numbers.reduce((sum, one) => sum + one / numbers.length, 0);
        if (numbers.length === 0) expect(metric.mean).toBeNull();
        else if (Number.isFinite(mean)) expect(Math.abs(metric.mean! - mean)).toBeLessThanOrEqual(1e-9 * Math.max(1, ...numbers.map(Math.abs)));
        else expect(metric.mean).toBe(mean);
      }
    }),
    { numRuns: 25 },
  );
});

test('fifty writers of one run at once: no fault, no deadlock, and the statistics are right', async () => {
  const run = await newRun();
  const writers = Array.from({ length: 50 }, (_none, writer) => writer);
  const answers = await Promise.all(
    writers.map((writer) =>
      app.mlflow('POST', '2.0/mlflow/runs/log-batch', {
        run_id: run,
        metrics: [
          // Own keys, shared keys in another order for each, and points that all of them log.
          ...[...Array(20).keys()].map((index) => ({ key: `shared ${(index * 7 + writer) % 20}`, value: writer, timestamp: writer, step: writer })),
          ...[...Array(5).keys()].map((index) => ({ key: `own ${writer} ${index}`, value: 1, timestamp: 1, step: index })),
          ...[...Array(20).keys()].map((index) => ({ key: 'same', value: index, timestamp: index, step: (index * 3 + writer) % 20 })),
        ],
        params: [
          { key: `param ${writer % 10}`, value: 'v' },
          { key: 'for all', value: 'v' },
          { key: `p ${writer}`, value: `${writer}` },
        ],
        tags: [
          { key: 'mlflow.runName', value: `name ${writer}` },
          { key: `tag ${writer % 5}`, value: `${writer}` },
        ],
      }),
    ),
  );
  const updates = writers.slice(0, 20).map((writer) => app.mlflow('POST', '2.0/mlflow/runs/update', { run_id: run, run_name: `renamed ${writer}` }));
  const renames = writers
    .slice(0, 20)
    .map((writer) => app.mlflow('POST', '2.0/mlflow/runs/set-tag', { run_id: run, key: 'mlflow.runName', value: `tagged ${writer}` }));
  const all = [...answers, ...(await Promise.all([...updates, ...renames]))];
  expect(all.filter((answer) => answer.status !== 200).map((answer) => answer.body)).toEqual([]);
  const found = await statistics(run);
  for (let index = 0; index < 20; index += 1)
    expect(found.get(`shared ${index}`)).toMatchObject({ count: 50, min: 0, max: 49, mean: 24.5, value: 49, step: 49 });
  expect(found.get('same')).toMatchObject({ count: 400, min: 0, max: 19, mean: 9.5 });
  expect(found.size).toBe(20 + 250 + 1);
  const { info, data } = (await call('GET', 'runs/get', { run_id: run })).run;
  expect(data.params).toHaveLength(10 + 1 + 50);
  expect(data.tags.find((tag: { key: string }) => tag.key === 'mlflow.runName').value).toBe(info.run_name);
});
