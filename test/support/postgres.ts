// One Postgres for the whole test run, with a migrated template that every test file clones. RUNLEDGER_TEST_DATABASE_URL names another server.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: string;
  }
}

export const TEMPLATE = 'runledger_template';

let stop = async () => {};

export async function setup(project: TestProject) {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-test-'));
  await chmod(folder, 0o755);
  const given = process.env.RUNLEDGER_TEST_DATABASE_URL;
  // Tests need Postgres's answers, not its durability.
  const server = given
    ? { url: given, stop: async () => {} }
    : await startEmbedded(path.join(folder, 'postgres'), 'test', { fsync: 'off', full_page_writes: 'off', max_connections: '300' });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`drop database if exists ${TEMPLATE} with (force)`);
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const url = new URL(server.url);
  url.pathname = `/${TEMPLATE}`;
  const pool = openPool(url.href, { max: 1 });
  await migrate(pool);
  await pool.end();
  project.provide('databaseServer', server.url);
  stop = async () => {
    await server.stop();
    // It lies apart where root's TMPDIR is a folder of root's alone.
    if ('cluster' in server) for (const one of [server.cluster, `${server.cluster}.data-folder`]) await rm(one, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
}

export const teardown = () => stop();
