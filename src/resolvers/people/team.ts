// Team and its members.
import { findMembership, inTeam } from '../../auth/team.ts';
import { addMember, changeMemberRole, countTeamMembers, createTeam, getMembers, removeMember, updateTeam } from '../../domain/people/teams.ts';
import { listTeamApiTokens } from '../../domain/people/tokens.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { cursorKey, keyCursor, toId, toInt } from '../../graphql/ids.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const team: Resolvers = {
  Query: {
    team: (_, { slug }, { ctx }) => findMembership(ctx.viewer, slug) ?? null,
  },
  Team: {
    id: (it) => toId('Team', it.teamId),
    myRole: (it) => it.role,
    members: async (it, { search: given, first, after }, { ctx }) => {
      const [size, team, search] = [pageSize(first), inTeam(ctx, it), given?.trim() || null];
      const rows = await getMembers(team, search, { afterUserId: toInt(cursorKey(after) ?? undefined) ?? null, limit: size + 1 });
      const page = cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.userId),
        (row) => ofTeam(team, row),
      );
      return { ...page, count: () => countTeamMembers(team, search) };
    },
    apiTokens: async (it, { first, after }, { ctx }) => {
      const size = pageSize(first);
      const rows = await listTeamApiTokens(inTeam(ctx, it), { afterTokenId: cursorKey(after), limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.tokenId),
        (row) => row,
      );
    },
  },
  MembershipConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  Membership: {
    user: (it, _, { loaders }) => loaders.user.load(it.userId),
    since: (it) => it.createdAt,
  },
  Mutation: {
    createTeam: async (_, { input }, { ctx }) => ({ team: (await createTeam(ctx, input)).team }),
    updateTeam: async (_, { input }, context) => ({ team: await updateTeam(context.team(input.slug), input) }),
    addMember: async (_, { input }, context) => {
      const team = context.team(input.team);
      return { membership: ofTeam(team, await addMember(team, input)) };
    },
    setMemberRole: async (_, { input }, context) => {
      const team = context.team(input.team);
      return { membership: ofTeam(team, await changeMemberRole(team, input.userId, input.role)) };
    },
    removeMember: async (_, { input }, context) => {
      const team = context.team(input.team);
      await removeMember(team, input.userId);
      return { team: team.team };
    },
  },
};
