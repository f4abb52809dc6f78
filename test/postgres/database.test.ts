// A database that goes away, comes back, or finds two writers in each other's way.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { internKeyIds } from '../../src/points/keyIds.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { sql } from '../../src/postgres/pool.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const newRun = async (): Promise<string> => (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id;

test('connections that are cut cost a 503 at most, and nothing that was acknowledged', async () => {
  const run = await newRun();
  const acknowledged: number[] = [];
  const answers = new Set<number>();
  let cutting = true;
  const write = async (from: number) => {
    for (let step = from; cutting; step += 1) {
      const metrics = [{ key: 'm', value: step, timestamp: 1, step }];
      // With a param it is a transaction of several statements.
      const { status } = await app.mlflow('POST', '2.0/mlflow/runs/log-batch', {
        run_id: run,
        metrics,
        params: [{ key: `p${step % 50}`, value: 'v' }],
      });
      answers.add(status);
      if (status === 200) acknowledged.push(step);
    }
  };
  const writers = Array.from({ length: 6 }, (_none, index) => write(index * 1_000_000));
  for (let round = 0; round < 5; round += 1) {
    await sleep(60);
    await app.deps.db.pool
      .query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
      .catch(() => {});
  }
  await sleep(60);
  cutting = false;
  await Promise.all(writers);
  expect([...answers].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const { body } = await app.mlflow('GET', '2.0/mlflow/metrics/get-history', { run_id: run, metric_key: 'm' });
  const there = new Set(body.metrics.map((point: { step: number }) => point.step));
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((step) => !there.has(step))).toEqual([]);
  expect((await app.mlflow('GET', '2.0/mlflow/runs/get', { run_id: run })).status).toBe(200);
});

test('of two transactions that wait for each other, both get through', async () => {
  const { db } = app.deps;
  await db.pool.query('create table tug (id integer primary key, count integer not null); insert into tug values (1, 0), (2, 0)');
  const add = sql('/* tug.add */ update tug set count = count + 1 where id = $1 returning count');
  let attempts = 0;
  const pull = (first: number, second: number) =>
    db.tx(async (tx) => {
      attempts += 1;
      await tx.rows(add, [first]);
      await sleep(100);
      await tx.rows(add, [second]);
    });
  await Promise.all([pull(1, 2), pull(2, 1)]);
  expect((await db.pool.query('select count from tug')).rows).toEqual([{ count: 2 }, { count: 2 }]);
  expect(attempts).toBeGreaterThan(2);
});

test('new names that many writers add at once are added once', async () => {
  const { db } = app.deps;
  const names = Array.from({ length: 40 }, (_none, index) => `new ${index}`);
  const shuffled = () => [...names].sort(() => Math.random() - 0.5);
  const found = await Promise.all(Array.from({ length: 12 }, () => internKeyIds(db, 1, shuffled())));
  for (const one of found) expect(Object.fromEntries(one)).toEqual(Object.fromEntries(found[0]!));
});

test('a migration that was applied can not be rewritten, and a second start applies none', async () => {
  const { db } = app.deps;
  expect(await migrate(db)).toEqual([]);
  await db.pool.query(`update _prisma_migrations set checksum = 'other' where migration_name like '0001%'`);
  await expect(migrate(db)).rejects.toThrow(/was applied with another content.*docs\/deploy\.md/);
});
