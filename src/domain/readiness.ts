// Whether the parts that the server stands on answer.
import type { Deps } from '../context.ts';
import { ping } from '../db/ping.ts';

/** The parts that don't answer, in words; none when all is well. */
export async function findUnready({ db, store }: Pick<Deps, 'db' | 'store'>): Promise<string[]> {
  const faults: string[] = [];
  await ping(db).catch(() => faults.push('database'));
  await store.ready().catch(() => faults.push('artifact store'));
  return faults;
}
