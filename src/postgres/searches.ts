// Searches outside transactions: fair turns per team, an end in time, and an end when the client leaves.
import type pg from 'pg';
import { AppError } from '../lib/errors.ts';
import { isFault } from '../lib/faults.ts';
import { openTurns } from '../lib/turns/turns.ts';
import { presentWork } from '../lib/work.ts';
import { cancelStatement } from './cancel.ts';
import { named } from './errors.ts';

/** A page of 10,000 runs takes a second or two of Postgres. */
const SEARCH_MS = 15_000;
/** Longer than most searches take; who waits longer is told to come again. */
const PATIENCE_MS = 20_000;

const busy = () => new AppError('UNAVAILABLE', 'Your team has as many searches under way as it may. Try again in a moment.', { reason: 'busy' });

/** A user's doing, so no 503: clients would send it again for minutes. */
const tooLong = () =>
  new AppError(
    'LIMIT_EXCEEDED',
    `The search took longer than ${SEARCH_MS / 1_000} seconds. Ask for fewer experiments, fewer clauses or simpler patterns.`,
    {
      reason: 'search-too-long',
      limit: SEARCH_MS,
    },
  );

type Run<S> = <R>(on: pg.PoolClient, statement: S, values: unknown[]) => Promise<R[]>;

/** Of `connections`, logging and everyday reads always find some: searches have six in ten, one team half of those. */
export function openSearches<S>(pool: pg.Pool, run: Run<S>, connections: number): <R>(statement: S, values: unknown[]) => Promise<R[]> {
  const places = Math.max(1, Math.floor(connections * 0.6));
  const turns = openTurns({ places, each: Math.max(1, Math.floor(places / 2)), patienceMs: PATIENCE_MS, refusal: busy });
  return async (statement, values) => {
    const work = presentWork();
    const giveBack = await turns.take(work?.caller ?? '', work?.signal);
    try {
      const client = await pool.connect().catch((error) => {
        throw named(error);
      });
      let timedOut = false;
      const cancel = () => cancelStatement(client);
      const timer = setTimeout(() => {
        timedOut = true;
        cancel();
      }, SEARCH_MS);
      work?.signal.addEventListener('abort', cancel, { once: true });
      let broken = false;
      try {
        return await run(client, statement, values);
      } catch (error) {
        broken = true;
        throw timedOut && isFault(error, 'timeout') ? tooLong() : error;
      } finally {
        clearTimeout(timer);
        work?.signal.removeEventListener('abort', cancel);
        // A cancellation that was under way may reach the connection's next statement: it goes.
        client.release(broken);
      }
    } finally {
      giveBack();
    }
  };
}
