// Servers as processes: killed, stopped, started twice. What was acknowledged is there afterwards.
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openPool } from '../../src/postgres/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { follow, liveClient } from '../support/live.ts';
import { type Built, buildServer, type ServerProcess, startServer } from '../support/server.ts';

const TOKEN = 'K'.repeat(40);
let built: Built;
let folder: string;
const running = new Set<ServerProcess>();

beforeAll(async () => {
  built = await buildServer();
  folder = await mkdtemp(path.join(tmpdir(), 'runledger-processes-'));
  await chmod(folder, 0o755);
});
afterAll(async () => {
  for (const server of running) await server.stop();
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

async function start(name: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer(built.main, { RUNLEDGER_DATA_DIR: path.join(folder, name), RUNLEDGER_ADMIN_TOKEN: TOKEN, ...env });
  running.add(server);
  server.process.once('exit', () => running.delete(server));
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;
async function call(server: ServerProcess, method: string, route: string, body?: unknown): Promise<Loose> {
  const response = await fetch(`${server.url}/api/2.0/mlflow/${route}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
const newRun = async (server: ServerProcess): Promise<string> =>
  (await call(server, 'POST', 'runs/create', { experiment_id: '0', start_time: 1 })).run.info.run_id;

/** Logs as fast as it can until the server is gone. */
async function logUntilGone(server: ServerProcess, run: string, from: number, acknowledged: number[]): Promise<void> {
  for (let step = from; ; step += 10) {
    const steps = Array.from({ length: 10 }, (_none, index) => step + index);
    try {
      await call(server, 'POST', 'runs/log-batch', {
        run_id: run,
        metrics: steps.map((one) => ({ key: 'm', value: one, timestamp: 1, step: one })),
        params: [{ key: `p${step}`, value: 'v' }],
      });
    } catch {
      return;
    }
    acknowledged.push(...steps);
  }
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(20);
}

const pidFile = (name: string) => path.join(folder, name, 'postgres/postmaster.pid');
const postmaster = (name: string) => Number(readFileSync(pidFile(name), 'utf8').split('\n')[0]);

/** As when the machine loses power: no shutdown, and after the restart the process number in the lock file is nobody's. */
async function losePower(name: string): Promise<void> {
  process.kill(postmaster(name), 'SIGKILL');
  await sleep(200);
  writeFileSync(pidFile(name), readFileSync(pidFile(name), 'utf8').replace(/^\d+/, '4194000'));
}

async function expectAll(server: ServerProcess, run: string, acknowledged: number[]): Promise<void> {
  const { metrics } = await call(server, 'GET', `metrics/get-history?run_id=${run}&metric_key=m`);
  const there = new Set(metrics.map((point: { step: number }) => point.step));
  expect(there.size).toBe(metrics.length);
  expect(acknowledged.filter((step) => !there.has(step))).toEqual([]);
  const { data } = (await call(server, 'GET', `runs/get?run_id=${run}`)).run;
  expect(data.metrics[0].step).toBe(Math.max(...(there as Set<number>)));
  // Points and the param of their batch came together or not at all.
  expect(data.params.length * 10).toBe(metrics.length);
}

test('a server killed while it logs loses nothing that it acknowledged, nor does its database', async () => {
  const first = await start('killed');
  const run = await newRun(first);
  // More than the database has connections for, so that requests wait at every place where they can.
  const acknowledged: number[] = [];
  const writers = Array.from({ length: 64 }, (_none, index) => logUntilGone(first, run, index * 1_000_000, acknowledged));
  await until(() => acknowledged.length > 2_000);
  await first.kill();
  await Promise.all(writers);

  // The database outlived it, and the next server takes it over.
  const before = postmaster('killed');
  const second = await start('killed', { RUNLEDGER_ADMIN_TOKEN: 'O'.repeat(40) });
  expect(postmaster('killed')).toBe(before);
  await expectAll(second, run, acknowledged);

  // Now both at once, as when the machine loses power.
  const stored = acknowledged.length;
  const again = Array.from({ length: 4 }, (_none, index) => logUntilGone(second, run, (index + 100) * 1_000_000, acknowledged));
  await until(() => acknowledged.length > stored + 100);
  await second.kill();
  await losePower('killed');
  await Promise.all(again);
  const third = await start('killed');
  expect(postmaster('killed')).not.toBe(before);
  await expectAll(third, run, acknowledged);
  expect(await third.stop()).toBe(0);
  expect(existsSync(pidFile('killed'))).toBe(false);
  // Nor is anything made a second time.
  expect(third.output()).not.toContain('database migrated');
});

test('SIGTERM lets an accepted request finish, takes no new ones, and ends with 0', async () => {
  const database = await freshDatabaseUrl();
  const server = await start('stopped', { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f' });
  const run = await newRun(server);
  const body = JSON.stringify({ run_id: run, key: 'm', value: 1, timestamp: 1 });
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1');
  const head = [
    'POST /api/2.0/mlflow/runs/log-metric HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${TOKEN}`,
    'Content-Type: application/json',
    'Expect: 100-continue',
  ];
  socket.write(`${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  // As a browser opens one to spare: it must not keep the server.
  const silent = net.connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 100 /);
  const ended = server.stop();
  await vi.waitFor(() => expect(fetch(`${server.url}/health`)).rejects.toThrow(), { timeout: 300_000, interval: 50 });
  socket.write(body.slice(10));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ended).toBe(0);
  socket.destroy();
  silent.destroy();

  const db = openPool(database.url, { max: 1 });
  expect((await db.pool.query('select value from run_metrics')).rows).toEqual([{ value: 1 }]);
  await db.end();
  await database.drop();
});

test('two servers started at once on one empty database both come up, and serve the same', async () => {
  const database = await freshDatabaseUrl(null);
  const env = {
    DATABASE_URL: database.url,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_ARTIFACTS: `file://${path.join(folder, 'shared')}`,
  };
  const [one, other] = await Promise.all([start('one', env), start('other', env)]);
  const run = await newRun(one);
  await call(other, 'POST', 'runs/log-metric', { run_id: run, key: 'm', value: 1, timestamp: 1 });
  expect((await call(one, 'GET', `runs/get?run_id=${run}`)).run.data.metrics).toHaveLength(1);
  const migrated = [one, other].filter((server) => server.output().includes('database migrated'));
  expect(migrated).toHaveLength(1);
  expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0]);
  await database.drop();
});

/** A client that goes on whatever happens, until it is told to stop. */
async function logThroughout(server: ServerProcess, run: string, from: number, acknowledged: number[], isOver: () => boolean): Promise<void> {
  for (let step = from; !isOver(); step += 1) {
    await call(server, 'POST', 'runs/log-metric', { run_id: run, key: 'm', value: step, timestamp: 1, step }).then(
      () => acknowledged.push(step),
      () => sleep(5),
    );
  }
}

const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

test('workers share a port: all is seen by subscribers, one that dies is replaced, and SIGTERM ends them all', async () => {
  const database = await freshDatabaseUrl();
  const server = await start('workers', {
    DATABASE_URL: database.url,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_WORKERS: '2',
  });
  const workers = childrenOf(server.process.pid!);
  expect(workers).toHaveLength(2);
  const run = await newRun(server);
  const client = liveClient(server.url, TOKEN);
  const live = follow<{ points: { step: number }[] }>(client, 'subscription($r: [String!]!) { metricPoints(runIds: $r) { points { step } } }', {
    r: [run],
  });
  await live.until((seen) => seen.length > 0);
  const acknowledged: number[] = [];
  let over = false;
  // A connection each, which the workers are given in turn.
  const log = (from: number) =>
    Array.from({ length: 8 }, (_none, index) => logThroughout(server, run, (from + index) * 1_000_000, acknowledged, () => over));
  const writers = log(0);
  await until(() => acknowledged.length > 100);
  over = true;
  await Promise.all(writers);
  const told = () => live.seen.flatMap(({ points }) => points.map((point) => point.step)).sort((a, b) => a - b);
  await live.until(() => told().length >= acknowledged.length);
  expect(told()).toEqual(acknowledged.sort((a, b) => a - b));
  live.stop();
  await client.dispose();

  over = false;
  const again = log(10);
  const before = acknowledged.length;
  await until(() => acknowledged.length > before + 50);
  process.kill(workers[0]!, 'SIGKILL');
  await until(() => server.output().includes('starting another') && childrenOf(server.process.pid!).length === 2);
  const then = acknowledged.length;
  await until(() => acknowledged.length > then + 50);
  over = true;
  await Promise.all(again);
  const { metrics } = await call(server, 'GET', `metrics/get-history?run_id=${run}&metric_key=m`);
  const there = new Set(metrics.map((point: { step: number }) => point.step));
  expect(there.size).toBe(metrics.length);
  expect(acknowledged.filter((step) => !there.has(step))).toEqual([]);
  const measured = async () => await (await fetch(`${server.url}/metrics`)).text();
  expect(await measured()).toMatch(/^runledger_workers 2$/m);
  // Of both, as of some seconds ago; what the one that was killed had counted is gone with it.
  const pools = /^runledger_database_pool_connections (\d+)$/m;
  await vi.waitFor(async () => expect(Number(pools.exec(await measured())?.[1])).toBeGreaterThan(2), { timeout: 300_000, interval: 200 });
  expect(await measured()).toMatch(/runledger_http_request_duration_seconds_count\{[^}]*log-metric/);

  const all = childrenOf(server.process.pid!);
  expect(await server.stop()).toBe(0);
  for (const pid of all) expect(existsSync(`/proc/${pid}`)).toBe(false);
  await database.drop();
});

test('five hundred writers on one experiment are all served, in step or not', async () => {
  const database = await freshDatabaseUrl();
  const server = await start('many', { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f' });
  const runs = await Promise.all(Array.from({ length: 50 }, () => newRun(server)));
  await Promise.all(
    Array.from({ length: 500 }, async (_none, writer) => {
      for (let step = 0; step < 4; step += 1) {
        await call(server, 'POST', 'runs/log-batch', {
          run_id: runs[(writer + step) % runs.length],
          // Ten writers to a run, in opposite orders of keys, each at steps of its own.
          metrics: (writer % 2 ? ['a', 'm', 'z'] : ['z', 'm', 'a']).map((key) => ({ key, value: writer, timestamp: 1, step: 500 * step + writer })),
          params: [{ key: `p${writer}`, value: 'v' }],
        });
      }
    }),
  );
  const counts = await Promise.all(
    runs.map(async (run) => (await call(server, 'GET', `metrics/get-history?run_id=${run}&metric_key=m`)).metrics.length as number),
  );
  expect(counts).toEqual(runs.map(() => 40));
  expect(server.output()).not.toContain('deadlock');
  expect(await server.stop()).toBe(0);
  await database.drop();
});

test('a wrong configuration is told at once, in words, with code 1', async () => {
  const wrong = start('wrong', { RUNLEDGER_PORT: 'x', RUNLEDGER_ADMIN_TOKEN: 'short', DATABASE_URL: 'postgres://127.0.0.1:1/none' });
  await expect(wrong).rejects.toThrow(/ended with 1[\s\S]*RUNLEDGER_PORT[\s\S]*RUNLEDGER_ADMIN_TOKEN[\s\S]*RUNLEDGER_JWT_SECRET/);
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const database = await freshDatabaseUrl();
  const env = {
    DATABASE_URL: database.url,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_PORT: String((taken.address() as net.AddressInfo).port),
  };
  await expect(start('taken', env)).rejects.toThrow(/ended with 1[\s\S]*EADDRINUSE/);
  taken.close();
  await database.drop();
});
