// Experiments.

import { inTeam } from '../../auth/team.ts';
import { checkTagChanges } from '../../domain/limits.ts';
import { countMatchingExperiments, listExperiments } from '../../domain/tracking/experimentSearch.ts';
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../../domain/tracking/experiments.ts';
import { inTransaction } from '../../domain/transaction.ts';
import { slicePage, toSlice } from '../../graphql/connections.ts';
import { lifecycle, NOTES_TAG, valueAt } from '../../graphql/fields.ts';
import { toId } from '../../graphql/ids.ts';
import { orNull, unlessGone } from '../../graphql/reading/find.ts';
import { fieldOrder } from '../../graphql/reading/where.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { ExperimentOrderField, Resolvers } from '../../graphql/types.gen.ts';
import { invalid } from '../../lib/errors.ts';
import { runsOf } from './run.ts';

const ORDER: Record<ExperimentOrderField, string> = {
  NAME: 'name',
  EXPERIMENT_ID: 'experiment_id',
  CREATED_AT: 'creation_time',
  UPDATED_AT: 'last_update_time',
};

export const experiment: Resolvers = {
  Team: {
    experiments: async (it, { filter, orderBy, lifecycle, ...page }, { ctx }) => {
      const team = inTeam(ctx, it);
      const search = { filter, orderBy: fieldOrder(ORDER, orderBy), lifecycle: lifecycle ?? 'ACTIVE' };
      const slice = await listExperiments(team, search, toSlice(page));
      return slicePage(
        slice,
        (row) => ofTeam(team, row),
        () => countMatchingExperiments(team, search),
      );
    },
    experiment: async (it, { experimentId, name }, { ctx }) => {
      if ((experimentId == null) === (name == null)) throw invalid("Give either 'experimentId' or 'name'.", { argument: 'experimentId' });
      const team = inTeam(ctx, it);
      const row = await orNull(experimentId == null ? getExperimentByName(team, name!) : getExperiment(team, experimentId));
      return row && ofTeam(team, row);
    },
  },
  Experiment: {
    id: (it) => toId('Experiment', it.team.team.teamId, it.experimentId),
    experimentId: (it) => String(it.experimentId),
    team: (it) => it.team.team,
    lifecycle,
    createdAt: (it) => it.creationTime,
    updatedAt: (it) => it.lastUpdateTime,
    notes: (it) => valueAt(it.tags, NOTES_TAG),
    tag: (it, { key }) => valueAt(it.tags, key),
    runs: (it, args) => runsOf(it.team, { ...args, experimentIds: [String(it.experimentId)] }),
  },
  ExperimentConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  Mutation: {
    createExperiment: async (_, { input: { team: slug, name, artifactLocation, tags } }, context) => {
      const team = context.team(slug);
      const row = await createExperiment(team, { name, artifactLocation: artifactLocation ?? undefined, tags: tags ?? [] });
      return { experiment: ofTeam(team, row) };
    },
    updateExperiment: async (_, { input: { team: slug, experimentId, name, setTags, deleteTags } }, context) => {
      checkTagChanges({ setTags, deleteTags });
      const team = context.team(slug);
      await inTransaction(team, async (tx) => {
        await renameExperiment(tx, experimentId, name ?? undefined);
        for (const { key, value } of setTags ?? []) await setExperimentTag(tx, experimentId, key, value);
        for (const key of deleteTags ?? []) await unlessGone(deleteExperimentTag(tx, experimentId, key));
      });
      return { experiment: ofTeam(team, await getExperiment(team, experimentId)) };
    },
    deleteExperiment: async (_, { input: { team: slug, experimentId } }, context) => {
      const team = context.team(slug);
      await deleteExperiment(team, experimentId);
      return { experiment: ofTeam(team, await getExperiment(team, experimentId)) };
    },
    restoreExperiment: async (_, { input: { team: slug, experimentId } }, context) => {
      const team = context.team(slug);
      await restoreExperiment(team, experimentId);
      return { experiment: ofTeam(team, await getExperiment(team, experimentId)) };
    },
  },
};
