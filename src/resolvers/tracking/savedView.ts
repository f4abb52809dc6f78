// Saved views of runs.
import { inTeam } from '../../auth/team.ts';
import { createSavedView, deleteSavedView, getSavedViews, updateSavedView } from '../../domain/tracking/savedViews.ts';
import { cutPage, hexCursor, pageSize } from '../../graphql/connections.ts';
import { keyCursor, toId } from '../../graphql/ids.ts';
import { ofNode } from '../../graphql/reading/find.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';

export const savedView: Resolvers = {
  Team: {
    savedViews: async (it, { experimentId, ofAllRuns, first, after }, { ctx }) => {
      const [size, team] = [pageSize(first), inTeam(ctx, it)];
      const which = experimentId ?? (ofAllRuns ? null : undefined);
      const rows = await getSavedViews(team, { experimentId: which, after: hexCursor(after), limit: size + 1 });
      return cutPage(
        rows,
        size,
        after,
        (row) => keyCursor(row.viewId),
        (row) => ofTeam(team, row),
      );
    },
  },
  SavedView: {
    id: (it) => toId('SavedView', it.team.team.teamId, it.viewId),
    shared: (it) => it.ownerId === null,
    experiment: async (it, _, { loaders }) => {
      const row = it.experimentId === null ? null : await loaders.of(it.team).experiment.load(it.experimentId);
      return row && ofTeam(it.team, row);
    },
    createdBy: (it, _, { loaders }) => (it.createdBy === null ? null : loaders.user.load(it.createdBy)),
  },
  Mutation: {
    createSavedView: async (_, { input: { team: slug, shared, ...input } }, context) => {
      const team = context.team(slug);
      return { savedView: ofTeam(team, await createSavedView(team, { ...input, shared: shared ?? false })) };
    },
    updateSavedView: async (_, { input: { id, ...edit } }, context) => {
      const { team, key } = ofNode(context, 'SavedView', id);
      return { savedView: ofTeam(team, await updateSavedView(team, key, edit)) };
    },
    deleteSavedView: async (_, { input: { id } }, context) => {
      const { team, key } = ofNode(context, 'SavedView', id);
      await deleteSavedView(team, key);
      return { id };
    },
  },
};
