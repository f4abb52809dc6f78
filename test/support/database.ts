// A database of one's own: a clone of the migrated template, in about 50 ms.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type DbPool, openPool } from '../../src/postgres/pool.ts';
import { openPrisma, type PrismaClient } from '../../src/postgres/prismaClient.ts';
import { TEMPLATE } from './postgres.ts';

export type FreshDatabase = { url: string; db: DbPool; prisma: PrismaClient; drop(): Promise<void> };

async function asAdmin(statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('databaseServer') });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}

/** The address of a new database, for servers that a test starts as processes of their own. */
export async function freshDatabaseUrl(template: string | null = TEMPLATE): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`create database ${name}${template ? ` template ${template}` : ''}`);
  const url = new URL(inject('databaseServer'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const { url, drop } = await freshDatabaseUrl();
  const db = openPool(url, { max: 5 });
  const prisma = openPrisma(db);
  return {
    url,
    db,
    prisma,
    async drop() {
      await prisma.$disconnect();
      await db.end();
      await drop();
    },
  };
}
