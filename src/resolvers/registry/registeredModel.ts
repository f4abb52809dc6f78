// Registered models.

import { inTeam } from '../../auth/team.ts';
import type { TeamCtx } from '../../context.ts';
import { checkTagChanges } from '../../domain/limits.ts';
import {
  createRegisteredModel,
  deleteModelAlias,
  deleteRegisteredModel,
  deleteRegisteredModelTag,
  getRegisteredModel,
  renameRegisteredModel,
  setModelAlias,
  setRegisteredModelTag,
  updateRegisteredModel,
} from '../../domain/registry/models.ts';
import { getPromotions, printCursor } from '../../domain/registry/promotions.ts';
import { countRegisteredModels, listRegisteredModels } from '../../domain/registry/search.ts';
import { getModelVersion, getVersionByAlias } from '../../domain/registry/versions.ts';
import { inTransaction } from '../../domain/transaction.ts';
import { cutPage, pageSize, slicePage, toSlice } from '../../graphql/connections.ts';
import { toId } from '../../graphql/ids.ts';
import { orNull, unlessGone } from '../../graphql/reading/find.ts';
import { fieldOrder } from '../../graphql/reading/where.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { ModelOrderField, Resolvers } from '../../graphql/types.gen.ts';
import { invalid } from '../../lib/errors.ts';
import { versionsOf } from './modelVersion.ts';

const ORDER: Record<ModelOrderField, string> = { NAME: 'name', UPDATED_AT: 'last_updated_timestamp' };

const payload = async (team: TeamCtx, name: string) => ({ registeredModel: ofTeam(team, await getRegisteredModel(team, name)) });

export const registeredModel: Resolvers = {
  Team: {
    registeredModels: async (it, { filter, orderBy, ...page }, { ctx }) => {
      const team = inTeam(ctx, it);
      const search = { filter, orderBy: fieldOrder(ORDER, orderBy) };
      const slice = await listRegisteredModels(team, search, toSlice(page));
      return slicePage(
        slice,
        (row) => ofTeam(team, row),
        () => countRegisteredModels(team, search),
      );
    },
    registeredModel: async (it, { name }, { ctx }) => {
      const team = inTeam(ctx, it);
      const row = await orNull(getRegisteredModel(team, name));
      return row && ofTeam(team, row);
    },
    modelVersions: (it, args, { ctx }) => versionsOf(inTeam(ctx, it), args),
  },
  RegisteredModelConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  RegisteredModel: {
    id: (it) => toId('RegisteredModel', it.team.team.teamId, it.registeredModelId),
    team: (it) => it.team.team,
    createdAt: (it) => it.creationTime,
    updatedAt: (it) => it.lastUpdateTime,
    aliasChanges: async (it, { alias, first }) =>
      (await getPromotions(it.team, it, { kind: 'alias', alias, limit: pageSize(first) })).map((row) =>
        ofTeam(it.team, { ...row, alias: row.alias!, name: it.name }),
      ),
    promotions: async (it, { version, first, after }) => {
      const size = pageSize(first);
      const rows = await getPromotions(it.team, it, { version, after, limit: size + 1 });
      return cutPage(rows, size, after, printCursor, (row) => ofTeam(it.team, row));
    },
    latestVersions: async (it, _, { loaders }) =>
      (await loaders.of(it.team).latestVersions.load(it.registeredModelId)).map((row) => ofTeam(it.team, row)),
    version: async (it, { version, alias }) => {
      if ((version == null) === (alias == null)) throw invalid("Give either 'version' or 'alias'.", { argument: 'version' });
      const known = alias == null || alias.toLowerCase() === 'latest' || it.aliases.some((one) => one.alias === alias);
      const row = known && (await orNull(alias == null ? getModelVersion(it.team, it.name, version!) : getVersionByAlias(it.team, it.name, alias)));
      return row ? ofTeam(it.team, row) : null;
    },
    versions: (it, args) => versionsOf(it.team, args, it.registeredModelId),
  },
  AliasChange: {
    modelVersion: async ({ version, ...it }, _, { loaders }) => {
      const row = version === null ? null : await loaders.of(it.team).version.load({ name: it.name, version });
      return row && ofTeam(it.team, row);
    },
    changedBy: (it, _, { loaders }) => (it.changedBy === null ? null : loaders.user.load(it.changedBy)),
  },
  Promotion: {
    changedBy: (it, _, { loaders }) => (it.changedBy === null ? null : loaders.user.load(it.changedBy)),
  },
  Mutation: {
    createRegisteredModel: async (_, { input: { team: slug, name, description, tags } }, context) => {
      const team = context.team(slug);
      return { registeredModel: ofTeam(team, await createRegisteredModel(team, { name, description, tags: tags ?? [] })) };
    },
    renameRegisteredModel: async (_, { input: { team: slug, name, newName } }, context) => {
      const team = context.team(slug);
      return { registeredModel: ofTeam(team, await renameRegisteredModel(team, name, newName)) };
    },
    updateRegisteredModel: async (_, { input: { team: slug, name, description, setTags, deleteTags } }, context) => {
      checkTagChanges({ setTags, deleteTags });
      const team = context.team(slug);
      await inTransaction(team, async (tx) => {
        if (description !== undefined) await updateRegisteredModel(tx, name, description);
        for (const tag of setTags ?? []) await setRegisteredModelTag(tx, name, tag);
        for (const key of deleteTags ?? []) await deleteRegisteredModelTag(tx, name, key);
      });
      return payload(team, name);
    },
    deleteRegisteredModel: async (_, { input: { team: slug, name } }, context) => {
      await unlessGone(deleteRegisteredModel(context.team(slug), name));
      return { name };
    },
    setModelAlias: async (_, { input: { team: slug, name, alias, version, comment } }, context) => {
      const team = context.team(slug);
      await setModelAlias(team, name, alias, version, comment);
      return payload(team, name);
    },
    deleteModelAlias: async (_, { input: { team: slug, name, alias, comment } }, context) => {
      const team = context.team(slug);
      await deleteModelAlias(team, name, alias, comment);
      return payload(team, name);
    },
  },
};
