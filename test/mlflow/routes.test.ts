// The route tables: their page in docs/ is fresh, and what isn't there says so.
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { artifactEndpoints } from '../../src/mlflow/artifacts.ts';
import { printCoverage } from '../../src/mlflow/coverage.ts';
import { routes } from '../../src/mlflow/routes.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('docs/mlflow-coverage.md is what the tables say (npm run print-coverage)', async () => {
  await expect(printCoverage()).toMatchFileSnapshot('../../docs/mlflow-coverage.md');
});

test('no endpoint stands twice, and every one has a purpose', () => {
  const all = [...routes, ...artifactEndpoints];
  const keys = all.map((row) => `${row.method} ${row.path}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  expect(all.filter((row) => row.purpose === '' || row.purpose.includes('|'))).toEqual([]);
});

test.each(['POST 2.0/mlflow/traces', 'GET 3.0/mlflow/scorers/list', 'POST 2.0/mlflow/users/create', 'GET 2.0/mlflow/nothing'])(
  '%s is not here and says so',
  async (key) => {
    const [method, path] = key.split(' ') as [string, string];
    const { status, body } = await app.mlflow(method, path);
    expect([status, body.error_code]).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(body.message).toContain(`${method} /api/${path}`);
  },
);

/** Statements that a request waits for, by name; those of signing in, and of announcing what changed (for many requests at once), aside. */
async function statementsOf(work: () => Promise<{ status: number }>): Promise<string[]> {
  const names: string[] = [];
  const stop = app.deps.db.onStatement(({ name }) => names.push(name));
  try {
    expect((await work()).status).toBe(200);
  } finally {
    stop();
  }
  return names.filter((name) => !/^(people|auth|tokens|events|changes)\./.test(name));
}

test('hot paths are a few statements, however much they carry', async () => {
  const call = async (method: string, path: string, body: Record<string, unknown>) => app.mlflow(method, `2.0/mlflow/${path}`, body);
  const { experiment_id } = (await call('POST', 'experiments/create', { name: 'hot' })).body;
  const newRun = async (index: number): Promise<string> =>
    (await call('POST', 'runs/create', { experiment_id, start_time: index, tags: [{ key: 't', value: `${index}` }] })).body.run.info.run_id;
  const runs = await Promise.all(Array.from({ length: 100 }, (_none, index) => newRun(index)));
  const batch = (run: string) => ({
    run_id: run,
    metrics: ['a', 'b', 'c'].map((key) => ({ key, value: 1, timestamp: 1 })),
    params: [{ key: 'p', value: '1' }],
  });
  await Promise.all(runs.map((run) => call('POST', 'runs/log-batch', batch(run))));

  const logged = await statementsOf(() => call('POST', 'runs/log-metric', { run_id: runs[0], key: 'a', value: 2, timestamp: 2, step: 2 }));
  expect(logged).toEqual(['ingest.points']);
  const many = Array.from({ length: 900 }, (_none, step) => ({ key: 'abc'[step % 3]!, value: step, timestamp: 5, step }));
  expect(await statementsOf(() => call('POST', 'runs/log-batch', { run_id: runs[1], metrics: many }))).toEqual(['ingest.points']);
  expect((await statementsOf(() => call('POST', 'runs/log-parameter', { run_id: runs[1], key: 'p', value: '1' }))).length).toBeLessThanOrEqual(5);
  expect((await statementsOf(() => call('GET', 'runs/get', { run_id: runs[0] }))).length).toBeLessThanOrEqual(6);
  const search = (order_by: string[]) =>
    statementsOf(() => call('POST', 'runs/search', { experiment_ids: [experiment_id], max_results: 100, order_by }));
  expect((await search([])).length).toBeLessThanOrEqual(6);
  // The runs that have the metric, then those that lack it.
  expect((await search(['metrics.a DESC'])).length).toBeLessThanOrEqual(7);
  const bulk = { run_ids: runs, metric_key: 'a', max_results: 50 };
  expect((await statementsOf(() => call('GET', 'metrics/get-history-bulk-interval', bulk))).length).toBeLessThanOrEqual(4);
});

test('a GET is read from its body where the address asks for nothing', async () => {
  const { hostname, port } = new URL(app.url);
  const send = (path: string, body: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request({ hostname, port, path, method: 'GET', headers }, (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () => resolve({ status: response.statusCode!, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const found = await send('/api/2.0/mlflow/experiments/get', '{"experiment_id": "0"}');
  expect(found.status).toBe(200);
  expect(JSON.parse(found.text).experiment.name).toBe('Default');
  // The address counts where it says something.
  const both = await send('/api/2.0/mlflow/experiments/get?experiment_id=0', '{"experiment_id": "4711"}');
  expect(both.status).toBe(200);
  expect((await send('/api/2.0/mlflow/experiments/get', '{"experiment_id": ')).status).toBe(400);
  expect((await app.mlflow('GET', '2.0/mlflow/experiments/get', { experiment_id: '-1337' })).body).toMatchObject({
    error_code: 'RESOURCE_DOES_NOT_EXIST',
  });
});
