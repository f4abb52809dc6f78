// Invitations.
import { inTeam } from '../../auth/team.ts';
import { acceptInvitation, getInvitations, invitationState, inviteMember, revokeInvitation } from '../../domain/people/invitations.ts';
import { cutPage, hexCursor, pageSize } from '../../graphql/connections.ts';
import { viewerOrNobody } from '../../graphql/context.ts';
import { keyCursor, toId } from '../../graphql/ids.ts';
import { ofNode } from '../../graphql/reading/find.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const invitation: Resolvers = {
  Team: {
    invitations: async (it, { first, after }, { ctx }) => {
      const [size, team] = [pageSize(first), inTeam(ctx, it)];
      const rows = await getInvitations(team, { after: hexCursor(after), limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.invitationId),
        (row) => ofTeam(team, row),
      );
    },
  },
  Invitation: {
    id: (it) => toId('Invitation', it.teamId, it.invitationId),
    state: (it) => invitationState(it, it.team.now()),
    invitedBy: (it, _, { loaders }) => (it.invitedBy === null ? null : loaders.user.load(it.invitedBy)),
    acceptedBy: (it, _, { loaders }) => (it.acceptedBy === null ? null : loaders.user.load(it.acceptedBy)),
  },
  Mutation: {
    inviteMember: async (_, { input: { team: slug, ...input } }, context) => {
      const team = context.team(slug);
      const { invitation, ...secret } = await inviteMember(team, input);
      return { ...secret, invitation: ofTeam(team, invitation) };
    },
    revokeInvitation: async (_, { input }, context) => {
      const { team, key } = ofNode(context, 'Invitation', input.id);
      return { invitation: ofTeam(team, await revokeInvitation(team, key)) };
    },
    acceptInvitation: async (_, { input }, context) => {
      const { teamSlug, ...accepted } = await acceptInvitation(context.deps, viewerOrNobody(context), context, input);
      return { ...accepted, team: teamSlug };
    },
  },
};
