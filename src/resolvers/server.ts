// What the server says about itself.

import { MAX_PAGE } from '../graphql/connections.ts';
import { LIMITS } from '../graphql/server/limits.ts';
import type { Resolvers } from '../graphql/types.gen.ts';
import { VERSION } from '../http/health.ts';

export const server: Resolvers = {
  Query: {
    serverInfo: (_, __, { protocols }) => ({
      version: VERSION,
      mlflowVersion: protocols.mlflow ?? '',
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
