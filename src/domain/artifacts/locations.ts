// Which files a member of a team may name: everything under the team's root. Excepted are folders of runs and models that don't exist, or take no
// more. An `artifact_uri` is `mlflow-artifacts:/<path>`; the path counts from the root of the team that asks.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type ArtifactHome, findHomes, findModelHome, findRunHome, findVersionLocation } from '../../db/artifacts/locations.ts';
import { failedPrecondition } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { checkFolder, checkPath, joinPath, type ObjectKey, objectKeyOf } from '../../storage/objectKeys.ts';
import { loggedModelNotFound, runNotFound, versionNotFound } from '../faults.ts';
import { requireRemove, requireReplace, requireUnheld, requireWritable } from './rights.ts';

/**
 * A checked file or folder; only this file makes one. `path` counts from the team's root, `name` is its last part. `recheck`, of places to write:
 * whether it still may be, when the last byte has come.
 */
export type Place = { key: ObjectKey; path: string; name: string; recheck?: () => Promise<void> };
/** Where a run, a model or a version keeps its files. */
export type Home = { uri: string; path: string };

const place = (ctx: TeamCtx, path: string): Place => ({ key: objectKeyOf(ctx.team.teamId, path), path, name: path.slice(path.lastIndexOf('/') + 1) });

// Upper-case digits have the form of an id but are nobody's: they must not open a second folder beside the run's.
const RUN_FOLDER = /^(\d+)\/([0-9a-fA-F]{32})(?:\/|$)/;
const MODEL_FOLDER = /^(\d+)\/models\/m-([0-9a-fA-F]{32})(?:\/|$)/;
/** Their folders have this in their names wherever they lie: below a location that the experiment's creator chose, too. */
const ID_FOLDER = /^(?:m-)?([0-9a-f]{32})$/;
const WHOLE_EXPERIMENT = /^\d+(\/models)?$/;

/** The run or model that owns `path` by the layout of artifact folders, or null if none does. Throws NOT_FOUND if it isn't this team's. */
async function ownerOf(ctx: TeamCtx, path: string): Promise<ArtifactHome | null> {
  const [, experiment, runId] = RUN_FOLDER.exec(path) ?? [];
  if (runId !== undefined) {
    const run = isHexId(runId) ? await findRunHome(ctx.db, ctx.team.teamId, runId) : undefined;
    if (!run || String(run.experimentId) !== experiment) throw runNotFound(runId);
    return run;
  }
  const [, modelExperiment, modelId] = MODEL_FOLDER.exec(path) ?? [];
  if (modelId !== undefined) {
    const model = isHexId(modelId) ? await findModelHome(ctx.db, ctx.team.teamId, modelId) : undefined;
    if (!model || String(model.experimentId) !== modelExperiment) throw loggedModelNotFound(`m-${modelId}`);
    return model;
  }
  const ids = path.split('/').flatMap((part) => ID_FOLDER.exec(part)?.[1] ?? []);
  const homes = ids.length === 0 ? [] : await findHomes(ctx.db, ctx.team.teamId, ids);
  return homes.find(({ artifactUri }) => `${path}/`.startsWith(`${folderOf(artifactUri)}/`)) ?? null;
}
/** The folder of a run or logged model: its artifacts' folder is in it. */
const folderOf = (artifactUri: string): string | undefined => pathOfUri(artifactUri)?.replace(/\/artifacts$/, '');

/** A file to read. Throws INVALID_ARGUMENT for an unsafe path, NOT_FOUND for a run or model that isn't the team's. */
export async function placeToRead(ctx: TeamCtx, path: string): Promise<Place> {
  requireCan(ctx, 'team:read');
  const safe = checkPath(path);
  await ownerOf(ctx, safe);
  return place(ctx, safe);
}

/** A folder to list; '' is the team's root. */
export async function folderToRead(ctx: TeamCtx, path: string): Promise<Place> {
  requireCan(ctx, 'team:read');
  const safe = checkFolder(path);
  await ownerOf(ctx, safe);
  return place(ctx, safe);
}

/**
 * A file to write. Throws FAILED_PRECONDITION if its run or model is deleted, or a version is made of it; FORBIDDEN for a file of others' that is there
 * already.
 */
export async function placeToWrite(ctx: TeamCtx, path: string): Promise<Place> {
  requireCan(ctx, 'artifact:write');
  const safe = checkPath(path);
  const owner = await ownerOf(ctx, safe);
  if (owner?.deleted) throw failedPrecondition(`'${safe}' belongs to a run or model that is deleted. Restore it before writing to it.`);
  return writable(ctx, safe, owner);
}

async function writable(ctx: TeamCtx, path: string, owner: ArtifactHome | null): Promise<Place> {
  const found = place(ctx, path);
  await requireWritable(ctx, found);
  await requireReplace(ctx, found, owner);
  return { ...found, recheck: () => requireWritable(ctx, found) };
}

const isThere = async ({ store }: TeamCtx, { key }: Place): Promise<boolean> =>
  (await store.head(key)) !== null || (await store.list(key, { limit: 1 })).entries.length > 0;

/** A file or folder to remove, null where nothing is. Taking away an experiment's whole folder needs the role that deletes experiments. */
export async function placeToRemove(ctx: TeamCtx, path: string): Promise<Place | null> {
  requireCan(ctx, 'artifact:delete-own');
  const safe = checkFolder(path);
  checkPath(safe);
  if (WHOLE_EXPERIMENT.test(safe)) requireCan(ctx, 'experiment:delete');
  const owner = await ownerOf(ctx, safe);
  const found = place(ctx, safe);
  if (!(await isThere(ctx, found))) return null;
  await requireRemove(ctx, safe, owner);
  await requireUnheld(ctx, safe);
  return found;
}

/** The path that an `mlflow-artifacts:` address means, not checked. Files that a team keeps elsewhere (`s3://…`) are read by its clients, not by us. */
export const pathOfUri = (uri: string): string | undefined => /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/i.exec(uri)?.[1];

function homeAt(uri: string): Home {
  const path = pathOfUri(uri);
  if (path === undefined) throw failedPrecondition(`These artifacts are kept at ${uri}, which this server doesn't serve. Read them there.`);
  return { uri, path: checkFolder(path) };
}

export async function runHome(ctx: TeamCtx, runId: string): Promise<Home> {
  requireCan(ctx, 'team:read');
  return homeAt((await requireRunHome(ctx, runId)).artifactUri);
}

async function requireRunHome(ctx: TeamCtx, runId: string): Promise<ArtifactHome> {
  const run = isHexId(runId) ? await findRunHome(ctx.db, ctx.team.teamId, runId) : undefined;
  if (!run) throw runNotFound(runId);
  return run;
}

/** A file of a run to write, as placeToWrite. */
export async function runPlaceToWrite(ctx: TeamCtx, runId: string, path: string): Promise<Place> {
  requireCan(ctx, 'artifact:write');
  const run = await requireRunHome(ctx, runId);
  if (run.deleted) {
    throw failedPrecondition(`The run '${runId}' is deleted. Restore it before writing files to it.`, { reason: 'files-of-deleted-run', runId });
  }
  return writable(ctx, joinPath(homeAt(run.artifactUri).path, checkPath(path)), run);
}

/** `modelId` with or without its `m-`. */
export async function modelHome(ctx: TeamCtx, modelId: string): Promise<Home> {
  requireCan(ctx, 'team:read');
  const hex = modelId.replace(/^m-/, '');
  const model = isHexId(hex) ? await findModelHome(ctx.db, ctx.team.teamId, hex) : undefined;
  if (!model) throw loggedModelNotFound(modelId);
  return homeAt(model.artifactUri);
}

export async function versionHome(ctx: TeamCtx, name: string, version: string): Promise<Home> {
  requireCan(ctx, 'team:read');
  const number = /^\d{1,9}$/.test(version) ? Number(version) : undefined;
  const found = number === undefined ? undefined : await findVersionLocation(ctx.db, ctx.team.teamId, name, number);
  if (!found) throw versionNotFound(name, version);
  return homeAt(found.location);
}

/** A file or folder inside a home. The two are checked apart, so that a path can't climb out of the home. */
export const placeIn = (ctx: TeamCtx, home: Home, path: string): Place => place(ctx, joinPath(home.path, checkPath(path)));
export const folderIn = (ctx: TeamCtx, home: Home, path: string): Place => place(ctx, joinPath(home.path, checkFolder(path)));
