// Deletion for good: what was deleted long enough ago goes, unless a registered version was made from it. First the row that clients know is
// removed, with a note of what is left (files, points). From then on nobody can restore it, and any process may finish the rest (worker.ts). So
// nothing that can be restored misses anything, nothing is forgotten, and it may be stopped at any moment.
import { requireCan } from '../../auth/policy.ts';
import type { Db, Deps, TeamCtx } from '../../context.ts';
import * as db from '../../db/purge/choice.ts';
import { insertPurges, listTeams, type PurgeKind } from '../../db/purge/jobs.ts';
import { parseDuration } from '../../lib/duration.ts';
import { invalid, notFound } from '../../lib/errors.ts';
import { inParallel } from '../../lib/inParallel.ts';
import { checkFolder, objectKeyOf } from '../../storage/objectKeys.ts';
import { pathOfUri } from '../artifacts/locations.ts';
import { type Act, record, recordUnattended } from '../people/audit.ts';
import { showModelId } from '../tracking/loggedModels.ts';

/** Of one transaction: some tens of milliseconds. */
const BATCH = 200;
/** What one request takes at most; the rest is for the next. */
const REQUEST_RUNS = 1_000;
const WALKS_AT_ONCE = 16;
/** An upload or a write that began before something was deleted has ended by then. */
const LEAST_MS = 3_600_000;

/**
 * `kept`: deleted long enough ago, and kept since a registered version (or a run that stays) needs it. `files` and `bytes` of artifacts: only of a dry
 * run, since otherwise they are removed later. `more`: runs are left beyond the limit.
 */
export type Purged = {
  runs: number;
  loggedModels: number;
  experiments: number;
  points: bigint;
  kept: number;
  files: number;
  bytes: number;
  more: boolean;
};

const nothing = (): Purged => ({ runs: 0, loggedModels: 0, experiments: 0, points: 0n, kept: 0, files: 0, bytes: 0, more: false });

function add(a: Purged, b: Purged): Purged {
  const sum: Purged = { ...a, points: a.points + b.points, more: a.more || b.more };
  for (const key of ['runs', 'loggedModels', 'experiments', 'kept', 'files', 'bytes'] as const) sum[key] += b[key];
  return sum;
}

/** Milliseconds. Throws INVALID_ARGUMENT. */
export function parseAge(text: string): number {
  const age = parseDuration(text);
  if (age === undefined) throw invalid(`'${text}' is no length of time. Write it like 30d, 12h or 1d12h.`, { argument: 'olderThan' });
  if (age < LEAST_MS)
    throw invalid(`'${text}' is too short: at least 1h, so that what was being uploaded before the deletion has ended.`, { argument: 'olderThan' });
  return age;
}

type Parts = Pick<Deps, 'db' | 'store' | 'now'>;
type Note = (tx: Db, act: Act) => Promise<void>;
type Left = { kind: PurgeKind; target: string; folder: string | null };
type Job = { parts: Parts; teamId: number; cutoff: Date; dryRun: boolean; note: Note; left: (left: Left[]) => void };

/** The folder where something kept its files, if it has one of its own below the team's root (named by the last part of its address); else null. */
function ownFolder(uri: string, name: string): string | null {
  const path = pathOfUri(uri)?.replace(/\/artifacts$/, '') ?? '';
  if (path !== name && !path.endsWith(`/${name}`)) return null;
  try {
    return checkFolder(path);
  } catch {
    // No client can have written there.
    return null;
  }
}

const leftOfRun = (run: db.DueRun): Left => ({ kind: 'RUN', target: run.runId, folder: ownFolder(run.artifactUri, run.runId) });
const leftOfModel = ({ modelId, artifactUri }: db.DueModel): Left => ({
  kind: 'LOGGED_MODEL',
  target: modelId,
  folder: ownFolder(artifactUri, showModelId(modelId)),
});
/** Only its default place is its own; one that was chosen may be shared. */
function leftOfExperiment({ experimentId, artifactLocation }: db.DueExperiment): Left {
  const id = String(experimentId);
  return { kind: 'EXPERIMENT', target: id, folder: pathOfUri(artifactLocation) === id ? id : null };
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`;

async function purgeRuns(job: Job, tx: Db, after: db.Mark | null): Promise<{ purged: Purged; next: db.Mark | null }> {
  const { teamId, cutoff, dryRun } = job;
  const { seen, last, runs } = await db.findDueRuns(tx, teamId, { cutoff, after, limit: BATCH, claim: !dryRun });
  const runIds = runs.map((run) => run.runId);
  if (!dryRun && runs.length > 0) await db.deleteRunRows(tx, teamId, runIds);
  const models = runs.length === 0 ? [] : await db.findModelsOfRuns(tx, teamId, runIds, { cutoff, claim: !dryRun });
  const modelIds = models.map((model) => model.modelId);
  const left = [...runs.map(leftOfRun), ...models.map(leftOfModel)];
  if (dryRun) job.left(left);
  else if (runs.length > 0) {
    await db.deleteModelRows(tx, teamId, modelIds);
    await insertPurges(tx, teamId, left);
    const after = { runIds, ...(models.length > 0 ? { modelIds: modelIds.map(showModelId) } : {}) };
    await job.note(tx, { action: 'RUNS_PURGED', target: runs.length === 1 ? `run ${runIds[0]}` : count(runs.length, 'run'), after });
  }
  const points = runs.reduce((sum, run) => sum + BigInt(run.points), 0n);
  const purged = { ...nothing(), runs: runs.length, loggedModels: models.length, points, kept: seen - runs.length };
  return { purged, next: seen === BATCH ? last : null };
}

async function purgeModels(job: Job, tx: Db, after: string | null): Promise<{ purged: Purged; next: string | null }> {
  const { teamId, cutoff, dryRun } = job;
  const { seen, last, models } = await db.findDueModels(tx, teamId, { cutoff, after, limit: BATCH, claim: !dryRun });
  const left = models.map(leftOfModel);
  if (dryRun) job.left(left);
  else if (models.length > 0) {
    const modelIds = models.map((model) => model.modelId);
    await db.deleteModelRows(tx, teamId, modelIds);
    await insertPurges(tx, teamId, left);
    const shown = modelIds.map(showModelId);
    const target = models.length === 1 ? `logged model ${shown[0]}` : count(models.length, 'logged model');
    await job.note(tx, { action: 'LOGGED_MODELS_PURGED', target, after: { modelIds: shown } });
  }
  return { purged: { ...nothing(), loggedModels: models.length, kept: seen - models.length }, next: seen === BATCH ? last : null };
}

async function purgeExperiments(job: Job, tx: Db): Promise<Purged> {
  const { teamId, cutoff, dryRun } = job;
  const { seen, experiments } = await db.findDueExperiments(tx, teamId, { cutoff, claim: !dryRun });
  const left = experiments.map(leftOfExperiment);
  if (dryRun) job.left(left);
  else if (experiments.length > 0) {
    const ids = experiments.map((experiment) => experiment.experimentId);
    await db.deleteExperimentRows(tx, teamId, ids);
    await insertPurges(tx, teamId, left);
    const after = { experiments: experiments.map(({ experimentId, name }) => ({ experimentId: String(experimentId), name })) };
    await job.note(tx, { action: 'EXPERIMENTS_PURGED', target: count(ids.length, 'experiment'), after });
  }
  return { ...nothing(), experiments: experiments.length, kept: seen - experiments.length };
}

/** Bytes and files of folders, as they are now; each once, though an experiment's folder holds those of its runs. */
async function measure({ store }: Parts, teamId: number, folders: string[]): Promise<{ files: number; bytes: number }> {
  let [files, bytes] = [0, 0];
  const all = new Set(folders);
  const isInside = (folder: string) => folder.split('/').some((_part, depth, parts) => depth > 0 && all.has(parts.slice(0, depth).join('/')));
  await inParallel(
    [...all].filter((folder) => !isInside(folder)),
    WALKS_AT_ONCE,
    async (folder) => {
      for await (const { size } of store.walk(objectKeyOf(teamId, folder))) {
        files += 1;
        bytes += size;
      }
    },
  );
  return { files, bytes };
}

export type PurgeOptions = { ageMs: number; dryRun: boolean; maxRuns?: number; isStopped?: () => boolean };

/** A dry run reads, and tells what would go; it doesn't lock. */
async function purgeTeam(parts: Parts, teamId: number, options: PurgeOptions, note: Note): Promise<Purged> {
  const { ageMs, dryRun, maxRuns = Number.POSITIVE_INFINITY, isStopped = () => false } = options;
  const folders: string[] = [];
  const left = (items: Left[]) => folders.push(...items.flatMap(({ folder }) => (folder === null ? [] : [folder])));
  const job: Job = { parts, teamId, cutoff: new Date(parts.now() - ageMs), dryRun, note, left };
  const batch = <R>(work: (tx: Db) => Promise<R>) => (dryRun ? work(parts.db) : parts.db.tx(work));
  let total = nothing();
  for (let after: db.Mark | null | undefined; after !== null && !isStopped(); ) {
    if (total.runs >= maxRuns) return { ...total, ...(await measure(parts, teamId, folders)), more: true };
    const { purged, next } = await batch((tx) => purgeRuns(job, tx, after ?? null));
    total = add(total, purged);
    after = next;
  }
  for (let after: string | null | undefined; after !== null && !isStopped(); ) {
    const { purged, next } = await batch((tx) => purgeModels(job, tx, after ?? null));
    total = add(total, purged);
    after = next;
  }
  if (!isStopped()) total = add(total, await batch((tx) => purgeExperiments(job, tx)));
  return { ...total, ...(await measure(parts, teamId, folders)) };
}

/** For ADMINs of the team, at most 1,000 runs a call. Files and points follow in the background. Throws INVALID_ARGUMENT for `olderThan`. */
export async function purgeDeleted(ctx: TeamCtx, { olderThan, dryRun }: { olderThan: string; dryRun: boolean }): Promise<Purged> {
  requireCan(ctx, 'data:purge');
  return purgeTeam(ctx, ctx.team.teamId, { ageMs: parseAge(olderThan), dryRun, maxRuns: REQUEST_RUNS }, (tx, act) => record(ctx, tx, act));
}

/** A team that was removed, all of it. */
export async function purgeRemovedTeam(deps: Deps, teamId: number, isStopped: () => boolean): Promise<void> {
  const note: Note = (tx, act) => recordUnattended(deps, tx, teamId, 'schedule', act);
  await purgeTeam(deps, teamId, { ageMs: 0, dryRun: false, isStopped }, note);
}

/** Who works without being asked by a person; what the audit log calls them. */
export type Unattended = 'schedule' | 'command line';

/** Every team, or the one of this slug. For the schedule and the command line, which need no role: who starts them runs the server. Throws NOT_FOUND. */
export async function purgeEverywhere(deps: Deps, by: Unattended, slug: string | null, options: PurgeOptions): Promise<Purged> {
  const teams = await listTeams(deps.db, slug);
  if (slug !== null && teams.length === 0) throw notFound(`There is no team '${slug}'.`);
  let total = nothing();
  for (const { teamId } of teams) {
    if (options.isStopped?.()) break;
    total = add(total, await purgeTeam(deps, teamId, options, (tx, act) => recordUnattended(deps, tx, teamId, by, act)));
  }
  return total;
}
