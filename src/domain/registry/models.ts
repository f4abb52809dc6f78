// Registered models: create, rename, describe, delete, tags, aliases, search. Knows no SQL and no protocol. Versions are in modelVersions.ts.
import { requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import * as db from '../../db/registry/models.ts';
import { deleteAlias, setAlias } from '../../db/registry/versionChanges.ts';
import { alreadyExists, notFound } from '../../lib/errors.ts';
import { checkKey } from '../limits.ts';
import { change } from './changes.ts';
import {
  checkAlias,
  checkComment,
  checkDescription,
  checkModelName,
  checkNewAlias,
  checkTag,
  checkTags,
  hasPromptTag,
  parseVersion,
  type Tag,
} from './checks.ts';

export type RegisteredModel = db.ModelRow;

export const modelNotFound = (name: string) => notFound(`Registered Model with name=${name} not found`);
export const versionNotFound = (name: string, version: string | number) => notFound(`Model Version (name=${name}, version=${version}) not found`);

/** Throws ALREADY_EXISTS: `mlflow.register_model` goes on when, and only when, it is told so. */
export async function createRegisteredModel(
  ctx: TeamCtx,
  input: { name: string; description?: string | null | undefined; tags?: Tag[] | undefined },
): Promise<RegisteredModel> {
  requireCan(ctx, 'model:write');
  const { name } = input;
  checkModelName(name);
  checkDescription(input.description);
  const tags = checkTags(input.tags ?? []);
  const description = input.description ?? null;
  await change(ctx, async (tx) => {
    const made = await db.insertModel(tx, ctx.team.teamId, { name, description, tags, createdBy: ctx.viewer.userId, now: ctx.now() });
    if (!made) throw nameTaken(name, hasPromptTag(tags), hasPromptTag((await db.findModel(tx, ctx.team.teamId, name))?.tags ?? []));
    return { event: 'registered_model.created', name, description, tags };
  });
  return requireModel(ctx, name);
}

function nameTaken(name: string, newIsPrompt: boolean, oldIsPrompt: boolean) {
  const made = newIsPrompt ? 'Prompt' : 'Registered Model';
  if (newIsPrompt === oldIsPrompt) return alreadyExists(`${made} (name=${name}) already exists.`, { argument: 'name' });
  return alreadyExists(
    `Tried to create a ${made.toLowerCase()} with name '${name}', but the name is already taken by a ${oldIsPrompt ? 'prompt' : 'registered model'}. ` +
      'MLflow does not allow creating a model and a prompt with the same name.',
    { argument: 'name' },
  );
}

async function requireModel(ctx: TeamCtx, name: string): Promise<RegisteredModel> {
  const model = await db.findModel(ctx.db, ctx.team.teamId, name);
  if (!model) throw modelNotFound(name);
  return model;
}

export async function getRegisteredModel(ctx: TeamCtx, name: string): Promise<RegisteredModel> {
  requireCan(ctx, 'team:read');
  checkModelName(name);
  return requireModel(ctx, name);
}

/** For loaders: those of the team with these ids, in any order. */
export async function registeredModelsByIds(ctx: TeamCtx, ids: number[]): Promise<RegisteredModel[]> {
  requireCan(ctx, 'team:read');
  return db.findModels(ctx.db, ctx.team.teamId, ids);
}

export async function renameRegisteredModel(ctx: TeamCtx, name: string, newName: string): Promise<RegisteredModel> {
  requireCan(ctx, 'model:promote');
  checkModelName(newName, 'new_name');
  checkModelName(name);
  await change(ctx, async (tx) => {
    const done = await db.renameModel(tx, ctx.team.teamId, name, newName, ctx.now());
    if (done === 'missing') throw modelNotFound(name);
    if (done === 'taken') throw alreadyExists(`Registered Model (name=${newName}) already exists.`, { argument: 'new_name' });
    return { event: 'registered_model.renamed', name: newName, oldName: name };
  });
  return requireModel(ctx, newName);
}

/** Replaces the description; null clears it. */
export async function updateRegisteredModel(ctx: TeamCtx, name: string, description: string | null): Promise<RegisteredModel> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkDescription(description);
  await change(ctx, async (tx) => {
    if (!(await db.setModelDescription(tx, ctx.team.teamId, name, description, ctx.now()))) throw modelNotFound(name);
    return { event: 'registered_model.updated', name };
  });
  return requireModel(ctx, name);
}

/** With its versions, tags and aliases, for good. The files stay with the runs and logged models that made them. */
export async function deleteRegisteredModel(ctx: TeamCtx, name: string): Promise<void> {
  requireCan(ctx, 'model:delete');
  checkModelName(name);
  await change(ctx, async (tx) => {
    if (!(await db.deleteModel(tx, ctx.team.teamId, name))) throw modelNotFound(name);
    return { event: 'registered_model.deleted', name };
  });
}

export async function setRegisteredModelTag(ctx: TeamCtx, name: string, tag: Tag): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkTag(tag);
  await change(ctx, async (tx) => {
    if (!(await db.setModelTag(tx, ctx.team.teamId, name, tag.key, tag.value))) throw modelNotFound(name);
    return { event: 'registered_model_tag.set', name, ...tag };
  });
}

/** A tag that isn't there counts as deleted. */
export async function deleteRegisteredModelTag(ctx: TeamCtx, name: string, key: string): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkKey(key, 'key');
  await change(ctx, async (tx) => {
    if (!(await db.deleteModelTag(tx, ctx.team.teamId, name, key))) throw modelNotFound(name);
    return { event: 'registered_model_tag.deleted', name, key };
  });
}

const aliasTarget = async (ctx: TeamCtx, tx: Db, name: string, alias: string): Promise<number | null> =>
  (await db.findModel(tx, ctx.team.teamId, name))?.aliases.find((one) => one.alias === alias)?.version ?? null;

const moverOf = ({ viewer }: TeamCtx, comment: string | null | undefined) => ({ by: viewer.userId, comment: comment?.trim() || null });

/** Points the alias at the version, away from whichever had it. The comment is kept with the change. */
export async function setModelAlias(ctx: TeamCtx, name: string, alias: string, version: string | number, comment?: string | null): Promise<void> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkNewAlias(alias);
  checkComment(comment);
  const number = parseVersion(version);
  await change(ctx, async (tx) => {
    const before = await aliasTarget(ctx, tx, name, alias);
    if (!(await setAlias(tx, ctx.team.teamId, name, alias, number, moverOf(ctx, comment)))) throw versionNotFound(name, version);
    return { event: 'model_version_alias.created', name, alias, version: number, before };
  });
}

/** An alias that isn't there counts as deleted. */
export async function deleteModelAlias(ctx: TeamCtx, name: string, alias: string, comment?: string | null): Promise<void> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkAlias(alias);
  checkComment(comment);
  await change(ctx, async (tx) => {
    const before = await aliasTarget(ctx, tx, name, alias);
    if (!(await deleteAlias(tx, ctx.team.teamId, name, alias, moverOf(ctx, comment)))) throw modelNotFound(name);
    return { event: 'model_version_alias.deleted', name, alias, before };
  });
}
