// The one Postgres under everything that is measured: the embedded one in a temporary folder, or --database. Makes a database for each server.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbedded } from '../src/postgres/embedded.ts';

const run = promisify(execFile);

export type Postgres = {
  version: string;
  /** Where it came from, for the table's heading. */
  origin: string;
  /** A new empty database; its address. */
  create(name: string): Promise<string>;
  drop(name: string): Promise<void>;
  stop(): Promise<void>;
};

/** One statement on a database of its own connection; rows as objects. */
export async function query<T extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<T>(text, values);
    return result.rows;
  } finally {
    await client.end();
  }
}

export async function openPostgres(folder: string, given: string | undefined): Promise<Postgres> {
  const embedded = given ? undefined : await startEmbedded(path.join(folder, 'postgres'), 'runledger-bench');
  const root = given ?? embedded!.url;
  const [row] = await query<{ version: string }>(root, `select current_setting('server_version') as version`);
  const name = (of: string) => `runledger_bench_${of}`;
  return {
    version: row!.version.split(' ')[0]!,
    origin: given ? 'a server of its own' : 'embedded, settings as `npm start` has them',
    async create(of) {
      await query(root, `drop database if exists ${name(of)} with (force)`);
      await query(root, `create database ${name(of)}`);
      const url = new URL(root);
      url.pathname = `/${name(of)}`;
      return url.toString();
    },
    async drop(of) {
      await query(root, `drop database if exists ${name(of)} with (force)`);
    },
    async stop() {
      await embedded?.stop();
    },
  };
}

/** What five quiet minutes do to our database, without the wait: points are old enough to be compacted, and are; and runs have their summaries. */
export async function settle(url: string, waitSeconds = 300): Promise<void> {
  await query(url, "update metric_blocks set created_at = now() - interval '1 hour'");
  const left = async () => {
    const [row] = await query<{ count: number }>(
      url,
      `select ((select count(*) from metric_blocks) + (select count(*) from run_summaries s join runs r using (team_id, run_id)
                where s.stale and r.status <> 'RUNNING'))::integer as count`,
    );
    return row!.count;
  };
  for (let waited = 0; (await left()) > 0; waited += 500) {
    if (waited > waitSeconds * 1_000) throw new Error(`${await left()} blocks of points or runs are still to be compacted after ${waitSeconds} s.`);
    await sleep(500);
  }
  await query(url, 'vacuum analyze metric_blocks, metric_chunks, run_summaries');
}

/**
 * Bytes of a database with its indexes, once what runs behind (vacuum here, compaction in the server) has come to rest. Without what compaction
 * keeps for subscribers for 15 minutes, which goes by itself.
 */
export async function settledSize(url: string, waitSeconds = 60): Promise<number> {
  await query(url, 'vacuum (analyze)');
  let before = -1;
  for (let waited = 0; waited < waitSeconds; waited += 5) {
    const size = await databaseSize(url);
    if (size === before) break;
    before = size;
    await sleep(5_000);
  }
  // What compaction took away is free space only now.
  await query(url, 'vacuum');
  await query(url, 'checkpoint').catch(() => {});
  return databaseSize(url);
}

export async function databaseSize(url: string): Promise<number> {
  const [row] = await query<{ size: string }>(
    url,
    `select pg_database_size(current_database()) - coalesce(pg_total_relation_size(to_regclass('metric_recent')), 0) as size`,
  );
  return Number(row!.size);
}

/** Debian keeps client programs of each version apart and out of the path. */
export function findProgram(name: string): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...versions.map((version) => path.join(debian, version, 'bin'))];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** The version of a program, or why it can't be had. */
export async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version']);
  return stdout.trim();
}
