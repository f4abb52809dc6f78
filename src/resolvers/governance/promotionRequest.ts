// Requests to move protected aliases and stages.
import { inTeam } from '../../auth/team.ts';
import type { TeamCtx } from '../../context.ts';
import {
  approvePromotion,
  getPromotionRequest,
  getPromotionRequests,
  type RequestPage,
  rejectPromotion,
  requestPromotion,
  rollBackAlias,
  withdrawPromotion,
} from '../../domain/governance/requests.ts';
import { conditionsOf, presentHolder, previewPromotion, requestsToDecide } from '../../domain/governance/standing.ts';
import { getRegisteredModel } from '../../domain/registry/models.ts';
import { cutPage, hexCursor, pageSize } from '../../graphql/connections.ts';
import { keyCursor, toId } from '../../graphql/ids.ts';
import { ofNode, orNull } from '../../graphql/reading/find.ts';
import type { Loaders } from '../../graphql/reading/loaders.ts';
import { ofTeam, type PromotionRequest } from '../../graphql/rows.ts';
import type { Resolvers } from '../../graphql/types.gen.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { targetOf } from './target.ts';

const MAX_REQUESTS = 100;

async function versionOf(it: PromotionRequest, version: number | null, loaders: Loaders) {
  const row = version === null ? null : await loaders.of(it.team).version.load({ name: it.name, version });
  return row && ofTeam(it.team, row);
}

async function requestsOf(
  team: TeamCtx,
  args: { state?: RequestPage['state']; first?: number | null; after?: string | null },
  registeredModelId?: number,
) {
  const size = pageSize(args.first);
  if (size > MAX_REQUESTS) {
    throw limitExceeded(`A page of requests has at most ${MAX_REQUESTS}; you asked for ${size}.`, {
      argument: 'first',
      limit: MAX_REQUESTS,
      asked: size,
    });
  }
  const page = { registeredModelId: registeredModelId ?? null, state: args.state ?? null, after: hexCursor(args.after), limit: size + 1 };
  const rows = await getPromotionRequests(team, page);
  return cutPage(
    rows,
    size,
    args.after,
    (row) => keyCursor(row.requestId),
    (row) => ofTeam(team, row),
  );
}

export const promotionRequest: Resolvers = {
  Team: {
    promotionRequests: (it, args, { ctx }) => requestsOf(inTeam(ctx, it), args),
    promotionRequestsToDecide: async (it, _, { ctx }) => {
      const team = inTeam(ctx, it);
      return (await requestsToDecide(team)).map((row) => ofTeam(team, row));
    },
    promotionRequest: async (it, { requestId }, { ctx }) => {
      const team = inTeam(ctx, it);
      const row = await orNull(getPromotionRequest(team, requestId));
      return row && ofTeam(team, row);
    },
  },
  RegisteredModel: {
    promotionRequests: (it, args) => requestsOf(it.team, args, it.registeredModelId),
  },
  ModelVersion: {
    promotionPreview: async (it, target) => {
      const { protections, ...preview } = await previewPromotion(it.team, { name: it.name, target: targetOf(target), version: it.version });
      return { ...preview, protections: protections.map((row) => ofTeam(it.team, row)) };
    },
  },
  Promotion: {
    request: async (it, _, { loaders }) => {
      const row = it.requestId === null ? null : await loaders.of(it.team).promotionRequest.load(it.requestId);
      return row && ofTeam(it.team, row);
    },
  },
  PromotionRequest: {
    id: (it) => toId('PromotionRequest', it.team.team.teamId, it.requestId),
    registeredModel: async (it, _, { loaders }) => ofTeam(it.team, (await loaders.of(it.team).registeredModel.load(it.registeredModelId))!),
    alias: (it) => (it.kind === 'alias' ? it.target : null),
    stage: (it) => (it.kind === 'stage' ? (it.target as never) : null),
    modelVersion: (it, _, { loaders }) => versionOf(it, it.version, loaders),
    holderVersion: (it, _, { loaders }) => versionOf(it, it.holder, loaders),
    votes: async (it, _, { loaders }) => loaders.of(it.team).votes.load(it.requestId),
    presentHolder: async (it) => {
      const row = await presentHolder(it.team, it);
      return row && ofTeam(it.team, row);
    },
    conditions: (it) => conditionsOf(it.team, it),
    approvals: async (it, _, { loaders }) => (await loaders.of(it.team).standing.load(it)).approvals,
    viewerCanDecide: async (it, _, { loaders }) => (await loaders.of(it.team).standing.load(it)).viewerCanDecide,
    viewerRefusal: async (it, _, { loaders }) => (await loaders.of(it.team).standing.load(it)).refusal,
    requestedBy: (it, _, { loaders }) => (it.requestedBy === null ? null : loaders.user.load(it.requestedBy)),
    closedBy: (it, _, { loaders }) => (it.closedBy === null ? null : loaders.user.load(it.closedBy)),
  },
  PromotionVote: {
    user: (it, _, { loaders }) => loaders.user.load(it.userId),
  },
  Mutation: {
    requestPromotion: async (_, { input: { team: slug, name, alias, stage, version, comment } }, context) => {
      const team = context.team(slug);
      const target = targetOf({ alias, stage });
      if (version == null && target.kind === 'stage') throw invalid('Say which version goes there.', { argument: 'version' });
      return { promotionRequest: ofTeam(team, await requestPromotion(team, { name, target, version: version ?? null, comment })) };
    },
    approvePromotion: async (_, { input: { id, comment } }, context) => {
      const { team, key } = ofNode(context, 'PromotionRequest', id);
      return { promotionRequest: ofTeam(team, await approvePromotion(team, key, comment)) };
    },
    rejectPromotion: async (_, { input: { id, comment } }, context) => {
      const { team, key } = ofNode(context, 'PromotionRequest', id);
      return { promotionRequest: ofTeam(team, await rejectPromotion(team, key, comment)) };
    },
    withdrawPromotion: async (_, { input: { id } }, context) => {
      const { team, key } = ofNode(context, 'PromotionRequest', id);
      return { promotionRequest: ofTeam(team, await withdrawPromotion(team, key)) };
    },
    rollBackModelAlias: async (_, { input: { team: slug, name, alias, comment } }, context) => {
      const team = context.team(slug);
      await rollBackAlias(team, name, alias, comment);
      return { registeredModel: ofTeam(team, await getRegisteredModel(team, name)) };
    },
  },
};
