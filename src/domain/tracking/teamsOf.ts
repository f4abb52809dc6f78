// Runs and logged models by their id alone: the viewer's team that has it. What is in no team of theirs doesn't exist for them.
import { inTeam } from '../../auth/team.ts';
import type { Ctx, TeamCtx } from '../../context.ts';
import { type Located, locateLoggedModels, locateRuns } from '../../db/tracking/teamsOf.ts';
import { isHexId } from '../../lib/ids.ts';

async function locate(ctx: Ctx, ids: string[], find: (teamIds: number[], ids: string[]) => Promise<Located[]>): Promise<Map<string, TeamCtx>> {
  const { memberships } = ctx.viewer;
  const known = ids.filter(isHexId);
  const only = memberships.length === 1 ? inTeam(ctx, memberships[0]!) : null;
  if (only) return new Map(known.map((id) => [id, only]));
  if (memberships.length === 0 || known.length === 0) return new Map();
  const teams = new Map(memberships.map((membership) => [membership.teamId, inTeam(ctx, membership)]));
  const found = await find([...teams.keys()], known);
  return new Map(found.map(({ id, teamId }) => [id, teams.get(teamId)!]));
}

/** By run id. A team in the answer may still not have the run, where the viewer has only that team. */
export const teamsOfRuns = (ctx: Ctx, runIds: string[]): Promise<Map<string, TeamCtx>> =>
  locate(ctx, runIds, (teamIds, ids) => locateRuns(ctx.db, teamIds, ids));

/** By model id, with its `m-`; as above. */
export async function teamsOfLoggedModels(ctx: Ctx, modelIds: string[]): Promise<Map<string, TeamCtx>> {
  const uuids = modelIds.filter((id) => id.startsWith('m-')).map((id) => id.slice(2));
  const teams = await locate(ctx, uuids, (teamIds, ids) => locateLoggedModels(ctx.db, teamIds, ids));
  return new Map([...teams].map(([uuid, team]) => [`m-${uuid}`, team]));
}
