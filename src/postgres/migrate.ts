// Applies prisma/migrations in order, forward only, at every start. Keeps the table `_prisma_migrations` as `prisma migrate deploy` does,
// so either can take over from the other. Several servers may start at once: an advisory lock makes them take turns.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../lib/errors.ts';
import { claimGeneration } from './generation.ts';
import type { DbPool } from './pool.ts';

/** The same key that Prisma's engine locks. */
const LOCK = 72707369;
const FOLDER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../prisma/migrations');

/** `earlier`: checksums that it had before it was forbidden to change it. A later migration brings what was added. */
type Migration = { name: string; text: string; checksum: string; earlier: string[] };

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const lock = await readFile(`${folder}.lock`, 'utf8').catch(() => '');
  const earlier = new Map(
    lock
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, _now, ...before]) => [name, before]),
  );
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex'), earlier: earlier.get(name) ?? [] };
    }),
  );
}

/** Returns the names applied now. Throws if an applied migration's file has changed since: history can't be rewritten. */
export async function migrate(db: DbPool, folder = FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const applied: string[] = [];
  await db.tx(async (tx) => {
    await tx.rows({ text: 'select pg_advisory_xact_lock($1)' }, [LOCK]);
    await tx.rows({
      text: `create table if not exists _prisma_migrations (
        id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
        logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`,
    });
    const done = await tx.rows<{ migration_name: string; checksum: string }>({
      text: 'select migration_name, checksum from _prisma_migrations where rolled_back_at is null and finished_at is not null',
    });
    for (const migration of migrations) {
      const before = done.find((row) => row.migration_name === migration.name);
      if (before && migration.earlier.includes(before.checksum)) {
        await tx.rows({ text: 'update _prisma_migrations set checksum = $1 where migration_name = $2' }, [migration.checksum, migration.name]);
      } else if (before && before.checksum !== migration.checksum) {
        throw new StartError(
          `Migration ${migration.name} was applied with another content (SHA-256 ${before.checksum.slice(0, 12)}…) than its file has now (${migration.checksum.slice(0, 12)}…). Start the version of Runledger that applied it, or put its file back; docs/deploy.md says how to repair a database.`,
        );
      }
      if (before) continue;
      await tx.rows({ text: migration.text });
      await tx.rows(
        { text: 'insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) values ($1, $2, now(), $3, 1)' },
        [randomUUID(), migration.checksum, migration.name],
      );
      applied.push(migration.name);
    }
    await claimGeneration(tx);
  });
  return applied;
}
