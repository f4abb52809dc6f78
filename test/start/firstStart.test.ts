// First starts that are killed at any moment, and what a crash leaves: the next start comes up, or says in one sentence what to do. Nothing hangs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { type Built, buildServer, startServer } from '../support/server.ts';
import { smallDisk } from '../support/smallDisk.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 });
let built: Built;
let folder: string;
beforeAll(async () => {
  built = await buildServer();
  folder = await mkdtemp(path.join(tmpdir(), 'runledger-first-'));
  await chmod(folder, 0o755);
});
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

const start = (dataDir: string, env: Record<string, string> = {}) => startServer(built.main, { RUNLEDGER_DATA_DIR: dataDir, ...env });
const secretsOf = (data: string) =>
  JSON.parse(readFileSync(path.join(data, 'secrets.json'), 'utf8')) as { adminToken: string; adminPassword: string };

async function logRun(url: string, token: string): Promise<void> {
  const answer = await fetch(`${url}/api/2.0/mlflow/runs/create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_id: '0', start_time: 1 }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

/** Processes that work in a folder. */
async function processesIn(place: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_pid, index) => places[index] === place);
}

/** How long a first start takes here. */
async function measure(): Promise<number> {
  const started = performance.now();
  const server = await start(path.join(folder, 'measured'));
  const took = performance.now() - started;
  expect(await server.stop()).toBe(0);
  return took;
}

test('a first start that is killed at any moment, again and again, is finished by the next', async () => {
  const most = await measure();
  for (let round = 0; round < 2; round += 1) {
    const data = path.join(folder, `killed ${round}`);
    for (let kill = 0; kill < 5; kill += 1) {
      const child = spawn(process.execPath, [built.main], {
        env: { PATH: process.env.PATH, RUNLEDGER_PORT: '0', RUNLEDGER_DATA_DIR: data },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (part) => {
        output += part;
      });
      child.stderr.on('data', (part) => {
        output += part;
      });
      const exited = once(child, 'exit');
      const ended = await Promise.race([exited.then(([code]) => code), sleep(Math.random() * most)]);
      // It came to an end by itself: that would be a fault.
      expect(ended ?? 0, output).toBe(0);
      child.kill(kill % 2 ? 'SIGTERM' : 'SIGKILL');
      await exited;
    }
    const server = await start(data);
    const { adminToken, adminPassword } = secretsOf(data);
    await logRun(server.url, adminToken);
    expect(adminPassword).toHaveLength(20);
    expect(await server.stop()).toBe(0);
  }
});

test('a cluster without its database, and the number of another process in its lock file', async () => {
  const data = path.join(folder, 'half');
  const first = await start(data);
  const { adminToken } = secretsOf(data);
  await logRun(first.url, adminToken);
  const lock = path.join(data, 'postgres/postmaster.pid');
  const text = readFileSync(lock, 'utf8');
  const { uid, gid } = statSync(lock);
  await first.kill();
  process.kill(Number(text.split('\n')[0]), 'SIGKILL');
  // Its children notice, and hold the memory until then.
  const cluster = await realpath(path.dirname(lock));
  await expect.poll(() => processesIn(cluster), { timeout: 300_000 }).toEqual([]);
  // Of a process that lives: this one.
  writeFileSync(lock, text.replace(/^\d+/, String(process.pid)), { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(lock, uid, gid);
  const second = await start(data);
  await logRun(second.url, adminToken);
  expect(await second.stop()).toBe(0);

  const { databasePassword } = JSON.parse(await readFile(path.join(data, 'secrets.json'), 'utf8'));
  const embedded = await startEmbedded(path.join(data, 'postgres'), databasePassword);
  const admin = new pg.Client({ connectionString: embedded.url.replace(/runledger$/, 'postgres') });
  await admin.connect();
  await admin.query('drop database runledger with (force)');
  await admin.end();
  const third = await start(data);
  await logRun(third.url, secretsOf(data).adminToken);
  expect(await third.stop()).toBe(0);
});

test('a Postgres that says nothing is told, with what to do', async () => {
  const data = path.join(folder, 'stopped');
  const first = await start(data);
  const { adminToken } = secretsOf(data);
  const pid = Number(readFileSync(path.join(data, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  await first.kill();
  process.kill(pid, 'SIGSTOP');
  await expect(start(data)).rejects.toThrow(
    new RegExp(`ended with 1:\\nThe database in .* runs \\(process ${pid}\\) and does not answer.*kill -9 ${pid}.*\\n$`),
  );
  process.kill(pid, 'SIGCONT');
  const second = await start(data);
  await logRun(second.url, adminToken);
  expect(await second.stop()).toBe(0);
});

test('a disk without room for a database', async ({ skip }) => {
  const disk = await smallDisk(16);
  if (!disk) return skip('nothing can be mounted here');
  try {
    await expect(start(path.join(disk.folder, 'data'))).rejects.toThrow(
      /ended with 1:\nCould not make a database in .*: the disk is full\. Make room, and start again\.\n$/,
    );
    await expect(stat(path.join(disk.folder, 'data/postgres'))).rejects.toThrow('ENOENT');
  } finally {
    await disk.remove();
  }
});

test('secrets that were half written before anything was made with them are made anew', async () => {
  const data = path.join(folder, 'half written');
  await mkdir(data, { recursive: true });
  await chmod(data, 0o711);
  await writeFile(path.join(data, 'secrets.json'), '{"jwtSe');
  await writeFile(path.join(data, 'secrets.json.new'), '');
  const server = await start(data);
  await logRun(server.url, secretsOf(data).adminToken);
  expect(await server.stop()).toBe(0);
});

test('no secret goes to a log: it is in a file of its owner alone, and what came by variable is nowhere', async () => {
  const data = path.join(folder, 'told');
  const first = await start(data);
  await vi.waitFor(() => expect(first.output()).toMatch(/^ {2}Data /m), { timeout: 300_000 });
  const { adminToken, adminPassword } = secretsOf(data);
  const file = path.join(data, 'sign-in.txt');
  expect(first.output()).toContain(file);
  for (const secret of [adminToken, adminPassword, '#/sign-in/']) expect(first.output()).not.toContain(secret);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (const secret of [adminToken, adminPassword, '#/sign-in/']) expect(await readFile(file, 'utf8')).toContain(secret);
  expect(await first.stop()).toBe(0);

  const given = path.join(folder, 'given');
  const env = { RUNLEDGER_ADMIN_TOKEN: 'G'.repeat(40), RUNLEDGER_ADMIN_PASSWORD: 'a password by variable' };
  const second = await start(given, env);
  await vi.waitFor(() => expect(second.output()).toMatch(/^ {2}Data /m), { timeout: 300_000 });
  const all =
    second.output() + (await readFile(path.join(given, 'sign-in.txt'), 'utf8')) + (await readFile(path.join(given, 'secrets.json'), 'utf8'));
  for (const secret of Object.values(env)) expect(all).not.toContain(secret);
  expect(await second.stop()).toBe(0);
});

test('with a database, a store and secrets of its own a server needs no data folder', async () => {
  const s3: TestS3 = await startS3();
  const nowhere = '/dev/null/data';
  const env = (url: string) => ({
    DATABASE_URL: url,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_ARTIFACTS: s3.config.artifacts,
    AWS_ENDPOINT_URL_S3: s3.config.s3.endpoint!,
    AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID!,
    AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY!,
    AWS_REGION: 'us-east-1',
  });
  const database = await freshDatabaseUrl();
  try {
    // Nobody could ever sign in with a password that is told to nobody.
    await expect(start(nowhere, env(database.url))).rejects.toThrow(/nowhere to write the password.*RUNLEDGER_ADMIN_PASSWORD/);
    const server = await start(nowhere, {
      ...env(database.url),
      RUNLEDGER_ADMIN_PASSWORD: 'long enough a password',
      RUNLEDGER_ADMIN_TOKEN: 'N'.repeat(40),
    });
    await logRun(server.url, 'N'.repeat(40));
    expect(await server.stop()).toBe(0);
  } finally {
    await s3.close();
    await database.drop();
  }
});
