// MLflow's workspaces are our teams: the slug is the workspace's name. Also what newest clients ask at their start (server-info).
import { requireTeam } from '../auth/team.ts';
import type { Membership } from '../context.ts';
import { createTeam, deleteTeam, updateTeam } from '../domain/people/teams.ts';
import { invalid } from '../lib/errors.ts';
import { required, string } from './codec.ts';
import { type Route, route } from './route.ts';

const encodeWorkspace = (team: Membership) => ({ name: team.slug, description: team.name });
const named = { workspace_name: required(string()) };

export const workspaceRoutes: Route[] = [
  route('GET', '3.0/mlflow/server-info', 'P1', 'what this server can do', {}, async () => ({ store_type: 'SqlStore', workspaces_enabled: true })),
  route('GET', '3.0/mlflow/workspaces', 'P1', 'the teams that I am in', {}, async (ctx) => ({
    workspaces: ctx.viewer.memberships.map(encodeWorkspace),
  })),
  route(
    'POST',
    '3.0/mlflow/workspaces',
    'P1',
    'make a team',
    { name: required(string()), description: string(), default_artifact_root: string() },
    async (ctx, request) => {
      if (request.default_artifact_root) throw invalid('A workspace keeps its artifacts in this server; default_artifact_root can not be set.');
      const made = await createTeam(ctx, { slug: request.name, name: request.description || request.name });
      return { workspace: encodeWorkspace(made.team) };
    },
    201,
  ),
  route('GET', '3.0/mlflow/workspaces/:workspace_name', 'P1', 'one team', named, async (ctx, request) => ({
    workspace: encodeWorkspace(requireTeam(ctx, request.workspace_name).team),
  })),
  route(
    'PATCH',
    '3.0/mlflow/workspaces/:workspace_name',
    'P1',
    'describe a team',
    { ...named, description: string(), default_artifact_root: string() },
    async (ctx, request) => {
      if (request.default_artifact_root) throw invalid('A workspace keeps its artifacts in this server; default_artifact_root can not be set.');
      if (request.description === undefined) throw invalid('Workspace update must have at least one key');
      const team = requireTeam(ctx, request.workspace_name);
      return { workspace: encodeWorkspace(await updateTeam(team, { name: request.description || request.workspace_name })) };
    },
  ),
  route(
    'DELETE',
    '3.0/mlflow/workspaces/:workspace_name',
    'P1',
    'remove an empty team',
    named,
    async (ctx, request) => deleteTeam(requireTeam(ctx, request.workspace_name)),
    204,
  ),
];
