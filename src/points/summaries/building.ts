// Keeps all params, tags and latest metrics of a quiet run as one text, for pages of many runs. Any number of processes may do it, and may be
// killed at any moment. Without a summary, readers take a run's values from their rows.
import type { Log } from '../../lib/log.ts';
import { type Repeating, repeating } from '../../lib/repeating.ts';
import type { Db } from '../../postgres/pool.ts';
import { buildSummaries, summariesDue } from './summaries.ts';

const LOOK_MS = 2_000;
/** For a run that goes on: its points are compacted after five minutes. A summary of a run that logs on would be made for nothing. */
const QUIET_SECONDS = 300;
/** Whoever logs to one of these waits until they are built: some ten milliseconds. */
const RUNS_AT_ONCE = 100;
const RUNS_A_LOOK = 2_000;
/** Of about 200 values in all. Larger ones are read from their rows: kept, they would be rewritten whole for each value. */
const MOST = { metrics: 200, characters: 16_384 };

/** Builds what is due, all of it. */
export async function summarizeAll(db: Db, quietSeconds = QUIET_SECONDS, isStopped = () => false): Promise<void> {
  for (;;) {
    let [found, built] = [0, 0];
    for (const { teamId, runIds } of await summariesDue(db, quietSeconds, RUNS_A_LOOK)) {
      found += runIds.length;
      for (let from = 0; from < runIds.length && !isStopped(); from += RUNS_AT_ONCE) {
        built += await buildSummaries(db, teamId, runIds.slice(from, from + RUNS_AT_ONCE), MOST);
      }
    }
    // Those that somebody is writing to are left for the next look.
    if (isStopped() || found < RUNS_A_LOOK || built === 0) return;
  }
}

/** Looks every two seconds; `stop` waits for the transaction under way. */
export const startSummaries = ({ db, log }: { db: Db; log: Log }): Repeating =>
  repeating(
    LOOK_MS,
    (isStopped) => summarizeAll(db, QUIET_SECONDS, isStopped),
    (error) => log.warn({ err: error }, 'could not summarize runs'),
  );
