// Which files a member of a team may name: everything under the team's root, except folders of runs and models that don't exist (or take no more).
// An `artifact_uri` is `mlflow-artifacts:/<path>`, and the path counts from the root of the team that asks.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type ArtifactHome, findModelHome, findRunHome, findVersionLocation } from '../../db/artifacts/locations.ts';
import { failedPrecondition, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { checkFolder, checkPath, joinPath, type Key, keyOf } from '../../storage/keys.ts';

/** A checked file or folder; only this file makes one. `path` counts from the team's root, `name` is its last part. */
export type Place = { key: Key; path: string; name: string };
/** Where a run, a model or a version keeps its files. */
export type Home = { uri: string; path: string };

const place = (ctx: TeamCtx, path: string): Place => ({ key: keyOf(ctx.team.teamId, path), path, name: path.slice(path.lastIndexOf('/') + 1) });

export const runNotFound = (runId: string) => notFound(`Run with id=${runId} not found`);
const modelNotFound = (modelId: string) => notFound(`Logged model with ID '${modelId}' not found.`);

// Upper-case digits have the form of an id but are nobody's: they must not open a second folder beside the run's.
const RUN_FOLDER = /^(\d+)\/([0-9a-fA-F]{32})(?:\/|$)/;
const MODEL_FOLDER = /^(\d+)\/models\/m-([0-9a-fA-F]{32})(?:\/|$)/;
/** The same below a location that the experiment's creator chose. */
const RUN_ELSEWHERE = /\/([0-9a-f]{32})\/artifacts(?:\/|$)/;
const MODEL_ELSEWHERE = /\/models\/m-([0-9a-f]{32})(?:\/|$)/;
const WHOLE_EXPERIMENT = /^\d+(\/models)?$/;

/** The run or model that owns `path` by MLflow's layout, or null if none does. Throws NOT_FOUND if it isn't this team's. */
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
    if (!model || String(model.experimentId) !== modelExperiment) throw modelNotFound(`m-${modelId}`);
    return model;
  }
  const [, runElsewhere] = RUN_ELSEWHERE.exec(path) ?? [];
  if (runElsewhere !== undefined) return (await findRunHome(ctx.db, ctx.team.teamId, runElsewhere)) ?? null;
  const [, modelElsewhere] = MODEL_ELSEWHERE.exec(path) ?? [];
  if (modelElsewhere !== undefined) return (await findModelHome(ctx.db, ctx.team.teamId, modelElsewhere)) ?? null;
  return null;
}

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

/** A file to write. Throws FAILED_PRECONDITION if its run or model is deleted. */
export async function placeToWrite(ctx: TeamCtx, path: string): Promise<Place> {
  requireCan(ctx, 'artifact:write');
  const safe = checkPath(path);
  const owner = await ownerOf(ctx, safe);
  if (owner?.deleted) throw failedPrecondition(`'${safe}' belongs to a run or model that is deleted. Restore it before writing to it.`);
  return place(ctx, safe);
}

/** A file or folder to remove. Taking away an experiment's whole folder needs the role that deletes experiments. */
export async function placeToRemove(ctx: TeamCtx, path: string): Promise<Place> {
  requireCan(ctx, 'artifact:delete');
  const safe = checkFolder(path);
  checkPath(safe);
  if (WHOLE_EXPERIMENT.test(safe)) requireCan(ctx, 'experiment:delete');
  await ownerOf(ctx, safe);
  return place(ctx, safe);
}

/** The path that an `mlflow-artifacts:` address means, not checked. Files that a team keeps elsewhere (`s3://…`) are read by its clients, not by us. */
export const pathOfUri = (uri: string): string | undefined => /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(uri)?.[1];

function homeAt(uri: string): Home {
  const path = pathOfUri(uri);
  if (path === undefined) throw failedPrecondition(`These artifacts are kept at ${uri}, which this server doesn't serve. Read them there.`);
  return { uri, path: checkFolder(path) };
}

export async function runHome(ctx: TeamCtx, runId: string, act: 'read' | 'write' = 'read'): Promise<Home> {
  requireCan(ctx, act === 'read' ? 'team:read' : 'artifact:write');
  const run = isHexId(runId) ? await findRunHome(ctx.db, ctx.team.teamId, runId) : undefined;
  if (!run) throw runNotFound(runId);
  if (act === 'write' && run.deleted) throw failedPrecondition(`The run ${runId} must be in the 'active' state. It is deleted; restore it first.`);
  return homeAt(run.artifactUri);
}

/** `modelId` with or without its `m-`. */
export async function modelHome(ctx: TeamCtx, modelId: string): Promise<Home> {
  requireCan(ctx, 'team:read');
  const hex = modelId.replace(/^m-/, '');
  const model = isHexId(hex) ? await findModelHome(ctx.db, ctx.team.teamId, hex) : undefined;
  if (!model) throw modelNotFound(modelId);
  return homeAt(model.artifactUri);
}

export async function versionHome(ctx: TeamCtx, name: string, version: string): Promise<Home> {
  requireCan(ctx, 'team:read');
  const number = /^\d{1,9}$/.test(version) ? Number(version) : undefined;
  const found = number === undefined ? undefined : await findVersionLocation(ctx.db, ctx.team.teamId, name, number);
  if (!found) throw notFound(`Model Version (name=${name}, version=${version}) not found`);
  return homeAt(found.location);
}

/** A file or folder inside a home. The two are checked apart, so that a path can't climb out of the home. */
export const placeIn = (ctx: TeamCtx, home: Home, path: string): Place => place(ctx, joinPath(home.path, checkPath(path)));
export const folderIn = (ctx: TeamCtx, home: Home, path: string): Place => place(ctx, joinPath(home.path, checkFolder(path)));
