// `gc`: deletion for good from the command line, of one team or of all, to its end.
import type { Deps } from '../context.ts';
import { parseAge, purgeEverywhere } from '../domain/purge/purge.ts';
import { finishPurges } from '../domain/purge/worker.ts';
import { invalid } from '../lib/errors.ts';

export type GcOptions = { olderThan: string | undefined; team: string | undefined; dryRun: boolean; isStopped: () => boolean };

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function inBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} B` : `${(bytes / 1_000 ** power).toFixed(1)} ${UNITS[power]}`;
}

const many = (count: number | bigint, what: string) => `${count.toLocaleString('en')} ${what}${Number(count) === 1 ? '' : 's'}`;

/** Throws INVALID_ARGUMENT and NOT_FOUND; an error when something could not be removed, which is tried again by the servers and the next call. */
export async function gc(deps: Deps, options: GcOptions, write: (line: string) => void): Promise<void> {
  const { olderThan, team = null, dryRun, isStopped } = options;
  const ageMs = olderThan === undefined ? deps.config.gcAfterMs : parseAge(olderThan);
  if (ageMs === undefined) throw invalid('Say how long ago it must have been deleted: --older-than 30d. Or set RUNLEDGER_GC_AFTER.');
  const purged = await purgeEverywhere(deps, 'command line', team, { ageMs, dryRun, isStopped });
  const what = [
    many(purged.runs, 'run'),
    many(purged.points, 'point'),
    many(purged.loggedModels, 'logged model'),
    many(purged.experiments, 'experiment'),
  ];
  const kept = purged.kept === 0 ? '' : ` ${many(purged.kept, 'deleted thing')} stay: registered versions, or runs that stay, need them.`;
  if (dryRun) return write(`Would delete for good: ${what.join(', ')}; ${many(purged.files, 'artifact')}, ${inBytes(purged.bytes)}.${kept}`);
  write(`Deleted for good: ${what.join(', ')}.${kept}`);
  const freed = await finishPurges(deps, null, isStopped);
  write(`Removed ${many(freed.files, 'artifact')}, ${inBytes(freed.bytes)}.`);
  if (isStopped()) write('Stopped before the end. What was begun is finished by a running server, or by the next call.');
  if (freed.failed > 0)
    throw new Error(`${many(freed.failed, 'folder')} could not be removed; the log says why. It is tried again by the servers and the next call.`);
}
