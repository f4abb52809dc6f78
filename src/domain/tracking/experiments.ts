// Rules of experiments. An experiment is known by its number in the team, printed as text ("0" is the team's Default).
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import {
  deleteExperimentTagRow,
  type Experiment,
  experimentByName,
  experimentsByIds,
  insertExperiment,
  lockExperiments,
  renameExperimentRow,
  setExperimentDeleted,
  setExperimentTagRow,
} from '../../db/tracking/experiments.ts';
import { alreadyExists, invalid, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import type { KeyValue } from '../../points/values.ts';
import { requireNoOverlap } from '../artifacts/overlaps.ts';
import { experimentDeleted, experimentNotFound } from '../faults.ts';
import { checkKey, checkLength, LIMITS } from '../limits.ts';
import { record } from '../people/audit.ts';

export type { Experiment };

const ID_SHAPE = /^-?[a-zA-Z0-9][\w-]{0,63}$/;

/** The number that text names, or undefined for text that can name none. Throws INVALID_ARGUMENT for what is no id at all. */
export function parseExperimentId(text: string): number | undefined {
  if (!ID_SHAPE.test(text)) {
    throw invalid(`'${text}' is no experiment: give its number.`, { reason: 'experiment-id-invalid', argument: 'experimentId', experimentId: text });
  }
  const number = Number(text);
  return /^\d+$/.test(text) && number <= 2_147_483_647 ? number : undefined;
}

/** Deleted ones too. Throws NOT_FOUND. */
export async function getExperiment(ctx: TeamCtx, id: string): Promise<Experiment> {
  requireCan(ctx, 'team:read');
  const number = parseExperimentId(id);
  const [found] = number === undefined ? [] : await experimentsByIds(ctx.db, ctx.team.teamId, [number]);
  if (!found) throw experimentNotFound(id);
  return found;
}

/** Throws NOT_FOUND, or FAILED_PRECONDITION when the experiment is deleted. */
export async function requireActiveExperiment(ctx: TeamCtx, id: string): Promise<Experiment> {
  const found = await getExperiment(ctx, id);
  if (found.deletedAt) throw experimentDeleted(id);
  return found;
}

/** For loaders: those of the team with these numbers, deleted ones too, in any order. */
export function getExperimentsByIds(ctx: TeamCtx, ids: number[]): Promise<Experiment[]> {
  requireCan(ctx, 'team:read');
  return experimentsByIds(ctx.db, ctx.team.teamId, ids);
}

/** Deleted ones too. Throws NOT_FOUND, upon which clients create the experiment. */
export async function getExperimentByName(ctx: TeamCtx, name: string): Promise<Experiment> {
  requireCan(ctx, 'team:read');
  const found = await experimentByName(ctx.db, ctx.team.teamId, name);
  if (!found) throw notFound(`No experiment is named '${name}'.`, { reason: 'experiment-name-not-found', name });
  return found;
}

function checkName(name: string): void {
  if (name.trim() === '') throw invalid('Give the experiment a name.', { reason: 'experiment-name-empty', argument: 'name', name });
  checkLength('name', LIMITS.experimentNameLength, name);
}

/** Where its runs keep artifacts. What isn't `mlflow-artifacts:` is for clients that reach it themselves: this server never opens it, its own disk least. */
function checkLocation(location: string): void {
  checkLength('artifactLocation', LIMITS.artifactLocationLength, location);
  if (/[#;]/.test(location))
    throw invalid('Invalid artifact location: fragments and parameters (#, ;) are not allowed.', { argument: 'artifactLocation' });
  if (/\?.*\.\./.test(location) || /(^|[/\\])\.\.([/\\]|$)/.test(decodeAll(location))) {
    throw invalid(`Invalid artifact location: '..' is not allowed.`, { argument: 'artifactLocation' });
  }
  if (/^runs:/.test(location))
    throw invalid("An artifact location can't be a runs:/ address.", {
      reason: 'location-in-run',
      argument: 'artifactLocation',
    });
}

function decodeAll(text: string): string {
  let now = text;
  for (let round = 0; round < 5; round += 1) {
    try {
      const next = decodeURIComponent(now);
      if (next === now) return now;
      now = next;
    } catch {
      return now;
    }
  }
  return now;
}

/** Names are unique in the team, deleted experiments included. Throws ALREADY_EXISTS. */
export async function createExperiment(ctx: TeamCtx, given: { name: string; artifactLocation?: string; tags?: KeyValue[] }): Promise<Experiment> {
  requireCan(ctx, 'experiment:write');
  checkName(given.name);
  if (given.artifactLocation) checkLocation(given.artifactLocation);
  const tags = new Map((given.tags ?? []).map(({ key, value }) => [key, value]));
  for (const [key, value] of tags) checkTag(key, value);
  const location = given.artifactLocation?.replace(/\/+$/, '') || null;
  const made = {
    name: given.name,
    artifactLocation: location,
    createdBy: ctx.viewer.userId,
    now: ctx.now(),
    tags: [...tags].map(([key, value]) => ({ key, value })),
  };
  const id =
    location === null
      ? await insertExperiment(ctx.db, ctx.team.teamId, made)
      : await ctx.db.tx(async (tx) => {
          // Two that overlap take turns.
          await lockExperiments(tx, ctx.team.teamId);
          // A retry of what was made already is told so, not that it is in its own way.
          if (await experimentByName(tx, ctx.team.teamId, given.name)) return undefined;
          await requireNoOverlap(ctx, tx, location);
          return insertExperiment(tx, ctx.team.teamId, made);
        });
  if (id === undefined) throw nameTaken(given.name);
  return getExperiment(ctx, String(id));
}

const nameTaken = (name: string) =>
  alreadyExists(`Experiment '${name}' already exists. If it was deleted, restore it, or delete it for good before its name can be used again.`, {
    argument: 'name',
  });

export async function renameExperiment(ctx: TeamCtx, id: string, name: string | undefined): Promise<void> {
  requireCan(ctx, 'experiment:write');
  const experiment = await requireActiveExperiment(ctx, id);
  if (name === undefined || name === '') return;
  checkName(name);
  try {
    await renameExperimentRow(ctx.db, ctx.team.teamId, experiment.experimentId, name, ctx.now());
  } catch (error) {
    if (isFault(error, 'taken')) throw nameTaken(name);
    throw error;
  }
}

async function setDeleted(ctx: TeamCtx, id: string, deleted: boolean): Promise<void> {
  requireCan(ctx, 'experiment:delete');
  const { experimentId, name } = await getExperiment(ctx, id);
  await ctx.db.tx(async (tx) => {
    if (!(await setExperimentDeleted(tx, ctx.team.teamId, experimentId, deleted, ctx.now()))) {
      // It was so already, unless it was deleted for good meanwhile.
      const [there] = await experimentsByIds(tx, ctx.team.teamId, [experimentId]);
      if (!there) throw experimentNotFound(id);
      return;
    }
    await record(ctx, tx, { action: deleted ? 'EXPERIMENT_DELETED' : 'EXPERIMENT_RESTORED', target: `experiment ${id}`, after: { name } });
  });
  ctx.bus.publish(ctx.team.teamId, 'runState', `experiment-${experimentId}`);
}

/** With all its runs. Deleting the deleted succeeds. */
export const deleteExperiment = (ctx: TeamCtx, id: string) => setDeleted(ctx, id, true);
/** With all its runs, also those that were deleted one by one before. */
export const restoreExperiment = (ctx: TeamCtx, id: string) => setDeleted(ctx, id, false);

function checkTag(key: string, value: string): void {
  checkKey(key, 'key');
  checkLength('value', LIMITS.experimentTagValueLength, value);
}

export async function setExperimentTag(ctx: TeamCtx, id: string, key: string, value: string): Promise<void> {
  requireCan(ctx, 'experiment:write');
  checkTag(key, value);
  const { experimentId } = await requireActiveExperiment(ctx, id);
  await setExperimentTagRow(ctx.db, ctx.team.teamId, experimentId, key, value);
}

/** Throws NOT_FOUND when there is no such tag. */
export async function deleteExperimentTag(ctx: TeamCtx, id: string, key: string): Promise<void> {
  requireCan(ctx, 'experiment:write');
  const { experimentId } = await requireActiveExperiment(ctx, id);
  const gone = await deleteExperimentTagRow(ctx.db, ctx.team.teamId, experimentId, key);
  if (!gone) throw notFound(`The experiment has no tag '${key}'.`, { reason: 'experiment-tag-not-found', key });
}
