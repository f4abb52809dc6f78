// Versions of registered models: create, describe, stages, tags, delete, find. Knows no SQL and no protocol. Where their files are: sources.ts.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { openVersionFiles } from '../../db/artifacts/locations.ts';
import { findModel } from '../../db/registry/models.ts';
import * as writes from '../../db/registry/versionChanges.ts';
import * as db from '../../db/registry/versions.ts';
import { invalid, notFound } from '../../lib/errors.ts';
import { registeredModelNotFound, versionNotFound } from '../faults.ts';
import { orAsk } from '../governance/asking.ts';
import { type Granted, guardHeld, guardMove, type Move, readAhead, UNGUARDED } from '../governance/guard.ts';
import { checkKey, checkLength } from '../limits.ts';
import { change } from './changes.ts';
import {
  checkAlias,
  checkComment,
  checkDescription,
  checkModelName,
  checkTag,
  checkTags,
  isLatest,
  PROMPT_TAG,
  parseStage,
  parseVersion,
  STAGES,
  type Stage,
  type Tag,
} from './checks.ts';
import { hasNoFiles, holdSource, resolveSource } from './sources.ts';

export type ModelVersion = db.VersionRow;

const RUN_LINK_LENGTH = 2048;
const ACTIVE_STAGES: Stage[] = ['Staging', 'Production'];

export type VersionRequest = {
  name: string;
  /** May be missing where `modelId` is given. */
  source?: string | null | undefined;
  /** 32 hex digits must be a run of the team; anything else is kept as free text. */
  runId?: string | null | undefined;
  runLink?: string | null | undefined;
  description?: string | null | undefined;
  /** `m-` and 32 hex digits. */
  modelId?: string | null | undefined;
  tags?: Tag[] | undefined;
};

/** The next number of the model, READY at once. Throws NOT_FOUND for the model, or for a run, logged model or version that the source names. */
export async function createModelVersion(ctx: TeamCtx, input: VersionRequest): Promise<ModelVersion> {
  requireCan(ctx, 'model:write');
  const { name } = input;
  checkModelName(name);
  const source = input.source || (input.modelId ? `models:/${input.modelId}` : '');
  if (source === '')
    throw invalid("Say where the version's files are: give 'source' or 'modelId'.", { reason: 'source-missing', argument: 'source' });
  checkDescription(input.description);
  checkLength('runLink', RUN_LINK_LENGTH, input.runLink ?? '');
  const tags = checkTags(input.tags ?? []);
  const isPrompt = tags.some((tag) => tag.key === PROMPT_TAG);
  const found = await resolveSource(ctx, { source, isPrompt, runId: input.runId || null, modelId: input.modelId || null });
  const isEmpty = await hasNoFiles(ctx, found.storageLocation);
  const { version } = await change(ctx, async (tx) => {
    await holdSource(ctx, tx, found);
    const version = await writes.insertVersion(tx, ctx.team.teamId, name, {
      ...found,
      source,
      tags,
      description: input.description ?? null,
      runLink: input.runLink || null,
      userId: ctx.viewer.email,
      createdBy: ctx.viewer.userId,
      now: ctx.now(),
    });
    if (version === undefined) throw registeredModelNotFound(name);
    if (isEmpty) await openVersionFiles(tx, ctx.team.teamId, name, version);
    return { event: 'model_version.created', name, version, source, tags, runId: found.runId, description: input.description ?? null };
  });
  return requireVersion(ctx, name, version);
}

async function requireVersion(ctx: TeamCtx, name: string, version: string | number): Promise<ModelVersion> {
  const found = await db.findVersion(ctx.db, ctx.team.teamId, name, parseVersion(version));
  if (!found) throw versionNotFound(name, version);
  return found;
}

export async function getModelVersion(ctx: TeamCtx, name: string, version: string | number): Promise<ModelVersion> {
  requireCan(ctx, 'team:read');
  checkModelName(name);
  return requireVersion(ctx, name, version);
}

/** For loaders: those that are there, in any order. */
export async function getModelVersions(ctx: TeamCtx, wanted: { name: string; version: number }[]): Promise<ModelVersion[]> {
  requireCan(ctx, 'team:read');
  return db.findVersions(ctx.db, ctx.team.teamId, wanted);
}

/** The address that clients download from: one that they can reach, never `models:/`. */
export async function getDownloadUri(ctx: TeamCtx, name: string, version: string | number): Promise<string> {
  return (await getModelVersion(ctx, name, version)).storageLocation;
}

/** `latest` means the newest version. An unknown alias is INVALID_ARGUMENT, on which clients rely. */
export async function getVersionByAlias(ctx: TeamCtx, name: string, alias: string): Promise<ModelVersion> {
  requireCan(ctx, 'team:read');
  checkModelName(name);
  checkAlias(alias);
  const { teamId } = ctx.team;
  const found = isLatest(alias) ? await db.findNewestVersion(ctx.db, teamId, name) : await db.findVersionByAlias(ctx.db, teamId, name, alias);
  if (found) return found;
  if (!(await findModel(ctx.db, teamId, name))) throw registeredModelNotFound(name);
  if (isLatest(alias)) throw notFound(`The model '${name}' has no versions yet.`, { reason: 'no-versions', name });
  throw invalid(`The model '${name}' has no alias '${alias}'.`, { reason: 'alias-not-found', argument: 'alias', alias });
}

/** The newest version in each of `stages` (any case); in every stage if none are given. */
export async function getLatestVersions(ctx: TeamCtx, name: string, stages: string[] = []): Promise<ModelVersion[]> {
  requireCan(ctx, 'team:read');
  checkModelName(name);
  const wanted = stages.length > 0 ? stages.map(parseStage) : STAGES;
  const model = await findModel(ctx.db, ctx.team.teamId, name);
  if (!model) throw registeredModelNotFound(name);
  const latest = await db.latestPerStage(ctx.db, ctx.team.teamId, [model.registeredModelId]);
  return latest.filter((version) => wanted.includes(version.stage));
}

/** Replaces the description; null clears it. */
export async function updateModelVersion(ctx: TeamCtx, name: string, version: string | number, description: string | null): Promise<ModelVersion> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkDescription(description);
  const number = parseVersion(version);
  await change(ctx, async (tx) => {
    if (!(await writes.setVersionDescription(tx, ctx.team.teamId, name, number, description, ctx.now()))) throw versionNotFound(name, version);
    return { event: 'model_version.updated', name, version: number };
  });
  return requireVersion(ctx, name, version);
}

/**
 * `stage` in any case. The comment is kept with the change. `archiveExisting` sends the others in that stage to Archived, and works with Staging and
 * Production only. Throws FORBIDDEN where the stage is protected, also the one that it leaves. `granted`: the move was approved in this transaction.
 */
export async function transitionStage(
  ctx: TeamCtx,
  name: string,
  version: string | number,
  stage: string,
  archiveExisting = false,
  comment?: string | null,
  granted?: Granted,
): Promise<ModelVersion> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkComment(comment);
  const to = parseStage(stage);
  if (archiveExisting && !ACTIVE_STAGES.includes(to)) {
    throw invalid(`Others are archived only by a move to Staging or Production, not to '${stage}'.`, {
      reason: 'stage-not-active',
      argument: 'archiveExisting',
      stage,
    });
  }
  const number = parseVersion(version);
  const moveFrom = (from: Stage | null): Move => ({
    model: name,
    version: number,
    to: { kind: 'stage', target: to },
    from: from && { kind: 'stage', target: from },
  });
  const signed = granted ? undefined : await readAhead(ctx, moveFrom(null));
  await orAsk(ctx, moveFrom(null), comment, () =>
    change(ctx, async (tx) => {
      const before = (await db.findVersion(tx, ctx.team.teamId, name, number))?.stage ?? null;
      const how = granted ?? (before === to ? UNGUARDED : await guardMove(ctx, tx, moveFrom(before), signed));
      const moved = { stage: to, archiveOthers: archiveExisting, now: ctx.now(), by: ctx.viewer.userId, comment: comment?.trim() || null, ...how };
      if (!(await writes.setStage(tx, ctx.team.teamId, name, number, moved))) throw versionNotFound(name, version);
      return { event: 'model_version.stage_changed', name, version: number, stage: to, before };
    }),
  );
  return requireVersion(ctx, name, version);
}

/** For good, with its tags and aliases; its number is not given again. */
export async function deleteModelVersion(ctx: TeamCtx, name: string, version: string | number): Promise<void> {
  requireCan(ctx, 'model:delete');
  checkModelName(name);
  const number = parseVersion(version);
  await change(ctx, async (tx) => {
    const found = await db.findVersion(tx, ctx.team.teamId, name, number);
    if (found) {
      const aliases = found.aliases.map((alias) => ({ kind: 'alias' as const, target: alias }));
      await guardHeld(ctx, tx, name, [...aliases, { kind: 'stage', target: found.stage }]);
    }
    if (!(await writes.deleteVersion(tx, ctx.team.teamId, name, number, ctx.now()))) throw versionNotFound(name, version);
    return { event: 'model_version.deleted', name, version: number };
  });
}

export async function setModelVersionTag(ctx: TeamCtx, name: string, version: string | number, tag: Tag): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  const number = parseVersion(version);
  checkTag(tag);
  await change(ctx, async (tx) => {
    if (!(await writes.setVersionTag(tx, ctx.team.teamId, name, number, tag.key, tag.value))) throw versionNotFound(name, version);
    return { event: 'model_version_tag.set', name, version: number, ...tag };
  });
}

/** A tag that isn't there counts as deleted. */
export async function deleteModelVersionTag(ctx: TeamCtx, name: string, version: string | number, key: string): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  const number = parseVersion(version);
  checkKey(key, 'key');
  await change(ctx, async (tx) => {
    if (!(await writes.deleteVersionTag(tx, ctx.team.teamId, name, number, key))) throw versionNotFound(name, version);
    return { event: 'model_version_tag.deleted', name, version: number, key };
  });
}

// For loaders: one statement for many --------------------------------------------------------------------------------------------

function groupBy<K>(keys: K[], versions: ModelVersion[], keyOf: (version: ModelVersion) => K): Map<K, ModelVersion[]> {
  const groups = new Map<K, ModelVersion[]>(keys.map((key) => [key, []]));
  for (const version of versions) groups.get(keyOf(version))?.push(version);
  return groups;
}

/** The newest version in each stage, by registeredModelId. */
export async function latestVersionsByModels(ctx: TeamCtx, modelIds: number[]): Promise<Map<number, ModelVersion[]>> {
  requireCan(ctx, 'team:read');
  const versions = modelIds.length === 0 ? [] : await db.latestPerStage(ctx.db, ctx.team.teamId, modelIds);
  return groupBy(modelIds, versions, (version) => version.registeredModelId);
}

/** Oldest first, by run id. */
export async function versionsByRuns(ctx: TeamCtx, runIds: string[]): Promise<Map<string, ModelVersion[]>> {
  requireCan(ctx, 'team:read');
  return groupBy(runIds, await db.versionsOfRuns(ctx.db, ctx.team.teamId, runIds), (version) => version.runId ?? '');
}

/** Oldest first, by logged model id: 32 hex digits, without `m-`. */
export async function versionsByLoggedModels(ctx: TeamCtx, modelIds: string[]): Promise<Map<string, ModelVersion[]>> {
  requireCan(ctx, 'team:read');
  return groupBy(modelIds, await db.versionsOfLoggedModels(ctx.db, ctx.team.teamId, modelIds), (version) => version.modelId ?? '');
}
