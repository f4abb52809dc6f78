// Every MLflow endpoint, by table; docs/mlflow-coverage.md is printed from here.
import type { FastifyPluginAsync } from 'fastify';
import { tagAndCompress } from '../http/compression.ts';
import { experimentRoutes } from './experiments.ts';
import { inputRoutes } from './inputs.ts';
import { loggedModelRoutes } from './loggedModels.ts';
import { metricRoutes } from './metrics.ts';
import { modelVersionRoutes } from './modelVersions.ts';
import { registeredModelRoutes } from './registeredModels.ts';
import { type Route, serveRoutes } from './route.ts';
import { runRoutes } from './runs.ts';
import { webhookRoutes } from './webhooks.ts';
import { workspaceRoutes } from './workspaces.ts';

export const routes: Route[] = [
  ...experimentRoutes,
  ...runRoutes,
  ...metricRoutes,
  ...inputRoutes,
  ...loggedModelRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
  ...webhookRoutes,
  ...workspaceRoutes,
];

export const mlflowRoutes: FastifyPluginAsync = async (app) => {
  tagAndCompress(app);
  // Bodies arrive as text: the codec reads what JSON.parse can't, and says what is wrong in MLflow's words.
  app.removeAllContentTypeParsers();
  // The first by name too: looking for a parser is dear unless it was found before.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'string' }, (_request, body, done) => done(null, body));
  serveRoutes(app, routes);
};
