// Runs side by side.
import { inTeam } from '../../auth/team.ts';
import { compareMetrics, compareParams, compareTags, runsToCompare } from '../../domain/tracking/runComparison.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';
import type { Stat } from '../../search/tree.ts';

export const runComparison: Resolvers = {
  Team: {
    compareRuns: async (it, { runIds }, { ctx }) => {
      const team = inTeam(ctx, it);
      return { team, runs: await runsToCompare(team, runIds) };
    },
  },
  RunComparison: {
    runs: ({ team, runs }) => runs.map((run) => ofTeam(team, run)),
    params: ({ team, runs }, choice) => compareParams(team, runs, choice),
    tags: ({ team, runs }, choice) => compareTags(team, runs, { ...choice, includeSystem: choice.includeSystem ?? false }),
    metrics: ({ team, runs }, { stat, ...choice }) => compareMetrics(team, runs, { ...choice, stat: (stat ?? 'LAST').toLowerCase() as Stat }),
  },
};
