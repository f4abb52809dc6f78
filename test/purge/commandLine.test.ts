// `gc` as a process: told what it would do, killed at its work, begun again, beside a server that goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DbPool, openPool } from '../../src/postgres/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';
import { type Built, buildServer, type ServerProcess, startServer } from '../support/server.ts';

const TOKEN = 'K'.repeat(40);
const RUNS = 250;
let built: Built;
let folder: string;
let database: Awaited<ReturnType<typeof freshDatabaseUrl>>;
let db: DbPool;
let server: ServerProcess;
let env: Record<string, string>;

beforeAll(async () => {
  built = await buildServer();
  folder = await mkdtemp(path.join(tmpdir(), 'runledger-gc-'));
  await chmod(folder, 0o755);
  database = await freshDatabaseUrl();
  db = openPool(database.url, { max: 2 });
  env = {
    DATABASE_URL: database.url,
    RUNLEDGER_JWT_SECRET: '8d1f6a02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f',
    RUNLEDGER_DATA_DIR: folder,
    RUNLEDGER_ADMIN_TOKEN: TOKEN,
  };
  server = await startServer(built.main, env);
});
afterAll(async () => {
  await server.stop();
  await db.end();
  await database.drop();
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

function gc(...args: string[]) {
  const child = spawn(process.execPath, [path.join(path.dirname(built.main), 'ops/main.js'), 'gc', ...args], {
    env: { PATH: process.env.PATH, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
  });
  let output = '';
  const read = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => ({ code, output }));
  return { child, ended };
}

async function call(method: string, route: string, body: string): Promise<Record<string, never>> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) };
  const response = await fetch(`${server.url}/api/2.0/${route}`, { method, headers, body });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, never>;
}

const runsLeft = async (): Promise<string[]> =>
  (await db.rows<{ runId: string }>({ text: 'select run_id as "runId" from runs' })).map((run) => run.runId);
const notes = async () => (await db.rows({ text: 'select 1 from purges' })).length;
const artifacts = path.join('artifacts', '1', '1');
const foldersLeft = () => readdir(path.join(folder, artifacts)).catch(() => [] as string[]);

test('gc, killed at its work, leaves nothing half, and the next one goes on', async () => {
  await call('POST', 'mlflow/experiments/create', JSON.stringify({ name: 'e' }));
  const runIds: string[] = [];
  for (let index = 0; index < RUNS; index += 10) {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { run } = (await call('POST', 'mlflow/runs/create', '{"experiment_id": "1"}')) as unknown as { run: { info: { run_id: string } } };
        runIds.push(run.info.run_id);
        await call('POST', 'mlflow/runs/log-metric', JSON.stringify({ run_id: run.info.run_id, key: 'm', value: 1, timestamp: 1 }));
        await call('PUT', `mlflow-artifacts/artifacts/1/${run.info.run_id}/artifacts/a/b.txt`, 'bytes');
      }),
    );
  }
  await call('POST', 'mlflow/experiments/delete', '{"experiment_id": "1"}');
  expect((await gc('--older-than', '1h').ended).output).toContain('0 runs');
  await db.rows({ text: "update runs set deleted_at = now() - interval '2 hours'" });
  await db.rows({ text: "update experiments set deleted_at = now() - interval '2 hours' where experiment_id = 1" });

  expect(await gc('--older-than', '1h', '--dry-run').ended).toEqual({
    code: 0,
    output: `Would delete for good: ${RUNS} runs, ${RUNS} points, 0 logged models, 1 experiment; ${RUNS} artifacts, 1.3 kB.\n`,
  });
  expect(await runsLeft()).toHaveLength(RUNS);

  const first = gc('--older-than', '1h');
  while ((await notes()) === 0) await sleep(2);
  await sleep(30);
  first.child.kill('SIGKILL');
  await first.ended;
  // What can be restored has its files, whenever it was killed.
  const [left, folders] = [await runsLeft(), await foldersLeft()];
  expect(left.filter((runId) => !folders.includes(runId))).toEqual([]);
  expect(left.length).toBeLessThan(RUNS);

  // Its claims run out after two minutes.
  await db.rows({ text: 'update purges set claimed_until = now()' });
  const [one, other] = [gc('--older-than', '1h', '--team', 'default'), gc('--older-than', '1h')];
  for (const { code, output } of [await one.ended, await other.ended]) expect(code, output).toBe(0);
  expect([await runsLeft(), await foldersLeft(), await notes()]).toEqual([[], [], 0]);
  for (const table of ['metric_blocks', 'metric_chunks', 'run_metrics', 'run_tags', 'run_changes'])
    expect(await db.rows({ text: `select 1 from ${table}` }), table).toEqual([]);
  await call('POST', 'mlflow/experiments/create', JSON.stringify({ name: 'e' }));
});

test('gc says what is wrong with a command', async () => {
  const said = async (...args: string[]) => {
    const { code, output } = await gc(...args).ended;
    expect(code).toBe(1);
    return output;
  };
  expect(await said()).toMatch(/--older-than 30d.*RUNLEDGER_GC_AFTER/);
  expect(await said('--older-than', 'soon')).toMatch(/no length of time/);
  expect(await said('--older-than', '30d', '--team', 'nobody')).toBe("There is no team 'nobody'.\n");
  expect(await said('--olderthan', '30d')).toMatch(/Usage:/);
  expect(await said('everything')).toMatch(/no command/);
});
