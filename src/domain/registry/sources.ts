// Where a model version's files are. Resolves `runs:/`, `models:/` and `mlflow-artifacts:/` sources; refuses what isn't this team's, and the
// server's disk.
import { unescape as unescapePercent } from 'node:querystring';
import type { Db, TeamCtx } from '../../context.ts';
import { findModel } from '../../db/registry/models.ts';
import * as db from '../../db/registry/sources.ts';
import { findNewestVersion, findVersion, findVersionByAlias, latestPerStage, type VersionRow } from '../../db/registry/versions.ts';
import { invalid, notFound } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { pathOfUri } from '../artifacts/locations.ts';
import { coversExperiment, folderOfUri } from '../artifacts/overlaps.ts';
import { isEmptyFolder } from '../artifacts/rights.ts';
import { loggedModelNotFound, runNotFound } from '../faults.ts';
import { checkLength } from '../limits.ts';
import { checkAlias, isLatest, parseStage, parseVersion } from './checks.ts';

const SOURCE_LENGTH = 2048;
const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;
const HEX_MODEL_ID = /^m-([0-9a-f]{32})$/;

export type SourceRequest = { source: string; runId: string | null; modelId: string | null; isPrompt: boolean };
/** `modelId` is the logged model's, 32 hex digits. */
export type ResolvedSource = { storageLocation: string; runId: string | null; modelId: string | null };

/** Throws INVALID_ARGUMENT for a source that this server must not follow, NOT_FOUND for a run, logged model or version that the team doesn't have. */
export async function resolveSource(ctx: TeamCtx, request: SourceRequest): Promise<ResolvedSource> {
  const { source, runId, isPrompt } = request;
  checkLength('source', SOURCE_LENGTH, source);
  checkLength('runId', 256, runId ?? '');
  const scheme = SCHEME.exec(source)?.[1]?.toLowerCase() ?? '';
  if (isPrompt) checkPromptSource(source, scheme);
  else checkSource(source, scheme, request);
  if (runId && isHexId(runId)) await runFolder(ctx, runId);
  const model = request.modelId ? await loggedModel(ctx, request.modelId) : null;

  const found = await locate(ctx, source, isPrompt ? '' : scheme);
  await requireNoExperiment(ctx, found.storageLocation);
  return {
    storageLocation: found.storageLocation,
    runId: runId ?? found.runId ?? model?.sourceRunId ?? null,
    modelId: model?.modelId ?? found.modelId,
  };
}

/** Whether a source is kept here and nothing is there yet: clients may register first and upload then. */
export async function hasNoFiles(ctx: TeamCtx, location: string): Promise<boolean> {
  const folder = folderOfUri(location);
  if (!folder) return false;
  try {
    return await isEmptyFolder(ctx, folder);
  } catch {
    // No file can have such a name.
    return false;
  }
}

/** For the transaction that makes a version of it: files that deletion for good has taken since, or takes now, are NOT_FOUND. */
export async function holdSource(ctx: TeamCtx, tx: Db, { storageLocation, runId, modelId }: ResolvedSource): Promise<void> {
  const path = decodeAll(pathOfUri(storageLocation) ?? '').replace(/^\/+/, '');
  const run = RUN_FOLDER.exec(path)?.[1];
  const models = [modelId, MODEL_FOLDER.exec(path)?.[1]?.slice('m-'.length)].filter((id) => typeof id === 'string');
  // The run that a version names may be one that this server never had.
  const runs = [run, runId].filter((id) => typeof id === 'string').filter(isHexId);
  const held = await db.holdSources(tx, ctx.team.teamId, runs, models);
  if ([run, ...models].some((id) => id !== undefined && !held.includes(id))) throw notFound(`What '${storageLocation}' names was deleted for good.`);
}

async function locate(ctx: TeamCtx, source: string, scheme: string): Promise<ResolvedSource> {
  switch (scheme) {
    case 'models':
      return locateModel(ctx, source);
    case 'runs':
      return locateInRun(ctx, source);
    case 'mlflow-artifacts':
      return locateArtifacts(ctx, source);
    default:
      return { storageLocation: source, runId: null, modelId: null };
  }
}

// Logged models and versions ---------------------------------------------------------------------------------------------------

async function locateModel(ctx: TeamCtx, source: string): Promise<ResolvedSource> {
  const uri = parseModelUri(source);
  if ('modelId' in uri) {
    const model = await loggedModel(ctx, uri.modelId);
    return { storageLocation: model.artifactUri, runId: model.sourceRunId, modelId: model.modelId };
  }
  const version = await versionOfUri(ctx, uri);
  if (!version) throw notFound(`'${source}' names no model version.`, { reason: 'source-not-found', source });
  return { storageLocation: version.storageLocation, runId: version.runId, modelId: version.modelId };
}

/** `version` is digits, a stage, or `latest`. */
export type ModelUri = { modelId: string } | { name: string; version: string } | { name: string; alias: string };

/** Reads `models:/<model id>`, `models:/<name>/<version, stage or latest>` and `models:/<name>@<alias>`. */
export function parseModelUri(source: string): ModelUri {
  const [, path = ''] = /^models:(?:\/\/)?(\/[^?]*)/i.exec(source) ?? [];
  const [name = '', suffix, ...rest] = path.replace(/^\/+/, '').split('/');
  if (name.trim() === '' || rest.length > 0 || suffix?.trim() === '') throw improperModelUri(source);
  if (suffix !== undefined) return { name, version: suffix };
  const at = name.lastIndexOf('@');
  if (at < 0) return { modelId: name };
  if (name.slice(at + 1).trim() === '') throw improperModelUri(source);
  return { name: name.slice(0, at), alias: name.slice(at + 1) };
}

const improperModelUri = (source: string) =>
  invalid(`'${source}' is no address of a model. Write models:/<name>/<version, stage or latest>, models:/<name>@<alias> or models:/<model id>.`, {
    reason: 'model-uri-invalid',
    argument: 'source',
    source,
  });

async function versionOfUri(ctx: TeamCtx, uri: Exclude<ModelUri, { modelId: string }>): Promise<VersionRow | undefined> {
  const { teamId } = ctx.team;
  if ('alias' in uri) {
    checkAlias(uri.alias);
    return isLatest(uri.alias) ? findNewestVersion(ctx.db, teamId, uri.name) : findVersionByAlias(ctx.db, teamId, uri.name, uri.alias);
  }
  if (isLatest(uri.version)) return findNewestVersion(ctx.db, teamId, uri.name);
  if (/^\d+$/.test(uri.version)) return findVersion(ctx.db, teamId, uri.name, parseVersion(uri.version));
  const stage = parseStage(uri.version);
  const model = await findModel(ctx.db, teamId, uri.name);
  if (!model) return undefined;
  return (await latestPerStage(ctx.db, teamId, [model.registeredModelId])).find((version) => version.stage === stage);
}

async function loggedModel(ctx: TeamCtx, modelId: string): Promise<db.LoggedModelSource> {
  const hex = HEX_MODEL_ID.exec(modelId)?.[1];
  const model = hex && (await db.findLoggedModel(ctx.db, ctx.team.teamId, hex));
  if (!model) throw loggedModelNotFound(modelId);
  return model;
}

// Runs and artifacts -------------------------------------------------------------------------------------------------------------

async function runFolder(ctx: TeamCtx, runId: string): Promise<string> {
  const folder = isHexId(runId) ? await db.findRunFolder(ctx.db, ctx.team.teamId, runId) : undefined;
  if (folder === undefined) throw runNotFound(runId);
  return folder;
}

/** Since MLflow 3 a run's models lie outside its folder. A run id that isn't one of ours is free text, and such a source is kept as it is. */
async function locateInRun(ctx: TeamCtx, source: string): Promise<ResolvedSource> {
  const [, runId = '', path = ''] = /^runs:\/+([^/]+)\/*(.*?)\/*$/i.exec(source) ?? [];
  if (!isHexId(runId)) return { storageLocation: source, runId: null, modelId: null };
  const folder = await runFolder(ctx, runId);
  const [name = '', ...rest] = path.split('/');
  const model = name === '' ? undefined : await db.findLoggedModelOfRun(ctx.db, ctx.team.teamId, runId, name);
  if (model) return { storageLocation: [model.artifactUri, ...rest].join('/'), runId, modelId: rest.length === 0 ? model.modelId : null };
  return { storageLocation: path === '' ? folder : `${folder}/${path}`, runId, modelId: null };
}

/** A version's files can't change, so it can't be made of what others still log to. Throws INVALID_ARGUMENT. */
async function requireNoExperiment(ctx: TeamCtx, location: string): Promise<void> {
  const folder = folderOfUri(location);
  if (folder !== undefined && (await coversExperiment(ctx, folder))) {
    throw invalid(`'${location}' is the folder of a whole experiment. Name the run's or the model's folder, or one in it.`, {
      reason: 'source-of-experiment',
      argument: 'source',
      source: location,
    });
  }
}

const RUN_FOLDER = /^\d+\/([0-9a-fA-F]{32})(?:\/|$)/;
const MODEL_FOLDER = /^\d+\/models\/(m-[0-9a-fA-F]{32})(?:\/|$)/;

/** Paths count from the team's own root; a run or logged model that one names must be the team's too. */
async function locateArtifacts(ctx: TeamCtx, source: string): Promise<ResolvedSource> {
  const [, root = '', given = ''] = /^(mlflow-artifacts:(?:\/\/[^/]*)?\/)(.*)$/is.exec(source) ?? [];
  const path = given.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
  const runId = RUN_FOLDER.exec(decodeAll(path))?.[1];
  const modelId = MODEL_FOLDER.exec(decodeAll(path))?.[1];
  if (runId) await runFolder(ctx, runId);
  if (modelId) await loggedModel(ctx, modelId);
  return { storageLocation: root + path, runId: null, modelId: null };
}

// What is refused (as in mlflow/server/handlers.py, _validate_source_run and _validate_source_model) ---------------------------------------

function checkSource(source: string, scheme: string, { modelId }: SourceRequest): void {
  if (scheme === 'file' && /^file:\/\/(?!localhost|127\.0\.0\.1|\.?\/)[^/]/i.test(source)) {
    throw invalid(`'${source}' is a file of another machine. Give an address that every client can reach, such as smb://<host>/<path>.`, {
      reason: 'source-of-another-machine',
      argument: 'source',
      source,
    });
  }
  if (scheme.length <= 1 || scheme === 'file') {
    throw invalid(`'${source}' is a local path, which other clients can't read. Log the model to a run, and give its runs:/ or models:/ address.`, {
      reason: 'source-local',
      argument: 'source',
      source,
      ofModel: Boolean(modelId),
    });
  }
  checkAbsolute(source);
}

function checkPromptSource(source: string, scheme: string): void {
  if (scheme === 'file' || source.startsWith('/')) {
    throw invalid(`'${source}' is a local path, which can't be the source of a prompt.`, {
      reason: 'prompt-source-local',
      argument: 'source',
      source,
    });
  }
  if (scheme !== '') checkAbsolute(source);
}

function decodeAll(source: string): string {
  for (let text = source; ; ) {
    const decoded = unescapePercent(text.replaceAll('+', ' '));
    if (decoded === text) return text;
    text = decoded;
  }
}

/** However often it is percent-encoded: the path is absolute and doesn't climb. */
function checkAbsolute(source: string): void {
  const decoded = decodeAll(source);
  const path = decoded
    .replace(SCHEME, '')
    .replace(/^\/\/[^/?#]*/, '')
    .replace(/[?#].*$/s, '');
  const parts = path.split('/');
  const climbs = decoded.split('/').includes('..') || parts.includes('.') || decoded.includes('\0');
  if (climbs || parts[0] !== '' || parts.every((part) => part === '')) {
    throw invalid(`The path of the source '${source}' must be absolute, without '.' and '..'.`, {
      reason: 'source-not-absolute',
      argument: 'source',
      source,
    });
  }
}
