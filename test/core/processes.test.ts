// Servers as processes: killed, stopped, started twice. What was acknowledged is there afterwards.
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../src/db/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';
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

/** Logs as fast as it can until the server is gone; the steps that were acknowledged. */
async function logUntilGone(server: ServerProcess, run: string, from: number): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let step = from; ; step += 10) {
    const steps = Array.from({ length: 10 }, (_none, index) => step + index);
    try {
      await call(server, 'POST', 'runs/log-batch', {
        run_id: run,
        metrics: steps.map((one) => ({ key: 'm', value: one, timestamp: 1, step: one })),
        params: [{ key: `p${step}`, value: 'v' }],
      });
    } catch {
      return acknowledged;
    }
    acknowledged.push(...steps);
  }
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
  const writers = Array.from({ length: 8 }, (_none, index) => logUntilGone(first, run, index * 1_000_000));
  await sleep(700);
  await first.kill();
  const acknowledged = (await Promise.all(writers)).flat();
  expect(acknowledged.length).toBeGreaterThan(0);

  // The database outlived it, and the next server takes it over.
  const before = postmaster('killed');
  const second = await start('killed', { RUNLEDGER_ADMIN_TOKEN: 'O'.repeat(40) });
  expect(postmaster('killed')).toBe(before);
  await expectAll(second, run, acknowledged);

  // Now both at once, as when the machine loses power.
  const again = Array.from({ length: 4 }, (_none, index) => logUntilGone(second, run, (index + 100) * 1_000_000));
  await sleep(400);
  await second.kill();
  await losePower('killed');
  acknowledged.push(...(await Promise.all(again)).flat());
  const third = await start('killed');
  expect(postmaster('killed')).not.toBe(before);
  await expectAll(third, run, acknowledged);
  expect(await third.stop()).toBe(0);
  expect(existsSync(pidFile('killed'))).toBe(false);
  // Nor is anything made a second time.
  expect(third.output()).not.toContain('database migrated');
}, 90_000);

test('SIGTERM lets an accepted request finish, takes no new ones, and ends with 0', async () => {
  const database = await freshDatabaseUrl();
  const server = await start('stopped', { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: 's'.repeat(32) });
  const run = await newRun(server);
  const body = JSON.stringify({ run_id: run, key: 'm', value: 1, timestamp: 1 });
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1');
  const head = ['POST /api/2.0/mlflow/runs/log-metric HTTP/1.1', 'Host: x', `Authorization: Bearer ${TOKEN}`, 'Content-Type: application/json'];
  socket.write(`${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  await sleep(150);
  const ended = server.stop();
  await sleep(300);
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  socket.write(body.slice(10));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  expect(await ended).toBe(0);
  socket.destroy();

  const db = openPool(database.url, { max: 1 });
  expect((await db.pool.query('select value from run_metrics')).rows).toEqual([{ value: 1 }]);
  await db.end();
  await database.drop();
});

test('two servers started at once on one empty database both come up, and serve the same', async () => {
  const database = await freshDatabaseUrl(null);
  const env = { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: 's'.repeat(32), RUNLEDGER_ARTIFACTS: `file://${path.join(folder, 'shared')}` };
  const [one, other] = await Promise.all([start('one', env), start('other', env)]);
  const run = await newRun(one);
  await call(other, 'POST', 'runs/log-metric', { run_id: run, key: 'm', value: 1, timestamp: 1 });
  expect((await call(one, 'GET', `runs/get?run_id=${run}`)).run.data.metrics).toHaveLength(1);
  const migrated = [one, other].filter((server) => server.output().includes('database migrated'));
  expect(migrated).toHaveLength(1);
  expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0]);
  await database.drop();
});

test('a wrong configuration is told at once, in words, with code 1', async () => {
  const wrong = start('wrong', { RUNLEDGER_PORT: 'x', RUNLEDGER_ADMIN_TOKEN: 'short', DATABASE_URL: 'postgres://127.0.0.1:1/none' });
  await expect(wrong).rejects.toThrow(/ended with 1[\s\S]*RUNLEDGER_PORT[\s\S]*RUNLEDGER_ADMIN_TOKEN[\s\S]*RUNLEDGER_JWT_SECRET/);
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const database = await freshDatabaseUrl();
  const env = { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: 's'.repeat(32), RUNLEDGER_PORT: String((taken.address() as net.AddressInfo).port) };
  await expect(start('taken', env)).rejects.toThrow(/ended with 1[\s\S]*EADDRINUSE/);
  taken.close();
  await database.drop();
});
