// What a team keeps, each number counted when it is asked for.
import { inTeam } from '../../auth/team.ts';
import { teamArtifacts, teamExperiments, teamPoints, teamRuns } from '../../domain/people/usage.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const usage: Resolvers = {
  Team: {
    usage: (it, _, { ctx }) => inTeam(ctx, it),
  },
  TeamUsage: {
    experiments: async (team) => Number(await teamExperiments(team)),
    runs: (team) => teamRuns(team),
    points: (team) => teamPoints(team),
    artifacts: (team) => teamArtifacts(team),
  },
};
