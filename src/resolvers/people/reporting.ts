// The database role of a team for BI tools.
import { inTeam } from '../../auth/team.ts';
import { getReportingRole, removeReportingRole, renewReportingRole } from '../../domain/people/reporting.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const reporting: Resolvers = {
  Team: { reportingRole: (it, _, { ctx }) => getReportingRole(inTeam(ctx, it)) },
  Mutation: {
    renewReportingRole: (_, { input }, context) => renewReportingRole(context.team(input.team)),
    deleteReportingRole: async (_, { input }, context) => {
      const ctx = context.team(input.team);
      await removeReportingRole(ctx);
      return { team: ctx.team };
    },
  },
};
