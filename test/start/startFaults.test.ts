// Where a server can stand and whom it may be started by, and what it says where it can't start: one sentence, no stack, code 1.
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { type Built, buildServer, startServer } from '../support/server.ts';

// Each test starts several servers.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const TOKEN = 'P'.repeat(40);
const isRoot = process.getuid?.() === 0;
let built: Built;
/** For everybody to enter; `hidden` is its owner's alone, like /root. */
let folder: string;
let hidden: string;
/** Clusters outside of `folder`. */
const apart: string[] = [];

beforeAll(async () => {
  built = await buildServer();
  folder = await mkdtemp(path.join(tmpdir(), 'runledger-places-'));
  await chmod(folder, 0o755);
  hidden = path.join(folder, 'hidden');
  await mkdir(hidden, { mode: 0o700 });
});
afterAll(async () => {
  await built.remove();
  for (const one of [folder, ...apart, ...apart.map((cluster) => `${cluster}.data-folder`)]) await rm(one, { recursive: true, force: true });
});

const start = (dataDir: string, env: Record<string, string> = {}) =>
  startServer(built.main, { RUNLEDGER_DATA_DIR: dataDir, RUNLEDGER_ADMIN_TOKEN: TOKEN, ...env });

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
async function call(url: string, method: string, route: string, body?: unknown): Promise<any> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/2.0/${route}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}
const logRun = async (url: string): Promise<string> =>
  (await call(url, 'POST', 'mlflow/runs/create', { experiment_id: '0', run_name: 'kept', start_time: 1 })).run.info.run_id;
const nameOf = async (url: string, run: string) => (await call(url, 'GET', `mlflow/runs/get?run_id=${run}`)).run.info.run_name;

/** Starts on `before`, stops, starts on `after`: the run is still there. Gives what the second start printed. */
async function logAndFind(before: string, after = before, between = async () => {}): Promise<string> {
  const first = await start(before);
  const run = await logRun(first.url);
  expect(await first.stop()).toBe(0);
  await between();
  const second = await start(after);
  try {
    expect(await nameOf(second.url, run)).toBe('kept');
  } finally {
    expect(await second.stop()).toBe(0);
  }
  return second.output();
}

test.runIf(isRoot)(
  "below a folder of root's alone the database lies apart, also for a data folder that has moved, and no folder is opened",
  async () => {
    const data = path.join(hidden, 'data');
    // What a start of an earlier version left, that failed.
    await mkdir(path.join(data, 'postgres'), { recursive: true });
    const moved = path.join(hidden, 'moved');
    const output = await logAndFind(data, moved, () => rename(data, moved));
    const cluster = await realpath(path.join(moved, 'postgres'));
    apart.push(cluster);
    expect(cluster).toMatch(/^\/var\/lib\/runledger-postgres\/hidden-/);
    expect(output).toContain(cluster);
    expect((await stat(cluster)).mode & 0o777).toBe(0o700);
    expect((await stat(cluster)).uid).not.toBe(0);
    expect((await stat(hidden)).mode & 0o777).toBe(0o700);
    expect(await readFile(`${cluster}.data-folder`, 'utf8')).toBe(`${data}\n`);

    await rename(cluster, `${cluster}-gone`);
    await expect(start(moved)).rejects.toThrow(/ended with 1:\nThe database of this data folder is in .* which is not there\. Bring it back.*\n$/);
    await rename(`${cluster}-gone`, cluster);
  },
);

test.runIf(isRoot)("a cluster that stands below a folder of root's alone runs where it is", async () => {
  const data = path.join(folder, 'before/data');
  await logAndFind(data, data, () => chmod(path.dirname(data), 0o700));
  expect((await lstat(path.join(data, 'postgres'))).isDirectory()).toBe(true);
});

test('a long path with spaces, umlauts and signs that addresses use', async () => {
  const data = path.join(folder, 'Läufe & mehr #1 %41?', 'a'.repeat(120), 'data');
  await logAndFind(data);
  expect((await stat(path.join(data, 'postgres/PG_VERSION'))).isFile()).toBe(true);
  expect((await stat(path.join(data, 'artifacts'))).isDirectory()).toBe(true);
});

test('a umask that keeps all to oneself', async () => {
  const before = process.umask(0o077);
  try {
    await logAndFind(path.join(folder, 'masked/data'));
  } finally {
    process.umask(before);
  }
  const real = await realpath(path.join(folder, 'masked/data/postgres'));
  expect(path.dirname(real)).toBe(path.join(folder, 'masked/data'));
});

/** One line, after those of the log. */
const sentence = (said: RegExp) =>
  expect.objectContaining({ message: expect.stringMatching(new RegExp(`ended with 1:\\n(?:\\{[^\\n]*\\n)*[^\\n]*${said.source}[^\\n]*\\n$`)) });

test('a database that refuses, is missing or does not answer is told in one sentence', async () => {
  const database = await freshDatabaseUrl();
  const env = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    return { DATABASE_URL: url.href, RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f' };
  };
  const tries: [(url: URL) => void, RegExp][] = [
    [(url) => Object.assign(url, { password: 'wrong' }), /refuses the password of the user "runledger"/],
    [(url) => Object.assign(url, { pathname: '/nowhere' }), /has no database "nowhere"/],
    [(url) => Object.assign(url, { port: '1' }), /does not answer/],
    [(url) => url.searchParams.set('sslmode', 'verify-full'), /can't be reached by TLS/],
  ];
  for (const [change, said] of tries) await expect(start(path.join(folder, 'refused'), env(change))).rejects.toEqual(sentence(said));
  await database.drop();
});

test('a port that is taken is told in one sentence, by workers too', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const database = await freshDatabaseUrl();
  const { port } = taken.address() as net.AddressInfo;
  const env = { DATABASE_URL: database.url, RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f', RUNLEDGER_PORT: String(port) };
  for (const workers of ['1', '2']) {
    await expect(start(path.join(folder, 'taken'), { ...env, RUNLEDGER_WORKERS: workers })).rejects.toEqual(
      sentence(new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken.*RUNLEDGER_PORT`)),
    );
  }
  await expect(start(path.join(folder, 'taken'), { ...env, RUNLEDGER_HOST: 'nowhere.invalid' })).rejects.toEqual(
    sentence(/can't listen on nowhere\.invalid/),
  );
  taken.close();
  await database.drop();
});

test('a data folder that can not be used is told in one sentence', async () => {
  await writeFile(path.join(folder, 'file'), '');
  await expect(start(path.join(folder, 'file/data'))).rejects.toEqual(
    sentence(/can't use .*file.*: a part of the path is not a folder.*RUNLEDGER_DATA_DIR/),
  );

  const data = path.join(folder, 'other secrets');
  const embedded = await startEmbedded(path.join(data, 'postgres'), 'first');
  await embedded.stop();
  await expect(start(data)).rejects.toEqual(sentence(/secrets\.json is not there, and the database.*Lost secrets/));
  await writeFile(path.join(data, 'secrets.json'), JSON.stringify({ jwtSecret: 's'.repeat(32), databasePassword: 'other' }));
  await expect(start(data)).rejects.toEqual(sentence(/has another password than secrets\.json/));
  for (const broken of ['{', '', 'null', '[]', '{"jwtSecret": 1}']) {
    await writeFile(path.join(data, 'secrets.json'), broken);
    await expect(start(data)).rejects.toEqual(sentence(/is not JSON any more/));
  }
});
