// What the server says about itself.
import { MLFLOW_VERSION, VERSION } from '../http/health.ts';
import { MAX_PAGE } from './connections.ts';
import { LIMITS } from './limits.ts';
import type { Resolvers } from './types.gen.ts';

export const server: Resolvers = {
  Query: {
    serverInfo: () => ({
      version: VERSION,
      mlflowVersion: MLFLOW_VERSION,
      features: [
        'mlflow-rest',
        'graphql',
        'graphql-subscriptions',
        'persisted-queries',
        'model-registry',
        'artifacts',
        'webhooks',
        'service-accounts',
        'audit-log',
      ],
      limits: { ...LIMITS, pageSize: MAX_PAGE },
    }),
  },
};
