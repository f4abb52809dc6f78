// The Postgres that comes with the package: started in the data folder when no DATABASE_URL is set. A real Postgres 18, reachable on loopback only.
// Outlives a killed server (nothing acknowledged is lost); the next start takes it over, and a graceful stop ends it.
import { execFile, spawn } from 'node:child_process';
import { chown, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { StartError } from '../lib/errors.ts';
import { findCluster, findPrograms, makeCluster, type Programs } from './embeddedPlace.ts';
import { type Command, canEnter, commandAs, findUser, passingCommandAs, type User } from './embeddedUser.ts';
import { isWrongPassword } from './errors.ts';

const run = promisify(execFile);

/** `stop` leaves it running for other servers that use it. `takenOver`: it ran already. `cluster`: the folder that holds it, outside of the data folder if need be. */
export type Embedded = { url: string; takenOver: boolean; cluster: string; stop(): Promise<void> };

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** False while it doesn't answer. Throws if it refuses the password: waiting would not help. */
async function answers(url: string, cluster: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (!isWrongPassword(error)) return false;
    throw new StartError(
      `The database in ${cluster} has another password than secrets.json in the data folder says. Bring back the file that belongs to it.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The process id and port of a Postgres that runs in this folder. */
async function running(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const lines = (await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 && alive(pid) ? { pid, port } : undefined;
}

const LISTED_MS = 3_000;

/** Whether another server process works with it: somebody started a second one on the same data folder. */
async function inUse(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    // Connections that this process has just closed are still listed for a moment.
    for (let waited = 0; waited < LISTED_MS; waited += 100) {
      const { rowCount } = await client.query(`select 1 from pg_stat_activity where application_name like 'runledger%' limit 1`);
      if (rowCount === 0) return false;
      await sleep(100);
    }
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function stopProcess(pid: number): Promise<void> {
  // SIGINT is Postgres's fast shutdown: ends sessions, checkpoints, exits.
  if (alive(pid)) process.kill(pid, 'SIGINT');
  for (let waited = 0; alive(pid) && waited < 20_000; waited += 50) await sleep(50);
}

/** Starts (or takes over) the database of `folder`, making it first if it isn't there. `settings` are `-c` options, for tests. */
export async function startEmbedded(folder: string, password: string, settings: Record<string, string> = {}): Promise<Embedded> {
  const urlOf = (port: number, database: string) => `postgres://runledger:${password}@127.0.0.1:${port}/${database}`;
  const found = await findCluster(folder);
  const before = await running(found.cluster);
  if (before && (await answers(urlOf(before.port, 'postgres'), found.cluster))) {
    const url = urlOf(before.port, 'runledger');
    return { url, takenOver: true, cluster: found.cluster, stop: async () => ((await inUse(url)) ? undefined : stopProcess(before.pid)) };
  }

  const user = await findUser(found.cluster);
  const programs = await findPrograms(user, path.dirname(folder));
  const cluster = found.made ? found.cluster : await makeCluster(folder, user, (empty) => initialise(empty, password, programs, user));

  const port = await freePort();
  const options: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket's path may have 107 bytes, and TCP is all that is used.
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    log_min_messages: 'warning',
    ...settings,
  };
  const args = ['-D', cluster, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const command = await commandFor(user, cluster, programs.postgres, args);
  let postgres = launch(command);
  for (let waited = 0; !(await answers(urlOf(port, 'postgres'), cluster)); waited += 50) {
    const complaint = postgres.failed();
    // Processes of one that was killed go within a moment, and hold the folder until then.
    if (complaint !== undefined && STILL_HELD.test(complaint) && waited < HELD_MS) postgres = launch(command);
    else if (complaint !== undefined || waited > START_MS) {
      throw new StartError(`The embedded Postgres in ${cluster} did not start: ${complaint?.trim() || 'it does not answer'}`);
    }
    await sleep(50);
  }
  await ensureDatabase(urlOf(port, 'postgres'));
  return {
    url: urlOf(port, 'runledger'),
    takenOver: false,
    cluster,
    async stop() {
      const now = await running(cluster);
      if (now && !(await inUse(urlOf(now.port, 'runledger')))) await stopProcess(now.pid);
    },
  };
}

async function commandFor(user: User | undefined, cluster: string, program: string, args: string[]): Promise<Command> {
  if (!user || (await canEnter(user, cluster))) return commandAs(user, program, args);
  const passing = await passingCommandAs(user, cluster, program, args);
  if (passing) return passing;
  throw new StartError(
    `Postgres does not run as root, and the user "${user.name}", whom the database in ${cluster} belongs to, can't enter a folder above it. Move the data folder to one that everybody may enter, like /srv/runledger, and set RUNLEDGER_DATA_DIR.`,
  );
}

const START_MS = 60_000;
const HELD_MS = 10_000;
const STILL_HELD = /lock file .* already exists|shared memory block .* is still in use/;

/** `failed` gives what it said, once it has ended. */
function launch({ program, args, options }: Command): { failed: () => string | undefined } {
  // Its own process group: Ctrl-C in the terminal must not stop it before the server has finished what it accepted.
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  let ended = false;
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-4_000);
  });
  child.unref();
  (child.stderr as net.Socket | null)?.unref();
  child.once('close', () => {
    ended = true;
  });
  child.once('error', (error) => {
    ended = true;
    complaint += error.message;
  });
  return { failed: () => (ended ? complaint : undefined) };
}

async function initialise(empty: string, password: string, { initdb }: Programs, user: User | undefined): Promise<void> {
  const passwordFile = `${empty}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  try {
    const { program, args, options } = commandAs(user, initdb, [
      `--pgdata=${empty}`,
      '--username=runledger',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    await run(program, args, options);
  } catch (error) {
    const said = ((error as { stderr?: string }).stderr || (error as Error).message).trim();
    throw new StartError(`Could not make a database in ${path.dirname(empty)}: ${said}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'runledger'`);
    if (rowCount === 0) await client.query('create database runledger');
  } finally {
    await client.end();
  }
}
