// config → deps → app (here, or in workers) → listen → graceful close. Nothing else starts things.
import cluster from 'node:cluster';
import path from 'node:path';
import v8 from 'node:v8';
import { startBackground } from './background.ts';
import { type Config, readConfig } from './config.ts';
import { bootstrap, type Made } from './domain/people/bootstrap.ts';
import { banner, openBanner } from './http/banner.ts';
import { makeDataFolder } from './lib/dataFolder.ts';
import { StartError } from './lib/errors.ts';
import { openLog } from './lib/log.ts';
import { type Embedded, startEmbedded } from './postgres/embedded.ts';
import { type OpenDeps, openDeps } from './process.ts';
import { readKept, readSecrets, type Secrets, writePrivate, writeSecrets } from './secrets.ts';
import { CLOSE_WITHIN_MS, serve } from './server.ts';
import { describeFault } from './startFaults.ts';
import { serveAsWorker, startWorkers } from './workers.ts';

/** Each process has its pool, a connection to listen, and one to spare. */
const settingsFor = ({ workers, databasePool }: Config) => ({ max_connections: String(Math.max(100, (workers + 1) * (databasePool + 2) + 10)) });

async function start(given: Config): Promise<void> {
  // With a database of its own and configured secrets a server needs no data folder.
  const own = given.databaseUrl ? undefined : await readSecrets(given.dataDir);
  const secrets = own ?? (await readKept(given.dataDir));
  const config: Config = { ...given, jwtSecrets: given.jwtSecrets.length > 0 || !own ? given.jwtSecrets : [own.jwtSecret] };
  const log = openLog(config.logLevel);
  let embedded: Embedded | undefined;
  if (own) embedded = await startEmbedded(path.join(config.dataDir, 'postgres'), own.databasePassword, settingsFor(config));
  let deps: OpenDeps | undefined;
  try {
    const databaseUrl = config.databaseUrl ?? embedded!.url;
    deps = await openDeps(config, databaseUrl, log);
    await serveWith(config, secrets, deps, databaseUrl, embedded);
  } catch (error) {
    // A database that was started for nothing must not stay behind.
    await deps?.close().catch(() => {});
    if (!embedded?.takenOver) await embedded?.stop();
    throw error;
  }
}

/** Keeps what was generated at the first start. Where it can neither be kept nor shown on a terminal, nobody could ever sign in. */
async function keep({ dataDir }: Config, secrets: Partial<Secrets>, { email, password, token }: Made): Promise<void> {
  Object.assign(secrets, { adminEmail: email, adminPassword: password, adminToken: token });
  try {
    await makeDataFolder(dataDir);
    await writeSecrets(dataDir, secrets);
  } catch (error) {
    if (process.stdout.isTTY || !password) return;
    throw new StartError(
      `This first start would make an administrator and has nowhere to write the password (${(error as Error).message}). Set RUNLEDGER_ADMIN_EMAIL and RUNLEDGER_ADMIN_PASSWORD, or RUNLEDGER_DATA_DIR to a folder that this user may write to.`,
    );
  }
}

async function serveWith(
  config: Config,
  secrets: Partial<Secrets>,
  deps: OpenDeps,
  databaseUrl: string,
  embedded: Embedded | undefined,
): Promise<void> {
  const { log } = deps;
  const first = await bootstrap(deps, (made) => keep(config, secrets, made));
  const startServing = async () => {
    const several = config.workers > 1 ? await startWorkers(config, databaseUrl, log) : undefined;
    const serving = several ?? (await serve(deps));
    return { serving, background: startBackground(deps, several?.writing) };
  };
  const starting = startServing();

  let closing = false;
  const close = async (signal: string) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'finishing what was accepted, then stopping');
    setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
    // A signal may come as soon as the server listens. What fails to start ends by itself.
    const started = await starting.catch(() => undefined);
    if (!started) return;
    await started.serving.close();
    await started.background.stop();
    await deps.close();
    await embedded?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void close('SIGTERM'));
  process.on('SIGINT', () => void close('SIGINT'));
  const { serving } = await starting;

  // Secrets go to a person's terminal, or to a file of the server's user alone: a log is read by many.
  const place = { address: serving.address, dataDir: config.dataDir, cluster: embedded?.cluster };
  const { adminPassword: password, adminToken: token } = secrets;
  const secret = banner({ ...place, signInLink: first.signInLink, email: first.email, password, token });
  if (process.stdout.isTTY) process.stdout.write(secret);
  else if (embedded || first.token || first.password) {
    const file = path.join(config.dataDir, 'sign-in.txt');
    const written = await writePrivate(file, secret).then(
      () => true,
      () => false,
    );
    process.stdout.write(openBanner({ ...place, file: written ? file : null }));
  }
}

// Left to itself V8 lets the heap grow to four times what lives in it, and a few large answers are enough for that. Twice costs little more time.
// V8 reads this at each collection, so it holds however the server is started, and in workers.
v8.setFlagsFromString('--heap-growing-percent=100');
// Nor may V8 allocate straight in the old generation what lived long while the server started. Rows that are read and dropped would keep their
// texts there until a full collection: a third of what a page of runs allocates.
v8.setFlagsFromString('--no-allocation-site-pretenuring');

let config: Config | undefined;
try {
  if (cluster.isWorker) serveAsWorker();
  else {
    config = readConfig();
    await start(config);
  }
} catch (error) {
  process.stderr.write(`${describeFault(error, config)}\n`);
  process.exit(1);
}
