// Whether the parts that the server stands on can be used, and if not, which and why. Answers within two seconds, whatever they do.
import type { Deps } from '../context.ts';
import { stateOfDatabase } from '../db/ping.ts';
import { DatabaseFault, type FaultKind } from '../lib/faults.ts';
import { isFresh } from '../lib/recentFaults.ts';
import { whyUnready } from '../storage/faults.ts';

const WITHIN_MS = 1_500;

const WHY: Partial<Record<FaultKind, string>> = {
  misconfigured: "refuses the server's sign-in: its password, user or database is another than DATABASE_URL says",
  forbidden: "does not let the server's user do what it must",
};
const OUTDATED = 'was brought up to date by a newer Runledger; this server is too old to write to it';
const READ_ONLY = 'takes no writes: it is read-only, or a replica';
const FULL = 'has no space left';

async function databaseFault(db: Deps['db']): Promise<string | undefined> {
  try {
    const { outdated, readOnly } = await stateOfDatabase(db, WITHIN_MS);
    if (outdated) return OUTDATED;
    if (readOnly) return READ_ONLY;
    return isFresh('database-full') ? FULL : undefined;
  } catch (error) {
    return (error instanceof DatabaseFault && WHY[error.kind]) || 'does not answer';
  }
}

async function storeFault(store: Deps['store']): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, WITHIN_MS, 'does not answer');
  });
  const asked = store.ready().then(() => undefined, whyUnready);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A sentence for each part that can't be used; none when all is well. */
export async function findUnready({ db, store }: Pick<Deps, 'db' | 'store'>): Promise<string[]> {
  const [database, artifacts] = await Promise.all([databaseFault(db), storeFault(store)]);
  return [...(database ? [`database: ${database}`] : []), ...(artifacts ? [`artifact store: ${artifacts}`] : [])];
}
