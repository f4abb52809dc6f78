// The subscription `metricPoints`.
import { followPoints } from '../../domain/live/points.ts';
import { teamOfRun } from '../../graphql/reading/find.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const metricPoints: Resolvers = {
  Subscription: {
    metricPoints: {
      subscribe: async (_, { runIds, keys, after }, context) => {
        const team = await teamOfRun(context, runIds[0] ?? '');
        return followPoints(team, { runIds, keys: keys ?? undefined, after: after ?? undefined }) as never;
      },
      resolve: (batch: unknown) => batch as never,
    },
  },
};
