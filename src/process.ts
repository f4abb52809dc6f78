// Opens the parts that a server process needs (database, store, events) and closes them again. Shared by main.ts, the command line and tests.

import path from 'node:path';
import type { Config } from './config.ts';
import type { Deps } from './context.ts';
import { announcer } from './db/live/announce.ts';
import { ping } from './db/ping.ts';
import { StartError } from './lib/errors.ts';
import { uuidv7 } from './lib/ids.ts';
import type { Log } from './lib/log.ts';
import { openBus } from './live/bus.ts';
import { mlflowWebhookMessage } from './mlflow/webhookMessages.ts';
import { startEmbedded } from './postgres/embedded.ts';
import { explainStart } from './postgres/errors.ts';
import { openListener } from './postgres/listener.ts';
import { migrate } from './postgres/migrate.ts';
import { type DbPool, openPool } from './postgres/pool.ts';
import { openPrisma } from './postgres/prismaClient.ts';
import { readSecrets } from './secrets.ts';
import { startFault } from './startFaults.ts';
import { openStore } from './storage/open.ts';

export { admitOlder } from './postgres/generation.ts';

export type OpenDeps = Deps & { db: DbPool; close(): Promise<void> };

/** Connects to `databaseUrl`, applies migrations, opens the artifact store. */
export async function openDeps(config: Config, databaseUrl: string, log: Log): Promise<OpenDeps> {
  const directUrl = config.listenDatabaseUrl ?? databaseUrl;
  const applied = await migrateBy(directUrl);
  if (applied.length > 0) log.info({ applied }, 'database migrated');
  const store = await openStore(config).catch((error) => {
    throw startFault(error) ? error : new StartError(`The artifact store ${config.artifacts} can't be used: ${(error as Error).message}`);
  });
  const db = openPool(databaseUrl, { max: config.databasePool, prepare: config.databasePrepare });
  // Where it leads another way than the migrations went.
  if (config.listenDatabaseUrl) await ping(db).catch((error) => failed(error, databaseUrl, db));
  const prisma = openPrisma(db);
  const bus = openBus(openListener(directUrl, log), announcer(db), log);
  const now = () => Date.now();
  return {
    config,
    db,
    prisma,
    store,
    bus,
    log,
    webhookFormat: mlflowWebhookMessage,
    now,
    newId: () => uuidv7(now()),
    async close() {
      await bus.close();
      await store.close();
      await prisma.$disconnect();
      await db.end();
    },
  };
}

async function migrateBy(url: string): Promise<string[]> {
  const db = openPool(url, { max: 1 });
  const applied = await migrate(db).catch((error) => failed(error, url, db));
  await db.end();
  return applied;
}

async function failed(error: unknown, url: string, db: DbPool): Promise<never> {
  await db.end();
  throw explainStart(error, url);
}

/** For commands: the database of the data folder is started where it isn't running, and stopped again unless a server uses it. */
export async function openWithDatabase(config: Config, log: Log): Promise<OpenDeps> {
  if (config.databaseUrl) return openDeps(config, config.databaseUrl, log);
  const secrets = await readSecrets(config.dataDir);
  const embedded = await startEmbedded(path.join(config.dataDir, 'postgres'), secrets.databasePassword);
  try {
    const deps = await openDeps({ ...config, jwtSecrets: [secrets.jwtSecret] }, embedded.url, log);
    const { close } = deps;
    return Object.assign(deps, {
      async close() {
        await close();
        await embedded.stop();
      },
    });
  } catch (error) {
    if (!embedded.takenOver) await embedded.stop();
    throw error;
  }
}
