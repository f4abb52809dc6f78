// From the ids that clients send to rows. A missing row is null where a field may be empty, and NOT_FOUND in mutations.
import { inTeam } from '../../auth/team.ts';
import type { TeamCtx } from '../../context.ts';
import { loggedModelNotFound, runNotFound } from '../../domain/faults.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import type { GraphqlContext } from '../context.ts';
import { fromId, type NodeType, toInt } from '../ids.ts';
import { type LoggedModel, type Of, ofTeam, type Run } from '../rows.ts';

const isNotFound = (error: unknown) => error instanceof AppError && error.code === 'NOT_FOUND';

/** Null instead of NOT_FOUND. */
export const orNull = <T>(promise: Promise<T>): Promise<T | null> =>
  promise.catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });

/** With the team it was read in, or null instead of NOT_FOUND. */
export async function ofTeamOrNull<Row extends object>(team: TeamCtx, found: Promise<Row>): Promise<Of<Row> | null> {
  const row = await orNull(found);
  return row && ofTeam(team, row);
}

/** Deleting what is gone succeeds, so that retrying is safe. */
export const unlessGone = (act: Promise<unknown>): Promise<unknown> => orNull(act);

/** The viewer's team that has the run. Throws NOT_FOUND. */
export async function teamOfRun({ ctx, loaders }: GraphqlContext, runId: string): Promise<TeamCtx> {
  const team = ctx && (await loaders.teamOfRun.load(runId));
  if (!team) throw runNotFound(runId);
  return team;
}

/** The viewer's team that has the logged model. Throws NOT_FOUND. */
export async function teamOfModel({ ctx, loaders }: GraphqlContext, modelId: string): Promise<TeamCtx> {
  const team = ctx && (await loaders.teamOfLoggedModel.load(modelId));
  if (!team) throw loggedModelNotFound(modelId);
  return team;
}

/** One of the viewer's teams. Throws NOT_FOUND. */
export function teamOfNumber({ ctx }: GraphqlContext, teamId: number): TeamCtx {
  const membership = ctx.viewer.memberships.find((one) => one.teamId === teamId);
  if (!membership) throw notFound('No such team exists, or you are not a member of it.');
  return inTeam(ctx, membership);
}

/** What an id of this type names: the viewer's team, and the key there. Throws NOT_FOUND, the same for others' things and none. */
export function ofNode(context: GraphqlContext, type: NodeType, id: string): { team: TeamCtx; key: string } {
  const ref = fromId(id);
  const membership = context.ctx.viewer.memberships.find((one) => ref?.type === type && one.teamId === toInt(ref.parts[0]));
  if (!membership) throw notFound(`Nothing of yours has the id '${id}'. Give the 'id' of a ${type}.`);
  return { team: inTeam(context.ctx, membership), key: ref?.parts[1] ?? '' };
}

export async function findRun({ loaders }: GraphqlContext, team: TeamCtx, runId: string): Promise<Run | null> {
  const run = await loaders.of(team).run.load(runId);
  return run && ofTeam(team, run);
}

export async function findModel({ loaders }: GraphqlContext, team: TeamCtx, modelId: string): Promise<LoggedModel | null> {
  const model = await loaders.of(team).loggedModel.load(modelId);
  return model && ofTeam(team, model);
}

/** Those that are still there, in the order given. */
export async function findModels(context: GraphqlContext, team: TeamCtx, modelIds: string[]): Promise<LoggedModel[]> {
  const models = await Promise.all(modelIds.map((modelId) => findModel(context, team, modelId)));
  return models.filter((model) => model !== null);
}
