// A database that changes its place without a word: the connections stay open and are silent. Through a real proxy before the real Postgres.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { type TestProxy, throughProxy } from '../support/proxy.ts';

let app: TestApp;
let proxy: TestProxy;
beforeAll(async () => {
  app = await startApp({
    by: async (url) => {
      const through = await throughProxy(url);
      proxy = through.proxy;
      return through.url;
    },
  });
});
afterAll(async () => {
  await app.close();
  await proxy.close();
});

const log = (run: string, step: number) =>
  app.mlflow('POST', '2.0/mlflow/runs/log-metric', { run_id: run, key: 'm', value: step, timestamp: 1, step });

async function until(done: () => Promise<boolean>, limitMs = 300_000): Promise<number> {
  const started = performance.now();
  while (!(await done())) {
    if (performance.now() - started > limitMs) throw new Error(`not within ${limitMs} ms`);
    await sleep(50);
  }
  return performance.now() - started;
}

test('silent connections are found and replaced, whoever holds them, and the server says meanwhile that it is not ready', async () => {
  const run = (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id as string;
  // Many at once, so that the pool is full of connections.
  await Promise.all(Array.from({ length: 20 }, (_none, step) => log(run, step)));
  const heard: string[] = [];
  app.deps.bus.on(null, 'run', () => heard.push('event'));

  proxy.silence();
  const stuck = Array.from({ length: 20 }, (_none, step) => log(run, 100 + step));
  const ready = await fetch(`${app.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/^database: does not answer/);
  // While nothing can be reached every call ends, with a 503.
  for (const { status } of await Promise.all(stuck)) expect(status).toBe(503);

  // Work is under way on connections that are silent, and new ones are served.
  const late = Array.from({ length: 5 }, (_none, step) => log(run, 200 + step));
  proxy.heal();
  const took = await until(async () => (await log(run, 300)).status === 200);
  await Promise.all(late);
  expect((await fetch(`${app.url}/ready`)).status).toBe(200);
  heard.length = 0;
  await until(async () => {
    await log(run, 301);
    return heard.length > 0;
  });
  process.stdout.write(`writes were taken again after ${Math.round(took)} ms\n`);
});

test('a statement that takes long is left alone', async () => {
  const { pool } = app.deps.db;
  expect((await pool.query('/* slow */ select pg_sleep(8), 1 as one')).rows[0].one).toBe(1);
});
