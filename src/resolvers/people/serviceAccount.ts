// Service accounts.
import { inTeam } from '../../auth/team.ts';
import { createServiceAccount, disableServiceAccount, getServiceAccounts } from '../../domain/people/serviceAccounts.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { cursorKey, keyCursor, toId, toInt } from '../../graphql/ids.ts';
import { ofNode, teamOfNumber } from '../../graphql/reading/find.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const serviceAccount: Resolvers = {
  Team: {
    serviceAccounts: async (it, { first, after }, { ctx }) => {
      const size = pageSize(first);
      const rows = await getServiceAccounts(inTeam(ctx, it), { afterUserId: toInt(cursorKey(after) ?? undefined) ?? null, limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.userId),
        (row) => row,
      );
    },
  },
  ServiceAccount: {
    id: (it) => toId('ServiceAccount', it.teamId!, it.userId),
    team: (it, _, context) => teamOfNumber(context, it.teamId!).team.slug,
    role: async (it, _, context) => it.role ?? (await context.loaders.of(teamOfNumber(context, it.teamId!)).serviceAccount.load(it.userId))!.role,
  },
  Mutation: {
    createServiceAccount: async (_, { input: { team: slug, ...input } }, context) => ({
      serviceAccount: await createServiceAccount(context.team(slug), input),
    }),
    disableServiceAccount: async (_, { input: { id, disabled } }, context) => {
      const { team, key } = ofNode(context, 'ServiceAccount', id);
      return { serviceAccount: await disableServiceAccount(team, toInt(key) ?? 0, disabled ?? true) };
    },
  },
};
