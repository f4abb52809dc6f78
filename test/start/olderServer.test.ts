// An older release beside this one, on one database: what it would break is refused, with a sentence that says what to do, and the way back stands open.
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { type Built, buildServer, type ServerProcess, startServer } from '../support/server.ts';

// Two servers are compiled, one of them with what is generated for it.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The last commit before servers told their generation. */
const OLDER = '9bf128d218675c54fcd2e539985da77f40b30045';
const TOKEN = 'V'.repeat(40);

function commitOf(name: string): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
const commit = commitOf(OLDER);

async function buildOlder(): Promise<Built> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-older-'));
  await chmod(folder, 0o755);
  const parts = [
    'src',
    'prisma',
    'scripts',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'codegen.ts',
    'prisma.config.ts',
    'schema.graphql',
  ];
  const archive = execFileSync('git', ['archive', commit!, ...parts], { cwd: ROOT, maxBuffer: 100 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' });
  run('scripts/generate.mjs');
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck');
  await cp(path.join(folder, 'src/schema'), path.join(folder, 'dist/schema'), { recursive: true, filter: (file) => !file.endsWith('.ts') });
  await cp(path.join(folder, 'src/mlflow'), path.join(folder, 'dist/mlflow'), { recursive: true, filter: (file) => !file.endsWith('.ts') });
  return { main: path.join(folder, 'dist/main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}

let older: Built;
let newer: Built;
let folder: string;
const running = new Set<ServerProcess>();
beforeAll(async () => {
  if (!commit) return;
  folder = await mkdtemp(path.join(tmpdir(), 'runledger-beside-'));
  older = await buildOlder();
  newer = await buildServer();
});
afterAll(async () => {
  for (const server of running) await server.stop();
  for (const built of [older, newer]) await built?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function start(built: Built, databaseUrl: string): Promise<ServerProcess> {
  const server = await startServer(built.main, {
    DATABASE_URL: databaseUrl,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_DATA_DIR: path.join(folder, 'data'),
    RUNLEDGER_ADMIN_TOKEN: TOKEN,
  });
  running.add(server);
  server.process.once('exit', () => running.delete(server));
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
async function call(server: ServerProcess, method: string, route: string, body?: unknown): Promise<{ status: number; body: any }> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/2.0/mlflow/${route}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}
const log = (server: ServerProcess, run: string, step: number) =>
  call(server, 'POST', 'runs/log-batch', {
    run_id: run,
    metrics: [{ key: 'm', value: step, timestamp: 1, step }],
    params: [{ key: `p${step}`, value: 'v' }],
    tags: [{ key: 't', value: String(step) }],
  });

/** What a page of runs shows, which is read from summaries: the metric, how many params there are, the tag. */
async function shown(server: ServerProcess, run: string): Promise<unknown> {
  const { body } = await call(server, 'POST', 'runs/search', { experiment_ids: ['0'] });
  const { data } = body.runs.find((one: { info: { run_id: string } }) => one.info.run_id === run);
  const own = (data.tags as { key: string; value: string }[]).find(({ key }) => key === 't');
  return { metric: data.metrics[0].value, params: data.params.length, tag: own?.value };
}

test.runIf(commit !== undefined)('an older server beside this one leaves no wrong value behind', async () => {
  const database = await freshDatabaseUrl(null);
  const db = openPool(database.url, { max: 1 });
  try {
    const before = await start(older, database.url);
    const run = (await call(before, 'POST', 'runs/create', { experiment_id: '0', start_time: 1 })).body.run.info.run_id as string;
    expect((await log(before, run, 1)).status).toBe(200);

    // It goes on while this release migrates.
    const now = await start(newer, database.url);
    expect((await log(now, run, 2)).status).toBe(200);
    await call(now, 'POST', 'runs/update', { run_id: run, status: 'FINISHED', end_time: 2 });
    const summarised = async () => (await db.rows<{ stale: boolean }>({ text: 'select stale from run_summaries' })).every(({ stale }) => !stale);
    await vi.waitFor(async () => expect(await summarised()).toBe(true), { timeout: 300_000, interval: 200 });
    for (const act of [
      log(before, run, 3),
      call(before, 'POST', 'runs/log-metric', { run_id: run, key: 'm', value: 3, timestamp: 1, step: 3 }),
      call(before, 'POST', 'runs/log-parameter', { run_id: run, key: 'p3', value: 'v' }),
      call(before, 'POST', 'runs/set-tag', { run_id: run, key: 't', value: '3' }),
      call(before, 'POST', 'runs/delete', { run_id: run }),
      call(before, 'POST', 'runs/create', { experiment_id: '0', start_time: 1 }),
    ])
      expect((await act).status).toBeGreaterThanOrEqual(500);
    expect(before.output()).toMatch(/this server is too old to write to it/);
    expect(await shown(now, run)).toEqual({ metric: 2, params: 2, tag: '2' });
    expect(await before.stop()).toBe(0);

    // Nor does it start again, unless it is let in.
    await expect(start(older, database.url)).rejects.toThrow(/this server is too old to write to it/);
    expect(await now.stop()).toBe(0);
    execFileSync(process.execPath, [path.join(path.dirname(newer.main), 'ops/main.js'), 'migrate', '--allow-older'], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: database.url,
        RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
        RUNLEDGER_DATA_DIR: path.join(folder, 'data'),
      },
    });
    const back = await start(older, database.url);
    expect((await log(back, run, 4)).status).toBe(200);
    expect(await back.stop()).toBe(0);
    // As releases did that knew no summaries.
    await db.pool.query(`update run_tags set value = '5' where value = '4'`);
    await db.pool.query('update run_summaries set stale = false');
    const again = await start(newer, database.url);
    expect(await shown(again, run)).toEqual({ metric: 4, params: 3, tag: '5' });
    expect(await again.stop()).toBe(0);
  } finally {
    await db.end();
    await database.drop();
  }
});

test('a server that runs while a newer one migrates takes no more writes, says so, and does not start again', async () => {
  const database = await freshDatabaseUrl();
  const db = openPool(database.url, { max: 1 });
  try {
    await db.rows({ text: `create or replace function minimum_server_generation() returns integer language sql immutable as 'select 99'` });
    await expect(db.rows({ text: `update runs set name = name` })).rejects.toMatchObject({ kind: 'outdated' });
    await expect(migrate(db)).rejects.toThrow(/newer Runledger.*docs\/deploy\.md/);
  } finally {
    await db.end();
    await database.drop();
  }
});
