// config → deps → app → listen → graceful close. Nothing else starts things.
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buildApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type Embedded, startEmbedded } from './db/embedded.ts';
import { bootstrap } from './domain/bootstrap.ts';
import { startCompaction } from './domain/compaction.ts';
import { startPurgeWorker } from './domain/purgeWorker.ts';
import { startSummaries } from './domain/runSummaries.ts';
import { startWebhookWorker } from './domain/webhookWorker.ts';
import { banner } from './http/banner.ts';
import { openLog } from './log.ts';
import { type OpenDeps, openDeps } from './process.ts';
import { readSecrets, type Secrets, writeSecrets } from './secrets.ts';

const CLOSE_WITHIN_MS = 30_000;

async function serve(given: Config): Promise<void> {
  const secrets = await readSecrets(given.dataDir);
  const config: Config = { ...given, jwtSecrets: given.jwtSecrets.length > 0 ? given.jwtSecrets : [secrets.jwtSecret] };
  const log = openLog(config.logLevel);
  let embedded: Embedded | undefined;
  if (!config.databaseUrl) embedded = await startEmbedded(path.join(config.dataDir, 'postgres'), secrets.databasePassword);
  let deps: OpenDeps | undefined;
  try {
    deps = await openDeps(config, config.databaseUrl ?? embedded!.url, log);
    await serveWith(config, secrets, deps, embedded);
  } catch (error) {
    // A database that was started for nothing must not stay behind.
    await deps?.close().catch(() => {});
    if (!embedded?.takenOver) await embedded?.stop();
    throw error;
  }
}

async function serveWith(config: Config, secrets: Secrets, deps: OpenDeps, embedded: Embedded | undefined): Promise<void> {
  const { log } = deps;
  const first = await bootstrap(deps);
  if (first.token) {
    Object.assign(secrets, { adminEmail: first.email, adminPassword: first.password, adminToken: first.token });
    await writeSecrets(config.dataDir, secrets);
  }
  const app = await buildApp(deps);
  const worker = startWebhookWorker(deps);
  const compaction = startCompaction(deps);
  const purges = startPurgeWorker(deps);
  const summaries = startSummaries(deps);

  let closing = false;
  const close = async (signal: string) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'finishing what was accepted, then stopping');
    setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
    await app.close();
    await worker.stop();
    await compaction.stop();
    await purges.stop();
    await summaries.stop();
    await deps.close();
    await embedded?.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void close('SIGTERM'));
  process.on('SIGINT', () => void close('SIGINT'));

  await app.listen({ host: config.host, port: config.port, listenTextResolver: (at) => `serving at ${at}` });
  const { port } = app.server.address() as AddressInfo;
  const address = config.publicUrl ?? `http://${config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host}:${port}`;
  // Signed artifact addresses are built from it.
  config.publicUrl ??= address;
  // Secrets go to a person's terminal, to the log of a server that somebody just tries, and once to that of a team's server: when they were made.
  if (process.stdout.isTTY || embedded || first.token) {
    const { adminPassword: password, adminToken: token } = secrets;
    process.stdout.write(banner({ address, signInLink: first.signInLink, email: first.email, password, token, dataDir: config.dataDir }));
  }
}

try {
  await serve(readConfig());
} catch (error) {
  const known = error instanceof ConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  process.stderr.write(`${known ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exit(1);
}
