// Deletion for good, for a team's administrators.
import { purgeDeleted } from '../../domain/purge/purge.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const purge: Resolvers = {
  Mutation: {
    purgeDeleted: async (_, { input: { team, olderThan, dryRun = false } }, context) => {
      const { files, bytes, ...purged } = await purgeDeleted(context.team(team), { olderThan, dryRun });
      return { ...purged, dryRun, artifactFiles: dryRun ? files : null, artifactBytes: dryRun ? bytes : null };
    },
  },
};
