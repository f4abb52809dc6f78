// The servers that are measured: ours, from this build, and the peers, from PyPI. Each on a database of its own in the same Postgres.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Server, startServer } from './processes.ts';

const run = promisify(execFile);
const HOME = path.join(homedir(), '.cache', 'runledger-bench');
/** An environment for each: what one requires keeps the newest of another away. */
const REQUIREMENTS: Record<string, string[]> = {
  client: ['requests'],
  mlflow: ['mlflow==3.12.0', 'psycopg2-binary'],
  fasttrackml: ['fasttrackml'],
};
const binOf = (name: string) => path.join(HOME, name, 'bin');
/** The Python that latency is measured with; has `requests`. */
export const PYTHON = path.join(binOf('client'), 'python');

export type Target = Server & { name: string; headers: Record<string, string>; database: string };

export const PEERS: Record<string, { title: string; start(database: string, folder: string): Promise<Server> }> = {
  mlflow: { title: 'MLflow', start: startMlflow },
  fasttrackml: { title: 'FastTrackML', start: startFastTrackML },
};

const TOKEN = 'b'.repeat(40);
/** A database address as the peers want it: the scheme spelt out and, for SQLAlchemy, the driver that is installed. */
const addressFor = (scheme: string, database: string) => database.replace(/^postgres(ql)?:/, `${scheme}:`);

/** As `npm start` has it, and with authentication: there is no mode without. */
export async function startOurs(database: string, folder: string, profile?: string): Promise<Target> {
  await mkdir(folder, { recursive: true });
  const profiling = profile ? ['--cpu-prof', '--cpu-prof-dir', path.resolve(profile)] : [];
  const server = await startServer({
    command: () => [process.execPath, [...profiling, fileURLToPath(new URL('../src/main.js', import.meta.url))]],
    env: (port) => ({
      RUNLEDGER_PORT: String(port),
      RUNLEDGER_DATA_DIR: folder,
      DATABASE_URL: database,
      RUNLEDGER_JWT_SECRET: '0f1e2d3c4b5a69788796a5b4c3d2e1f0-bench',
      RUNLEDGER_ADMIN_TOKEN: TOKEN,
      NODE_ENV: 'production',
    }),
    cwd: folder,
    log: `${folder}.log`,
    ready: '/ready',
  });
  return { ...server, name: 'ours', headers: { authorization: `Bearer ${TOKEN}` }, database };
}

/** prototype.ts: has the calls of the acts of ingest, and no others. */
export async function startPrototype(database: string, folder: string): Promise<Target> {
  await mkdir(folder, { recursive: true });
  const server = await startServer({
    command: () => [process.execPath, [fileURLToPath(new URL('./prototype.js', import.meta.url))]],
    env: (port) => ({ PORT: String(port), DATABASE_URL: database, NODE_ENV: 'production' }),
    cwd: folder,
    log: `${folder}.log`,
    ready: '/health',
  });
  return { ...server, name: 'prototype', headers: {}, database };
}

async function startMlflow(database: string, folder: string): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const args = (port: number) => [
    ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '4'],
    ...['--backend-store-uri', addressFor('postgresql+psycopg2', database), '--artifacts-destination', path.join(folder, 'artifacts')],
  ];
  return startServer({
    command: (port) => [path.join(binOf('mlflow'), 'mlflow'), args(port)],
    env: () => ({ PATH: `${binOf('mlflow')}:${process.env.PATH}`, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' }),
    cwd: folder,
    log: `${folder}.log`,
    ready: '/health',
  });
}

async function startFastTrackML(database: string, folder: string): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const args = (port: number) => [
    ...['server', '--listen-address', `127.0.0.1:${port}`, '--database-uri', addressFor('postgresql', database)],
    ...['--default-artifact-root', path.join(folder, 'artifacts')],
  ];
  return startServer({
    command: (port) => [path.join(binOf('fasttrackml'), 'fml'), args(port)],
    env: () => ({}),
    cwd: folder,
    log: `${folder}.log`,
    ready: '/health',
  });
}

/** Makes the Python environments on first use: the client's and those of the peers asked for. */
export async function preparePython(peers: string[]): Promise<void> {
  for (const name of ['client', ...peers]) {
    const stamp = path.join(HOME, name, 'stamp');
    const wanted = (REQUIREMENTS[name] ?? []).join(' ');
    if (wanted === (await readFile(stamp, 'utf8').catch(() => undefined))) continue;
    process.stderr.write(`Installing ${wanted} into ${path.join(HOME, name)}…\n`);
    await run('python3', ['-m', 'venv', '--clear', path.join(HOME, name)]);
    await run(path.join(binOf(name), 'python'), ['-m', 'pip', 'install', '-q', ...wanted.split(' ')], { maxBuffer: 1 << 26 });
    await writeFile(stamp, wanted);
  }
}

/** A peer's name with the version that is installed. */
export async function titleOf(peer: string): Promise<string> {
  const code = `from importlib.metadata import version; print(version(${JSON.stringify(peer)}))`;
  const { stdout } = await run(path.join(binOf(peer), 'python'), ['-c', code]);
  return `${PEERS[peer]!.title} ${stdout.trim()}`;
}
