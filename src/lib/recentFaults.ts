// Faults that last, for operators. However many requests meet one, the log has a line a second for each kind, and /ready tells the last one.
import type { Log } from './log.ts';

const LINE_MS = 1_000;
/** How long a fault that nobody can ask for (a full disk) counts as there. */
const FRESH_MS = 10_000;

type Seen = { loggedAt: number; unlogged: number; seenAt: number };
const seen = new Map<string, Seen>();

/** `reason`: the kind, of few. Says how many of it were not logged since the line before. */
export function noteFault(log: Log, reason: string, facts: Record<string, unknown>, sentence: string): void {
  const now = performance.now();
  const known = seen.get(reason) ?? { loggedAt: Number.NEGATIVE_INFINITY, unlogged: 0, seenAt: now };
  seen.set(reason, known);
  known.seenAt = now;
  if (now - known.loggedAt < LINE_MS) {
    known.unlogged += 1;
    return;
  }
  log.error({ reason, ...facts, ...(known.unlogged > 0 && { notLogged: known.unlogged }) }, sentence);
  known.loggedAt = now;
  known.unlogged = 0;
}

/** Whether it was met in the last seconds. */
export const isFresh = (reason: string): boolean => performance.now() - (seen.get(reason)?.seenAt ?? Number.NEGATIVE_INFINITY) < FRESH_MS;
