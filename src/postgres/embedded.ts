// The Postgres that comes with the package: started in the data folder when no DATABASE_URL is set. A real Postgres 18, reachable on loopback only.
// Outlives a killed server (nothing acknowledged is lost); the next start takes it over, and a graceful stop ends it.
import { execFile, spawn } from 'node:child_process';
import { chown, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { StartError } from '../lib/errors.ts';
import { findCluster, findPrograms, makeCluster, type Programs } from './embeddedCluster.ts';
import { type Command, canEnter, commandAs, findUser, passingCommandAs, type User } from './embeddedUser.ts';
import { isBeingMade, isWrongPassword } from './errors.ts';
import { cut } from './probe.ts';

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

const CONNECT = { connectionTimeoutMillis: 2_000, query_timeout: 10_000 };

/** Whether it answers now; 'silent' if it takes the connection and says nothing. Throws if it refuses the password: waiting would not help. */
async function answers(url: string, cluster: string): Promise<'yes' | 'no' | 'silent'> {
  const client = new pg.Client({ connectionString: url, ...CONNECT });
  client.on('error', () => {});
  try {
    await client.connect();
    return 'yes';
  } catch (error) {
    if (isWrongPassword(error)) {
      throw new StartError(
        `The database in ${cluster} has another password than secrets.json in the data folder says. Bring back the file that belongs to it, or see "Lost secrets" in docs/deploy.md.`,
      );
    }
    return /timeout expired/.test((error as Error).message) ? 'silent' : 'no';
  } finally {
    cut(client);
  }
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether the process is the Postgres of this folder, which it works in. After a crash another one may have its number. */
async function isPostgresOf(pid: number, cluster: string): Promise<boolean> {
  const place = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (place !== undefined) return place === (await realpath(cluster).catch(() => cluster));
  const { stdout } = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  // Where nobody says what it is, the file is believed.
  return stdout === '' || /postgres/.test(stdout);
}

/** The process id and port of a Postgres that runs in this folder. */
async function running(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const file = path.join(folder, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!(pid > 0) || !alive(pid)) return undefined;
  if (await isPostgresOf(pid, folder)) return port > 0 ? { pid, port } : undefined;
  // Postgres would take the other process for its own and refuse. A number that nobody can have makes it look further (at its shared memory).
  const { uid, gid } = await stat(file);
  await writeFile(`${file}.new`, text.replace(/^\d+/, String(NOBODYS_PID)), { mode: 0o600 });
  if (process.getuid?.() === 0) await chown(`${file}.new`, uid, gid);
  await rename(`${file}.new`, file);
  return undefined;
}

/** Beyond what Linux and macOS give. */
const NOBODYS_PID = 4_194_305;
const LISTED_MS = 3_000;

/** Whether another server process works with it: somebody started a second one on the same data folder. */
async function inUse(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, ...CONNECT });
  client.on('error', () => {});
  const deadline = performance.now() + LISTED_MS;
  try {
    await client.connect();
    // Connections that this process has just closed are still listed for a moment.
    while (performance.now() < deadline) {
      const { rowCount } = await client.query(`select 1 from pg_stat_activity where application_name like 'runledger%' limit 1`);
      if (rowCount === 0) return false;
      await sleep(100);
    }
    return true;
  } catch {
    return false;
  } finally {
    cut(client);
  }
}

const STOP_MS = 20_000;

async function stopProcess(pid: number): Promise<void> {
  // SIGINT is Postgres's fast shutdown: ends sessions, checkpoints, exits.
  if (alive(pid)) process.kill(pid, 'SIGINT');
  for (const deadline = performance.now() + STOP_MS; alive(pid) && performance.now() < deadline; ) await sleep(50);
}

/** Waits for a Postgres that runs already. False once its process has ended: whoever started it may have been stopping it. */
async function joined(before: { pid: number; port: number }, url: string, cluster: string): Promise<boolean> {
  const deadline = performance.now() + START_MS;
  let silentSince: number | undefined;
  while (alive(before.pid)) {
    const answer = await answers(url, cluster);
    if (answer === 'yes') return true;
    silentSince = answer === 'silent' ? (silentSince ?? performance.now()) : undefined;
    if (performance.now() > deadline || performance.now() - (silentSince ?? performance.now()) > SILENT_MS) {
      throw new StartError(
        `The database in ${cluster} runs (process ${before.pid}) and does not answer. It may be stopped, or its disk may hang: end it (kill -9 ${before.pid}) and start again; what was acknowledged is kept.`,
      );
    }
    await sleep(100);
  }
  return false;
}

/** Starts (or takes over) the database of `folder`, making it first if it isn't there. `settings` are `-c` options, for tests. */
export async function startEmbedded(folder: string, password: string, settings: Record<string, string> = {}): Promise<Embedded> {
  const urlOf = (port: number, database: string) => `postgres://runledger:${password}@127.0.0.1:${port}/${database}`;
  const found = await findCluster(folder);
  const before = await running(found.cluster);
  if (before && (await joined(before, urlOf(before.port, 'postgres'), found.cluster))) {
    const url = urlOf(before.port, 'runledger');
    // A start that was killed may have come no further.
    await ensureDatabase(urlOf(before.port, 'postgres'));
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
  const started = performance.now();
  let postgres = launch(command);
  while ((await answers(urlOf(port, 'postgres'), cluster)) !== 'yes') {
    const complaint = postgres.failed();
    const waited = performance.now() - started;
    // Processes of one that was killed go within a moment, and hold the folder until then.
    if (complaint !== undefined && STILL_HELD.test(complaint) && waited < HELD_MS) postgres = launch(command);
    else if (complaint !== undefined || waited > START_MS) {
      throw new StartError(`The embedded Postgres in ${cluster} did not start: ${inShort(complaint) || 'it does not answer'}`);
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

const KNOWN: [RegExp, string][] = [
  [/No space left on device|ENOSPC/, 'the disk is full. Make room, and start again.'],
  [/Disk quota exceeded|EDQUOT/, 'the disk quota is used up. Make room, and start again.'],
  [/Read-only file system|EROFS/, 'the file system is read-only. Mount it for writing, or set RUNLEDGER_DATA_DIR to another folder.'],
  [/Permission denied|EACCES/, 'permission denied. Its folder must belong to the user that Postgres runs as.'],
  [/Cannot allocate memory|could not map anonymous shared memory|out of memory/i, 'there is not enough memory.'],
  [
    /incompatible with server|initialized by PostgreSQL version/,
    'another version of Postgres has made it. Start the version of Runledger that made it.',
  ],
  [/lock file .* already exists|shared memory block .* is still in use/, 'another Postgres works in its folder. Stop that one first.'],
];

/** What Postgres's programs say, as one line. */
function inShort(complaint: string | undefined): string {
  if (!complaint) return '';
  const known = KNOWN.find(([pattern]) => pattern.test(complaint))?.[1];
  if (known) return known;
  const lines = complaint
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.find((line) => /FATAL|PANIC|error/i.test(line)) ?? lines[0] ?? '').slice(0, 500);
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
const SILENT_MS = 10_000;
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

/** It takes a second, or minutes on a disk that is busy. */
const INITDB_MS = 300_000;

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
    await run(program, args, { ...options, timeout: INITDB_MS });
  } catch (error) {
    const said = ((error as { stderr?: string }).stderr || (error as Error).message).trim();
    throw new StartError(`Could not make a database in ${path.dirname(empty)}: ${inShort(said)}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: START_MS });
  client.on('error', () => {});
  const deadline = performance.now() + START_MS;
  try {
    await client.connect();
    for (;;) {
      const { rowCount } = await client.query(`select 1 from pg_database where datname = 'runledger'`);
      if (rowCount !== 0) return;
      try {
        await client.query('create database runledger');
        return;
      } catch (error) {
        // A start that was killed, or another one, is at it.
        if (!isBeingMade(error) || performance.now() > deadline) throw error;
        await sleep(100);
      }
    }
  } catch (error) {
    throw new StartError(`Could not make the database "runledger": ${inShort((error as Error).message)}`);
  } finally {
    cut(client);
  }
}
