// Faults that operators can mend, as against bugs of ours. Each is told without a stack, by a sentence that says what to do, a line a second for
// each kind.
import { AppError } from './errors.ts';
import { DatabaseFault, type FaultKind } from './faults.ts';
import type { Log } from './log.ts';
import { noteFault } from './recentFaults.ts';

const DATABASE: Partial<Record<FaultKind, [string, string]>> = {
  away: ['database-away', 'The database does not answer. Check that Postgres runs and can be reached from here.'],
  full: ['database-full', 'The database has no space (or memory) left. Make room on its disk.'],
  readOnly: [
    'database-read-only',
    'The database takes no writes. It may be a replica after a failover, or set to read-only: DATABASE_URL must lead to the primary.',
  ],
  timeout: ['database-timeout', 'A statement took longer than the database lets it (statement_timeout).'],
  misconfigured: ['database-refused', "The database refuses the server's sign-in. Check user, password and database in DATABASE_URL."],
  forbidden: ['database-forbidden', "The database does not let the server's user do what it must. It should own the database."],
  outdated: ['database-outdated', 'A newer Runledger has brought the database up to date. Replace this server by the newer version.'],
};
const STORE: Record<string, string> = {
  'artifact-store-away': 'The artifact store does not answer. Check RUNLEDGER_ARTIFACTS, and that it can be reached from here.',
  'artifact-store-full': 'The artifact store has no space left. Make room.',
  'artifact-store-read-only': 'The artifact store takes no writes. Check how its file system is mounted.',
  'artifact-store-missing': "The artifact store's folder or bucket is not there. Bring it back, or check RUNLEDGER_ARTIFACTS.",
  'artifact-store-forbidden': "The artifact store refuses the server's access. Check its keys, or the rights on its folder.",
};

/** How such a fault is called: stable, of few. */
export function operatorFault(error: unknown): { reason: string; sentence: string } | undefined {
  if (error instanceof DatabaseFault) {
    const told = DATABASE[error.kind];
    return told && { reason: told[0], sentence: told[1] };
  }
  const sentence = error instanceof AppError ? STORE[error.reason ?? ''] : undefined;
  return sentence === undefined ? undefined : { reason: (error as AppError).reason!, sentence };
}

/** `sentence` is for anything else, which is logged whole. */
export function logFault(log: Log, error: unknown, facts: Record<string, unknown>, sentence: string): void {
  const known = operatorFault(error);
  if (!known) {
    log.error({ err: error, ...facts }, sentence);
    return;
  }
  const { cause } = error as { cause?: unknown };
  const { code } = (cause ?? {}) as { code?: string };
  noteFault(log, known.reason, { ...facts, code, cause: cause instanceof Error ? cause.message : undefined }, known.sentence);
}
