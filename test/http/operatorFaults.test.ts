// What an operator can mend, made for real in a real Postgres: callers get a 503 that says so and when to come back, /ready says which part, the log is short.
import { randomBytes } from 'node:crypto';
import { chownSync, statSync } from 'node:fs';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { smallDisk } from '../support/smallDisk.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

type Scene = { app: TestApp; name: string; lines: string[]; run: string; admin: pg.Client };

/** A server whose log is kept, and somebody who may do anything to its database. */
async function scene(by?: (url: string, admin: pg.Client) => Promise<string>): Promise<Scene> {
  const admin = new pg.Client({ connectionString: inject('databaseServer') });
  await admin.connect();
  cleanups.push(() => admin.end());
  const lines: string[] = [];
  let name = '';
  const app = await startApp({
    log: pino({ level: 'info', base: null }, { write: (line: string) => void lines.push(line) }),
    by: async (url) => {
      name = new URL(url).pathname.slice(1);
      return by ? by(url, admin) : url;
    },
  });
  cleanups.push(() => app.close());
  const run = (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id;
  return { app, name, lines, run, admin };
}
async function connect({ name }: Scene): Promise<pg.Client> {
  const url = new URL(inject('databaseServer'));
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  // It is cut with the others.
  client.on('error', () => {});
  await client.connect();
  cleanups.push(() => client.end());
  return client;
}
/** What was set holds for new connections. */
const cut = ({ admin, name }: Scene) => admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
const log = ({ app, run }: Scene, key: string, value = 'v') => app.mlflow('POST', '2.0/mlflow/runs/log-parameter', { run_id: run, key, value });

async function expectFault(here: Scene, reason: string, ready: RegExp | null): Promise<void> {
  let count = 0;
  await vi.waitFor(
    async () => {
      const { status, body, headers } = await log(here, `p${++count}`, 'x'.repeat(6_000));
      expect(body).toMatchObject({ error_code: 'TEMPORARILY_UNAVAILABLE' });
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      const told = await here.app.graphql('mutation($i: LogBatchInput!) { logBatch(input: $i) { run { id } } }', {
        i: { runId: here.run, tags: [{ key: 't', value: randomBytes(3_000).toString('hex') }] },
      });
      expect(told.body.errors[0].extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true, reason });
    },
    { timeout: 300_000, interval: 50 },
  );
  if (ready)
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${here.app.url}/ready`);
        expect(answer.status).toBe(503);
        expect(await answer.text()).toMatch(ready);
      },
      { timeout: 300_000, interval: 50 },
    );
  // Many callers, few lines, and none of them long.
  here.lines.splice(0);
  const from = performance.now();
  await Promise.all(Array.from({ length: 60 }, (_none, index) => log(here, `many${index}`)));
  const seconds = (performance.now() - from) / 1_000;
  const ours = here.lines.filter((line) => line.includes(`"${reason}"`));
  expect(ours.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  for (const line of ours) expect(line.length).toBeLessThan(700);
}

async function expectMended(here: Scene): Promise<void> {
  await cut(here);
  await vi.waitFor(
    async () => {
      expect((await log(here, 'after')).status).toBe(200);
    },
    { timeout: 300_000, interval: 50 },
  );
}

test('a database that takes no writes', async () => {
  const here = await scene();
  await here.admin.query(`alter database ${here.name} set default_transaction_read_only = on`);
  await cut(here);
  await expectFault(here, 'database-read-only', /^database: takes no writes/);
  expect((await here.app.mlflow('GET', '2.0/mlflow/runs/get', { run_id: here.run })).status).toBe(200);
  await here.admin.query(`alter database ${here.name} reset default_transaction_read_only`);
  await expectMended(here);
  expect((await fetch(`${here.app.url}/ready`)).status).toBe(200);
});

test('statements that take longer than the database lets them', async () => {
  const here = await scene();
  await here.admin.query(`alter database ${here.name} set statement_timeout = '300ms'`);
  await cut(here);
  const locker = await connect(here);
  // What somebody else holds is waited for.
  await locker.query('begin; set local statement_timeout = 0; lock table run_params, run_tags in access exclusive mode');
  await expectFault(here, 'database-timeout', null);
  await locker.query('rollback');
  await here.admin.query(`alter database ${here.name} reset statement_timeout`);
});

test('another password, and then no database at all', async () => {
  const role = `r_${randomBytes(5).toString('hex')}`;
  const here = await scene(async (url, admin) => {
    await admin.query(`create role ${role} superuser login password 'first'`);
    const own = new URL(url);
    own.username = role;
    own.password = 'first';
    return own.href;
  });
  await here.admin.query(`alter role ${role} password 'second'`);
  await cut(here);
  await expectFault(here, 'database-refused', /^database: refuses the server's sign-in/);
  await here.admin.query(`alter role ${role} password 'first'`);
  await expectMended(here);
  await here.admin.query(`drop database ${here.name} with (force)`);
  await expectFault(here, 'database-refused', /^database: refuses the server's sign-in/);
  cleanups.unshift(async () => {
    const admin = new pg.Client({ connectionString: inject('databaseServer') });
    await admin.connect();
    await admin.query(`drop role ${role}`);
    await admin.end();
  });
});

test('a database without space', async ({ skip }) => {
  const disk = await smallDisk(64);
  if (!disk) return skip('nothing can be mounted here');
  const here = await scene();
  const { rows } = await here.admin.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  const { uid, gid } = statSync(rows[0]!.folder);
  chownSync(disk.folder, uid, gid);
  const space = `s_${randomBytes(5).toString('hex')}`;
  await here.admin.query(`create tablespace ${space} location '${disk.folder}'`);
  // Runs when the database is gone again.
  cleanups.unshift(async () => {
    const admin = new pg.Client({ connectionString: inject('databaseServer') });
    await admin.connect();
    await admin.query(`drop tablespace ${space}`);
    await admin.end();
    await disk.remove();
  });
  await cut(here);
  await vi.waitFor(() => here.admin.query(`alter database ${here.name} set tablespace ${space}`), { timeout: 300_000, interval: 20 });
  const filler = await connect(here);
  await filler.query('create unlogged table filler (text text)');
  for (let rowCount = 20_000; rowCount >= 1; ) {
    await filler.query(`insert into filler select repeat(md5(random()::text), 60) from generate_series(1, ${rowCount})`).catch(() => {
      rowCount = Math.floor(rowCount / 4);
    });
  }
  await expectFault(here, 'database-full', /^database: has no space left/);
  await filler.query('drop table filler');
  await expectMended(here);
});
