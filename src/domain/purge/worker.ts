// Finishes what deletion for good has begun (files, points), and begins it by itself where a time is configured. Any number of processes may do
// it: notes are claimed, a claim ends by itself, and everything can be done twice.
import type { Deps } from '../../context.ts';
import { claimPurges, deleteRunData, finishPurge, type PurgeJob, renewPurge } from '../../db/purge/jobs.ts';
import { inParallel } from '../../lib/inParallel.ts';
import { type IsStopped, type Repeating, repeating } from '../../lib/repeating.ts';
import { objectKeyOf } from '../../storage/objectKeys.ts';
import { purgeEverywhere } from './purge.ts';

const LOOK_MS = 30_000;
const PURGE_MS = 3_600_000;
const LEASE_SECONDS = 120;
const CLAIMED = 32;
const AT_ONCE = 4;
const STOP_MS = 5_000;

type Parts = Pick<Deps, 'db' | 'store' | 'log'>;
export type Freed = { files: number; bytes: number; failed: number };

/** Files before rows: as long as the note stands, both are found again. */
async function finish(parts: Parts, job: PurgeJob, isStopped: () => boolean): Promise<{ files: number; bytes: number }> {
  const renewal = setInterval(() => void renewPurge(parts.db, job, LEASE_SECONDS).catch(() => {}), (LEASE_SECONDS * 1_000) / 3);
  try {
    const freed = job.folder === null ? { files: 0, bytes: 0 } : await parts.store.remove(objectKeyOf(job.teamId, job.folder));
    if (job.kind === 'RUN') await deleteRunData(parts.db, job.teamId, job.target, isStopped);
    if (!isStopped()) await finishPurge(parts.db, job);
    return freed;
  } finally {
    clearInterval(renewal);
  }
}

/** All that waits and nobody works on, of one team or of all. What fails is left for the next look, and logged. */
export async function finishPurges(parts: Parts, teamId: number | null = null, isStopped = () => false): Promise<Freed> {
  const total: Freed = { files: 0, bytes: 0, failed: 0 };
  for (let claimed = CLAIMED; claimed === CLAIMED && !isStopped(); ) {
    const jobs = await claimPurges(parts.db, teamId, LEASE_SECONDS, CLAIMED);
    claimed = jobs.length;
    await inParallel(jobs, AT_ONCE, async (job) => {
      if (isStopped()) return;
      try {
        const { files, bytes } = await finish(parts, job, isStopped);
        total.files += files;
        total.bytes += bytes;
      } catch (error) {
        total.failed += 1;
        if (!isStopped()) parts.log.warn({ err: error, ...job }, 'could not remove what is left of something deleted for good; it is tried again');
      }
    });
  }
  return total;
}

/** `lookMs` is for tests. `stop` waits a moment for what is under way; what is cut off is done again later. */
export function startPurgeWorker(deps: Deps, { lookMs = LOOK_MS }: { lookMs?: number } = {}): Repeating {
  const { gcAfterMs } = deps.config;
  let purgedAt = Number.NEGATIVE_INFINITY;
  const look = async (isStopped: IsStopped) => {
    if (gcAfterMs !== undefined && performance.now() - purgedAt >= PURGE_MS) {
      const { runs, loggedModels, experiments, points } = await purgeEverywhere(deps, 'schedule', null, {
        ageMs: gcAfterMs,
        dryRun: false,
        isStopped,
      });
      if (runs + loggedModels + experiments > 0)
        deps.log.info({ runs, loggedModels, experiments, points: String(points) }, 'deleted for good what was deleted long enough ago');
      purgedAt = performance.now();
    }
    await finishPurges(deps, null, isStopped);
  };
  return repeating(lookMs, look, (error) => deps.log.warn({ err: error }, 'could not delete for good'), STOP_MS);
}
