// What the same work costs in Postgres alone: the least tables that could hold it, driven by pgbench. No server of ours or others is involved.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Cell } from './cell.ts';
import { percentile } from './cell.ts';
import type { Options } from './options.ts';
import { databaseSize, findProgram, query } from './postgres.ts';

const run = promisify(execFile);

export type Raw = {
  folder: string;
  /** bench/sql/NAME.sql in a loop: with one client the median latency, with several the transactions a second. */
  pgbench(name: string, clients: number): Promise<Cell>;
  /** Megabytes of the tables once seeded. */
  size: number;
};

/** Makes and fills the tables; undefined where there is no pgbench. */
export async function openRaw(url: string, options: Options, folder: string): Promise<Raw | undefined> {
  const pgbench = findProgram('pgbench');
  if (!pgbench) return undefined;
  await query(url, await readFile('bench/sql/schema.sql', 'utf8'));
  for (const statement of (await readFile('bench/sql/seed.sql', 'utf8')).split(/;\n/)) {
    if (statement.trim()) await query(url, statement.replaceAll(':runs', String(options.runs)));
  }
  await query(url, 'vacuum (analyze)');
  const size = (await databaseSize(url)) / 1024 / 1024;
  return {
    folder,
    size,
    async pgbench(name, clients) {
      const values: number[] = [];
      const tails: number[] = [];
      for (let repeat = 0; repeat < options.repeats; repeat++) {
        const logs = await mkdtemp(path.join(folder, 'pgbench-'));
        const seconds = Math.max(1, Math.round(options.seconds));
        const script = path.resolve(`bench/sql/${name}.sql`);
        const args = ['-n', '-M', 'prepared', '-c', String(clients), '-j', String(Math.min(2, clients)), '-T', String(seconds), '-f', script];
        // 100 connections are what the embedded Postgres takes; more would only queue.
        if (clients > 64) args[args.indexOf('-c') + 1] = '64';
        const { stdout } = await run(pgbench, [...args, '-D', `runs=${options.runs}`, '-l', `--log-prefix=${logs}/log`, url], { maxBuffer: 1 << 24 });
        const times = await readTimes(logs);
        await rm(logs, { recursive: true });
        values.push(clients === 1 ? percentile(times, 0.5) : Number(/tps = ([\d.]+)/.exec(stdout)?.[1]));
        tails.push(percentile(times, 0.99));
      }
      return { value: percentile(values, 0.5), p99: percentile(tails, 0.5) };
    },
  };
}

/** pgbench's log: client, transaction, microseconds, … */
async function readTimes(folder: string): Promise<number[]> {
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => Number(line.split(' ')[2]) / 1000),
  );
}
