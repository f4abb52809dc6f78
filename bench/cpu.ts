// Processor time that a measurement takes: what a server and its Postgres need for a request, whatever else the machine does meanwhile.
// Linux's /proc tells it to the nanosecond.
import { readdirSync } from 'node:fs';
import { query } from './postgres.ts';
import { readOrNothing } from './processes.ts';
import type { Target } from './targets.ts';

/** Milliseconds. `postgres`: of the sessions of the target's database. */
export type Cpu = { server: number; postgres: number };

/** Of all threads that live. */
export function processorMs(pid: number): number {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readOrNothing(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0);
    }
  } catch {
    // It has ended.
  }
  return nanoseconds / 1e6;
}

async function sessions(database: string): Promise<number[]> {
  const rows = await query<{ pid: number }>(
    database,
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  return rows.map(({ pid }) => pid);
}

async function snapshot(target: Target): Promise<Map<number, number>> {
  const server = target.pids().map((pid) => [pid, processorMs(pid)] as const);
  const postgres = (await sessions(target.database)).map((pid) => [-pid, processorMs(pid)] as const);
  return new Map([...server, ...postgres]);
}

/** Begins to count; the function it answers ends that. A session that began meanwhile counts whole, one that ended not at all. */
export async function countCpu(target: Target): Promise<() => Promise<Cpu>> {
  const before = await snapshot(target);
  return async () => {
    const cpu = { server: 0, postgres: 0 };
    for (const [pid, now] of await snapshot(target)) cpu[pid > 0 ? 'server' : 'postgres'] += now - (before.get(pid) ?? 0);
    return cpu;
  };
}
