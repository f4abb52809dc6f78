// The MLflow door: its REST endpoints, the few GraphQL documents of MLflow's own page, its errors.
import type { Door } from '../http/door.ts';
import { actInTeam } from '../http/team.ts';
import { artifactRoutes } from './artifacts.ts';
import { executeMlflowGraphql, isMlflowDocument } from './documents/execute.ts';
import { mlflowError } from './errors.ts';
import { mlflowRoutes } from './routes.ts';

/** The MLflow version whose protocol this is. Clients choose features by it. */
const VERSION = '3.12.0';

/** Also what MLflow serves there and this server doesn't: its clients read the refusal. */
const PATHS = /^\/(api|ajax-api|version|get-artifact|get-trace-artifact|model-versions|gateway|v1\/traces)(\/|$)/;
const PREVIEW = /^(\/(?:ajax-)?api\/2\.0\/)preview\/mlflow\//;

export const mlflowDoor: Door = {
  name: 'mlflow',
  version: VERSION,
  owns: (path) => PATHS.test(path),
  renderError: mlflowError,
  teamHeader: 'x-mlflow-workspace',
  // Clients before 2.0. What nearly every request asks for stays as it is.
  rewrite: (url) => (url.startsWith('/api/2.0/mlflow/') ? url : url.replace(PREVIEW, '$1mlflow/')),
  documents: { answers: isMlflowDocument, execute: executeMlflowGraphql as never },
  async routes(app, { deps }) {
    // Asked without signing in.
    app.get('/version', async (_request, reply) => reply.type('text/plain').send(VERSION));
    await app.register(async (scope) => {
      actInTeam(scope, deps);
      await scope.register(mlflowRoutes);
      await scope.register(artifactRoutes);
    });
  },
};
