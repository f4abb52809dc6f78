// Registered models: create, rename, describe, delete, tags, aliases, search. Knows no SQL and no protocol. Versions are in modelVersions.ts.
import { requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import * as db from '../../db/registry/models.ts';
import { deleteAlias, setAlias } from '../../db/registry/versionChanges.ts';
import { latestPerStage } from '../../db/registry/versions.ts';
import { alreadyExists } from '../../lib/errors.ts';
import { registeredModelNotFound, versionNotFound } from '../faults.ts';
import { orAsk } from '../governance/asking.ts';
import { type Granted, guardHeld, guardMove, type Move, readAhead, type Target, UNGUARDED } from '../governance/guard.ts';
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

/** Throws ALREADY_EXISTS: clients that register a model go on when, and only when, they are told so. */
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

/** Models and prompts share their names. */
function nameTaken(name: string, isPrompt: boolean, takenByPrompt: boolean, argument = 'name') {
  return alreadyExists(`A ${takenByPrompt ? 'prompt' : 'registered model'} '${name}' exists already. Choose another name.`, {
    reason: 'registered-model-exists',
    argument,
    name,
    isPrompt,
    takenByPrompt,
  });
}

async function requireModel(ctx: TeamCtx, name: string): Promise<RegisteredModel> {
  const model = await db.findModel(ctx.db, ctx.team.teamId, name);
  if (!model) throw registeredModelNotFound(name);
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

/** The aliases and stages that versions of a model have. */
async function heldBy(ctx: TeamCtx, tx: Db, name: string): Promise<Target[]> {
  const model = await db.findModel(tx, ctx.team.teamId, name);
  if (!model) return [];
  const stages = (await latestPerStage(tx, ctx.team.teamId, [model.registeredModelId])).map(({ stage }) => stage);
  return [
    ...model.aliases.map(({ alias }): Target => ({ kind: 'alias', target: alias })),
    ...stages.map((stage): Target => ({ kind: 'stage', target: stage })),
  ];
}

export async function renameRegisteredModel(ctx: TeamCtx, name: string, newName: string): Promise<RegisteredModel> {
  requireCan(ctx, 'model:promote');
  checkModelName(newName, 'newName');
  checkModelName(name);
  await change(ctx, async (tx) => {
    await guardHeld(ctx, tx, name, await heldBy(ctx, tx, name));
    const done = await db.renameModel(tx, ctx.team.teamId, name, newName, ctx.now());
    if (done === 'missing') throw registeredModelNotFound(name);
    if (done === 'taken') throw nameTaken(newName, false, false, 'newName');
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
    if (!(await db.setModelDescription(tx, ctx.team.teamId, name, description, ctx.now()))) throw registeredModelNotFound(name);
    return { event: 'registered_model.updated', name };
  });
  return requireModel(ctx, name);
}

/** With its versions, tags and aliases, for good. The files stay with the runs and logged models that made them. */
export async function deleteRegisteredModel(ctx: TeamCtx, name: string): Promise<void> {
  requireCan(ctx, 'model:delete');
  checkModelName(name);
  await change(ctx, async (tx) => {
    await guardHeld(ctx, tx, name, await heldBy(ctx, tx, name));
    if (!(await db.deleteModel(tx, ctx.team.teamId, name))) throw registeredModelNotFound(name);
    return { event: 'registered_model.deleted', name };
  });
}

export async function setRegisteredModelTag(ctx: TeamCtx, name: string, tag: Tag): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkTag(tag);
  await change(ctx, async (tx) => {
    if (!(await db.setModelTag(tx, ctx.team.teamId, name, tag.key, tag.value))) throw registeredModelNotFound(name);
    return { event: 'registered_model_tag.set', name, ...tag };
  });
}

/** A tag that isn't there counts as deleted. */
export async function deleteRegisteredModelTag(ctx: TeamCtx, name: string, key: string): Promise<void> {
  requireCan(ctx, 'model:write');
  checkModelName(name);
  checkKey(key, 'key');
  await change(ctx, async (tx) => {
    if (!(await db.deleteModelTag(tx, ctx.team.teamId, name, key))) throw registeredModelNotFound(name);
    return { event: 'registered_model_tag.deleted', name, key };
  });
}

const aliasTarget = async (ctx: TeamCtx, tx: Db, name: string, alias: string): Promise<number | null> =>
  (await db.findModel(tx, ctx.team.teamId, name))?.aliases.find((one) => one.alias === alias)?.version ?? null;

const commentOf = (comment: string | null | undefined) => comment?.trim() || null;

/**
 * Points the alias at the version, away from whichever had it. The comment is kept with the change. Throws FORBIDDEN where the alias is protected,
 * FAILED_PRECONDITION where its conditions don't hold. `granted`: the move was approved in this transaction.
 */
export async function setModelAlias(
  ctx: TeamCtx,
  name: string,
  alias: string,
  version: string | number,
  comment?: string | null,
  granted?: Granted,
): Promise<void> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkNewAlias(alias);
  checkComment(comment);
  const number = parseVersion(version);
  const move: Move = { model: name, version: number, to: { kind: 'alias', target: alias }, from: null };
  const signed = granted ? undefined : await readAhead(ctx, move);
  await orAsk(ctx, move, comment, () =>
    change(ctx, async (tx) => {
      const before = await aliasTarget(ctx, tx, name, alias);
      const how = granted ?? (before === number ? UNGUARDED : await guardMove(ctx, tx, move, signed));
      const mover = { by: ctx.viewer.userId, comment: commentOf(comment), ...how };
      if (!(await setAlias(tx, ctx.team.teamId, name, alias, number, mover))) throw versionNotFound(name, version);
      return { event: 'model_version_alias.created', name, alias, version: number, before };
    }),
  );
}

/** An alias that isn't there counts as deleted. Throws FORBIDDEN where it is protected. `granted`: see setModelAlias. */
export async function deleteModelAlias(ctx: TeamCtx, name: string, alias: string, comment?: string | null, granted?: Granted): Promise<void> {
  requireCan(ctx, 'model:promote');
  checkModelName(name);
  checkAlias(alias);
  checkComment(comment);
  const move: Move = { model: name, version: null, to: { kind: 'alias', target: alias }, from: null };
  await orAsk(ctx, move, comment, () =>
    change(ctx, async (tx) => {
      const before = await aliasTarget(ctx, tx, name, alias);
      const how = granted ?? (before === null ? UNGUARDED : await guardMove(ctx, tx, move));
      const mover = { by: ctx.viewer.userId, comment: commentOf(comment), ...how };
      if (!(await deleteAlias(tx, ctx.team.teamId, name, alias, mover))) throw registeredModelNotFound(name);
      return { event: 'model_version_alias.deleted', name, alias, before };
    }),
  );
}
