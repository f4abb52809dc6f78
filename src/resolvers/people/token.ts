// API tokens.
import { createApiToken, revokeApiToken } from '../../domain/people/tokens.ts';
import { fromId, toId, toInt } from '../../graphql/ids.ts';
import { ofNode } from '../../graphql/reading/find.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const token: Resolvers = {
  ApiToken: {
    id: (it) => toId('ApiToken', it.tokenId),
    owner: (it, _, { loaders }) => loaders.user.load(it.userId),
    serviceAccount: (it, _, { loaders }) => loaders.account(it.userId),
    team: (it, _, { loaders }) => (it.teamId === null ? null : loaders.teamSlug.load(it.teamId)),
  },
  Mutation: {
    createApiToken: (_, { input: { serviceAccount: id, ...input } }, context) => {
      const account = id == null ? null : ofNode(context, 'ServiceAccount', id);
      return createApiToken(context.ctx, { ...input, serviceAccount: account && { team: account.team, userId: toInt(account.key) ?? 0 } });
    },
    revokeApiToken: async (_, { input }, { ctx }) => {
      const ref = fromId(input.id);
      return { apiToken: await revokeApiToken(ctx, ref?.type === 'ApiToken' ? ref.parts[0]! : input.id) };
    },
  },
};
