// The server's people and teams, for its administrators.
import {
  appointTeamAdmin,
  countTeams,
  countUsers,
  createPasswordResetLink,
  getServerTeams,
  getServerUsers,
  removeTeam,
  removeUser,
  resetPassword,
} from '../../domain/people/wholeServer.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { cursorKey, keyCursor, toInt } from '../../graphql/ids.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

const afterOf = (after: string | null | undefined) => toInt(cursorKey(after) ?? undefined) ?? null;

export const people: Resolvers = {
  Query: {
    users: async (_, { search: given, first, after }, { ctx }) => {
      const [size, search] = [pageSize(first), given?.trim() || null];
      const rows = await getServerUsers(ctx, search, { after: afterOf(after), limit: size + 1 });
      const page = cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.userId),
        (row) => ({ ...row, isServerAdmin: row.isAdmin }),
      );
      return { ...page, count: () => countUsers(ctx, search) };
    },
    teams: async (_, { first, after }, { ctx }) => {
      const size = pageSize(first);
      const rows = await getServerTeams(ctx, { after: afterOf(after), limit: size + 1 });
      const page = cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.teamId),
        (row) => row,
      );
      return { ...page, count: () => countTeams(ctx) };
    },
  },
  ServerUserConnection: { totalCount: async (it) => Number(await it.count()) },
  ServerTeamConnection: { totalCount: async (it) => Number(await it.count()) },
  Mutation: {
    createPasswordResetLink: (_, { input }, { ctx }) => createPasswordResetLink(ctx, input.userId),
    resetPassword: (_, { input }, { deps, origin, requestId }) => resetPassword(deps, input, { origin, requestId }),
    removeUser: (_, { input }, { ctx }) => removeUser(ctx, input.userId),
    appointTeamAdmin: async (_, { input }, { ctx }) => ({ team: await appointTeamAdmin(ctx, input.team, input.userId) }),
    removeTeam: async (_, { input: { team, confirm, dryRun } }, { ctx }) => {
      const { holds, files, bytes, ...rest } = await removeTeam(ctx, { slug: team, confirm: confirm ?? null, dryRun: dryRun ?? false });
      return { ...rest, ...holds, artifactFiles: files, artifactBytes: bytes };
    },
  },
};
