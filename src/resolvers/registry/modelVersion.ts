// Versions of registered models.

import type { TeamCtx } from '../../context.ts';
import { checkTagChanges } from '../../domain/limits.ts';
import { countModelVersions, listModelVersions } from '../../domain/registry/search.ts';
import { snippets } from '../../domain/registry/snippets.ts';
import {
  createModelVersion,
  deleteModelVersion,
  deleteModelVersionTag,
  getModelVersion,
  setModelVersionTag,
  transitionStage,
  updateModelVersion,
} from '../../domain/registry/versions.ts';
import { inTransaction } from '../../domain/transaction.ts';
import { slicePage, toSlice } from '../../graphql/connections.ts';
import { toId } from '../../graphql/ids.ts';
import { findModel, findModels, findRun, unlessGone } from '../../graphql/reading/find.ts';
import { fieldOrder } from '../../graphql/reading/where.ts';
import { type ModelVersionPage, ofTeam } from '../../graphql/rows.ts';
import type { Resolvers, TeamModelVersionsArgs, VersionOrderField } from '../../graphql/types.gen.ts';
import { isHexId } from '../../lib/ids.ts';

const ORDER: Record<VersionOrderField, string> = {
  NAME: 'name',
  VERSION: 'version_number',
  CREATED_AT: 'creation_timestamp',
  UPDATED_AT: 'last_updated_timestamp',
};

export async function versionsOf(team: TeamCtx, args: TeamModelVersionsArgs, registeredModelId?: number): Promise<ModelVersionPage> {
  const { filter, orderBy, ...page } = args;
  const search = { filter, orderBy: fieldOrder(ORDER, orderBy ?? [{ field: 'CREATED_AT', direction: 'DESC' }]), registeredModelId };
  const slice = await listModelVersions(team, search, toSlice(page));
  return slicePage(
    slice,
    (row) => ofTeam(team, row),
    () => countModelVersions(team, search),
  );
}

const payload = async (team: TeamCtx, name: string, version: number) => ({ modelVersion: ofTeam(team, await getModelVersion(team, name, version)) });

export const modelVersion: Resolvers = {
  ModelStage: { NONE: 'None', STAGING: 'Staging', PRODUCTION: 'Production', ARCHIVED: 'Archived' },
  ModelVersionConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  ModelVersion: {
    id: (it) => toId('ModelVersion', it.team.team.teamId, it.registeredModelId, it.version),
    team: (it) => it.team.team,
    registeredModel: async (it, _, { loaders }) => ofTeam(it.team, (await loaders.of(it.team).registeredModel.load(it.registeredModelId))!),
    createdAt: (it) => it.creationTime,
    updatedAt: (it) => it.lastUpdateTime,
    user: (it) => it.userId || null,
    run: (it, _, context) => (it.runId && isHexId(it.runId) ? findRun(context, it.team, it.runId) : null),
    loggedModel: (it, _, context) => (it.modelId ? findModel(context, it.team, `m-${it.modelId}`) : null),
    lineage: async (it, _, { loaders }) => ofTeam(it.team, await loaders.of(it.team).lineage.load(it)),
    snippets: async (it, _, { loaders }) => snippets(`models:/${it.name}/${it.version}`, await loaders.of(it.team).versionFile.load(it)),
  },
  ModelLineage: {
    run: (it) => it.run && ofTeam(it.team, it.run),
    parents: (it, _, context) => findModels(context, it.team, it.parents),
    copyOf: (it) => it.copyOf && ofTeam(it.team, it.copyOf),
  },
  Mutation: {
    createModelVersion: async (_, { input: { team: slug, tags, ...given } }, context) => {
      const team = context.team(slug);
      return { modelVersion: ofTeam(team, await createModelVersion(team, { ...given, tags: tags ?? [] })) };
    },
    updateModelVersion: async (_, { input: { team: slug, name, version, description, setTags, deleteTags } }, context) => {
      checkTagChanges({ setTags, deleteTags });
      const team = context.team(slug);
      await inTransaction(team, async (tx) => {
        if (description !== undefined) await updateModelVersion(tx, name, version, description);
        for (const tag of setTags ?? []) await setModelVersionTag(tx, name, version, tag);
        for (const key of deleteTags ?? []) await deleteModelVersionTag(tx, name, version, key);
      });
      return payload(team, name, version);
    },
    setModelVersionStage: async (_, { input: { team: slug, name, version, stage, archiveExisting, comment } }, context) => {
      const team = context.team(slug);
      return { modelVersion: ofTeam(team, await transitionStage(team, name, version, stage, archiveExisting ?? false, comment)) };
    },
    deleteModelVersion: async (_, { input: { team: slug, name, version } }, context) => {
      await unlessGone(deleteModelVersion(context.team(slug), name, version));
      return { name, version };
    },
  },
};
