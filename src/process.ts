// Opens the parts that a server process needs (database, store, events) and closes them again. Shared by main.ts, the command line and tests.

import type { Config } from './config.ts';
import type { Deps } from './context.ts';
import { databaseFault } from './db/databaseFault.ts';
import { openListener } from './db/listener.ts';
import { migrate } from './db/migrate.ts';
import { type DbPool, openPool } from './db/pool.ts';
import { openPrisma } from './db/prisma.ts';
import { StartError } from './errors.ts';
import { openBus } from './events/bus.ts';
import { uuidv7 } from './ids.ts';
import type { Log } from './log.ts';
import { startFault } from './startFaults.ts';
import { openStore } from './storage/open.ts';

export type OpenDeps = Deps & { db: DbPool; close(): Promise<void> };

/** Connects to `databaseUrl`, applies migrations, opens the artifact store. */
export async function openDeps(config: Config, databaseUrl: string, log: Log): Promise<OpenDeps> {
  const db = openPool(databaseUrl, { max: config.databasePool });
  const applied = await migrate(db).catch(async (error) => {
    await db.end();
    throw databaseFault(error, databaseUrl);
  });
  if (applied.length > 0) log.info({ applied }, 'database migrated');
  const prisma = openPrisma(db);
  const bus = openBus(openListener(databaseUrl, db, log), log);
  const store = await openStore(config).catch(async (error) => {
    throw startFault(error) ? error : new StartError(`The artifact store ${config.artifacts} can't be used: ${(error as Error).message}`);
  });
  const now = () => Date.now();
  return {
    config,
    db,
    prisma,
    store,
    bus,
    log,
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
