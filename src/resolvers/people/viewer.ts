// Viewer, User, and signing in and out.
import { endSessions, getSessions, refreshSession, signIn, signInWithLink, signOut } from '../../domain/people/sessions.ts';
import { getApiToken, listApiTokens } from '../../domain/people/tokens.ts';
import { changePassword, createUser, setUserDisabled } from '../../domain/people/users.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { cursorKey, keyCursor, toId } from '../../graphql/ids.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const viewer: Resolvers = {
  Query: {
    viewer: (_, __, context) => context.ctx.viewer,
  },
  Viewer: {
    user: (it) => it,
    serviceAccount: (it, _, { loaders }) => (it.kind === 'SERVICE_ACCOUNT' ? loaders.account(it.userId) : null),
    teams: (it) => it.memberships,
    token: (it, _, { ctx }) => (it.token ? getApiToken(ctx, it.token.id) : null),
    sessions: async (_, __, { ctx }) => (await getSessions(ctx)).map(({ usedAt, ...row }) => ({ ...row, lastUsedAt: usedAt })),
    apiTokens: async (_, { first, after }, { ctx }) => {
      const size = pageSize(first);
      const rows = await listApiTokens(ctx, { afterTokenId: cursorKey(after), limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.tokenId),
        (row) => row,
      );
    },
  },
  User: {
    id: (it) => toId('User', it.userId),
  },
  Actor: { __resolveType: (it) => ('kind' in it && it.kind === 'USER' ? 'User' : 'ServiceAccount') },
  Mutation: {
    signIn: (_, { input }, { deps, origin, requestId }) => signIn(deps, input.email, input.password, { origin, requestId }),
    signInWithLink: (_, { input }, { deps, origin, requestId }) => signInWithLink(deps, input.token, { origin, requestId }),
    refreshSession: (_, { input }, { deps, origin, requestId }) => refreshSession(deps, input.refreshToken, { origin, requestId }),
    signOut: async (_, __, { ctx }) => {
      await signOut(ctx);
      return { signedOut: true };
    },
    endSessions: async (_, { input }, { ctx }) => ({ ended: await endSessions(ctx, input.sessionIds ?? null) }),
    changePassword: async (_, { input }, { ctx }) => {
      await changePassword(ctx, { current: input.currentPassword, next: input.newPassword });
      return { user: ctx.viewer };
    },
    createUser: async (_, { input }, { ctx }) => ({ user: await createUser(ctx, { ...input, isAdmin: input.isServerAdmin ?? false }) }),
    setUserDisabled: async (_, { input }, { ctx }) => ({ user: await setUserDisabled(ctx, input.userId, input.disabled) }),
  },
};
