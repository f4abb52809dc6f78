// Logged models, and what their files say.

import { inTeam } from '../../auth/team.ts';
import { createArchive } from '../../domain/artifacts/archives.ts';
import { checkTagChanges } from '../../domain/limits.ts';
import { readInputExample, readModelText } from '../../domain/registry/modelFiles.ts';
import { snippets } from '../../domain/registry/snippets.ts';
import { countMatchingLoggedModels, listLoggedModels } from '../../domain/tracking/loggedModelSearch.ts';
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  setLoggedModelTags,
} from '../../domain/tracking/loggedModels.ts';
import { inTransaction } from '../../domain/transaction.ts';
import { slicePage, toSlice } from '../../graphql/connections.ts';
import { toId } from '../../graphql/ids.ts';
import { findModel, findRun, teamOfModel, unlessGone } from '../../graphql/reading/find.ts';
import { runOrder } from '../../graphql/reading/where.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';
import { isHexId } from '../../lib/ids.ts';
import { artifactEntries, artifactEntry, artifactsIn } from '../artifacts/artifact.ts';

export const loggedModel: Resolvers = {
  Query: {
    loggedModel: async (_, { modelId }, context) => {
      const team = context.ctx && (await context.loaders.teamOfLoggedModel.load(modelId));
      return team && findModel(context, team, modelId);
    },
  },
  Team: {
    loggedModels: async (it, { experimentIds, filter, orderBy, ...page }, { ctx }) => {
      const team = inTeam(ctx, it);
      const search = { experimentIds, filter, orderBy: runOrder(orderBy) };
      const slice = await listLoggedModels(team, search, toSlice(page));
      return slicePage(
        slice,
        (row) => ofTeam(team, row),
        () => countMatchingLoggedModels(team, search),
      );
    },
  },
  LoggedModelConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  LoggedModel: {
    id: (it) => toId('LoggedModel', it.team.team.teamId, it.modelId),
    team: (it) => it.team.team,
    experiment: async (it, _, { loaders }) => ofTeam(it.team, (await loaders.of(it.team).experiment.load(it.experimentId))!),
    type: (it) => it.modelType,
    createdAt: (it) => it.creationTime,
    updatedAt: (it) => it.lastUpdateTime,
    flavors: async (it, _, { loaders }) => (await loaders.of(it.team).loggedModelFile.load(it.modelId)).flavors,
    signature: async (it, _, { loaders }) => (await loaders.of(it.team).loggedModelFile.load(it.modelId)).signature,
    inputExample: async (it, _, { loaders }) => readInputExample(it.team, it.modelId, await loaders.of(it.team).loggedModelFile.load(it.modelId)),
    environment: (it) => it,
    sizeBytes: async (it, _, { loaders }) => (await loaders.of(it.team).loggedModelFile.load(it.modelId)).sizeBytes,
    metrics: (it) => it.metrics,
    sourceRun: (it, _, context) => (it.sourceRunId && isHexId(it.sourceRunId) ? findRun(context, it.team, it.sourceRunId) : null),
    artifacts: async (it, { path }, { loaders }) => artifactsIn(it.team, await loaders.of(it.team).loggedModelHome.load(it.modelId), path ?? ''),
    artifactEntries: async (it, args, { loaders }) => artifactEntries(it.team, await loaders.of(it.team).loggedModelHome.load(it.modelId), args),
    artifactEntry: async (it, { path }, { loaders }) => artifactEntry(it.team, await loaders.of(it.team).loggedModelHome.load(it.modelId), path),
    archive: async (it, { path }, { loaders }) =>
      createArchive(it.team, await loaders.of(it.team).loggedModelHome.load(it.modelId), path ?? '', it.name),
    versions: async (it, _, { loaders }) =>
      (await loaders.of(it.team).loggedModelVersions.load(it.modelId.slice(2))).map((row) => ofTeam(it.team, row)),
    snippets: async (it, _, { loaders }) => snippets(`models:/${it.modelId}`, await loaders.of(it.team).loggedModelFile.load(it.modelId)),
  },
  ModelEnvironment: {
    python: (it) => readModelText(it.team, it.modelId, 'python_env.yaml'),
    conda: (it) => readModelText(it.team, it.modelId, 'conda.yaml'),
    requirements: (it) => readModelText(it.team, it.modelId, 'requirements.txt'),
  },
  Mutation: {
    createLoggedModel: async (_, { input: { team: slug, experimentId, name, type, sourceRunId, params, tags } }, context) => {
      const team = context.team(slug);
      const given = { experimentId, name: name ?? undefined, modelType: type ?? undefined, sourceRunId: sourceRunId ?? undefined };
      return { loggedModel: ofTeam(team, await createLoggedModel(team, { ...given, params: params ?? [], tags: tags ?? [] })) };
    },
    finalizeLoggedModel: async (_, { input: { modelId, status } }, context) => {
      const team = await teamOfModel(context, modelId);
      return { loggedModel: ofTeam(team, await finalizeLoggedModel(team, modelId, status)) };
    },
    deleteLoggedModel: async (_, { input: { modelId } }, context) => {
      await deleteLoggedModel(await teamOfModel(context, modelId), modelId);
      return { modelId };
    },
    tagLoggedModel: async (_, { input: { modelId, setTags, deleteTags } }, context) => {
      checkTagChanges({ setTags, deleteTags });
      const team = await teamOfModel(context, modelId);
      await inTransaction(team, async (tx) => {
        await setLoggedModelTags(tx, modelId, setTags ?? []);
        for (const key of deleteTags ?? []) await unlessGone(deleteLoggedModelTag(tx, modelId, key));
      });
      return { loggedModel: ofTeam(team, await getLoggedModel(team, modelId)) };
    },
  },
};
