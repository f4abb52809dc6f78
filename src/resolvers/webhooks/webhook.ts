// Webhooks.
import { inTeam } from '../../auth/team.ts';
import { createWebhook, deleteWebhook, getWebhooks, testWebhook, updateWebhook, type WebhookInput } from '../../domain/webhooks/webhooks.ts';
import { cutPage, pageSize } from '../../graphql/connections.ts';
import { toId } from '../../graphql/ids.ts';
import { ofNode } from '../../graphql/reading/find.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

/** null in a change means the same as leaving it out. */
function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)) as never;
}

export const webhook: Resolvers = {
  Team: {
    webhooks: async (it, { first, after }, { ctx }) => {
      const [size, team] = [pageSize(first), inTeam(ctx, it)];
      const rows = await getWebhooks(team, { after, limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => row.cursor,
        (row) => ofTeam(team, row),
      );
    },
  },
  Webhook: {
    id: (it) => toId('Webhook', it.team.team.teamId, it.webhookId),
    createdAt: (it) => it.creationTime,
    updatedAt: (it) => it.lastUpdateTime,
    deliveries: (it, { first }, { loaders }) =>
      loaders
        .of(it.team)
        .deliveries(first ?? 20)
        .load(it.webhookId),
  },
  Mutation: {
    createWebhook: async (_, { input: { team: slug, ...input } }, context) => {
      const team = context.team(slug);
      const { warning, ...webhook } = await createWebhook(team, given(input) as WebhookInput);
      return { webhook: ofTeam(team, webhook), warning };
    },
    updateWebhook: async (_, { input: { id, ...change } }, context) => {
      const { team, key } = ofNode(context, 'Webhook', id);
      const { warning, ...webhook } = await updateWebhook(team, key, given(change));
      return { webhook: ofTeam(team, webhook), warning };
    },
    deleteWebhook: async (_, { input: { id } }, context) => {
      const { team, key } = ofNode(context, 'Webhook', id);
      await deleteWebhook(team, key);
      return { id };
    },
    testWebhook: (_, { input: { id, event } }, context) => {
      const { team, key } = ofNode(context, 'Webhook', id);
      return testWebhook(team, key, event ?? undefined);
    },
  },
};
