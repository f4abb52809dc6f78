// The subscriptions `runChanged` and `modelChanged`.

import { getPromotionRequest } from '../../domain/governance/requests.ts';
import { followModels } from '../../domain/live/models.ts';
import { followRuns } from '../../domain/live/runs.ts';
import { getRegisteredModel } from '../../domain/registry/models.ts';
import { getModelVersion } from '../../domain/registry/versions.ts';
import type { GraphqlContext } from '../../graphql/context.ts';
import { findRun, ofTeamOrNull } from '../../graphql/reading/find.ts';
import { toSyntax } from '../../graphql/reading/where.ts';
import type { ModelChange, RunChange } from '../../graphql/rows.ts';
import type { ModelChangeKind, Resolvers } from '../../graphql/types.gen.ts';
import { mapStream } from '../../live/broadcast.ts';

const KINDS: Record<NonNullable<ModelChange['item']>['event'], ModelChangeKind> = {
  'registered_model.created': 'MODEL_CREATED',
  'registered_model.renamed': 'MODEL_RENAMED',
  'registered_model.updated': 'MODEL_UPDATED',
  'registered_model.deleted': 'MODEL_DELETED',
  'registered_model_tag.set': 'MODEL_TAG_SET',
  'registered_model_tag.deleted': 'MODEL_TAG_DELETED',
  'model_version.created': 'VERSION_CREATED',
  'model_version.updated': 'VERSION_UPDATED',
  'model_version.deleted': 'VERSION_DELETED',
  'model_version.stage_changed': 'VERSION_STAGE_CHANGED',
  'model_version_tag.set': 'VERSION_TAG_SET',
  'model_version_tag.deleted': 'VERSION_TAG_DELETED',
  'model_version_alias.created': 'ALIAS_SET',
  'model_version_alias.deleted': 'ALIAS_DELETED',
  'promotion_request.opened': 'PROMOTION_REQUESTED',
  'promotion_request.approved': 'PROMOTION_APPROVED',
  'promotion_request.rejected': 'PROMOTION_REJECTED',
  'promotion_request.withdrawn': 'PROMOTION_WITHDRAWN',
  'promotion_request.applied': 'PROMOTION_APPLIED',
};

/** What was read for the messages before is stale. */
function refreshed<Change extends { first: boolean }>(change: Change, context: GraphqlContext): Change {
  if (change.first) context.loaders.clear();
  return change;
}

export const live: Resolvers = {
  Subscription: {
    runChanged: {
      subscribe: async (_, { team: slug, where, ...search }, context) => {
        const team = context.team(slug);
        return mapStream(await followRuns(team, { ...search, where: toSyntax(where) }), (change) => ({ ...change, team })) as never;
      },
      resolve: (change: unknown, _: unknown, context: GraphqlContext) => refreshed(change as RunChange, context) as never,
    },
    modelChanged: {
      subscribe: async (_, { team: slug, ...search }, context) => {
        const team = context.team(slug);
        return mapStream(await followModels(team, search), (change) => ({ ...change, team })) as never;
      },
      resolve: (change: unknown, _: unknown, context: GraphqlContext) => refreshed(change as ModelChange, context) as never,
    },
  },
  RunChange: {
    kind: (it) => it.item?.kind ?? 'SUBSCRIBED',
    runId: (it) => it.item?.runId ?? null,
    run: (it, _, context) => (it.item ? findRun(context, it.team, it.item.runId) : null),
  },
  ModelChange: {
    kind: (it) => (it.item ? KINDS[it.item.event] : 'SUBSCRIBED'),
    at: (it) => it.item?.at ?? null,
    actor: (it, _, { loaders }) => (it.item?.actorId == null ? null : loaders.user.load(it.item.actorId)),
    name: (it) => it.item?.name ?? null,
    version: (it) => it.item?.version ?? null,
    oldName: (it) => it.item?.detail.oldName ?? null,
    alias: (it) => it.item?.detail.alias ?? null,
    stage: (it) => (it.item?.detail.stage as never) ?? null,
    key: (it) => it.item?.detail.key ?? null,
    promotionRequest: async (it) => {
      const id = it.item?.detail.requestId;
      return id === undefined ? null : ofTeamOrNull(it.team, getPromotionRequest(it.team, id));
    },
    registeredModel: async (it) => (it.item ? ofTeamOrNull(it.team, getRegisteredModel(it.team, it.item.name)) : null),
    modelVersion: async (it) => (it.item?.version == null ? null : ofTeamOrNull(it.team, getModelVersion(it.team, it.item.name, it.item.version))),
  },
};
