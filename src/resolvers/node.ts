// `node(id)`: anything with an id, in the viewer's teams alone.
import { inTeam } from '../auth/team.ts';
import { getProtection } from '../domain/governance/protections.ts';
import { getPromotionRequest } from '../domain/governance/requests.ts';
import { getInvitation } from '../domain/people/invitations.ts';
import { getServiceAccount } from '../domain/people/serviceAccounts.ts';
import { getApiToken } from '../domain/people/tokens.ts';
import { findColleague } from '../domain/people/users.ts';
import { getModelVersion } from '../domain/registry/versions.ts';
import { getSavedView } from '../domain/tracking/savedViews.ts';
import { getWebhook } from '../domain/webhooks/webhooks.ts';
import type { GraphqlContext } from '../graphql/context.ts';
import { fromId, type NodeRef, type NodeType, toInt } from '../graphql/ids.ts';
import { findModel, findRun, ofTeamOrNull, orNull } from '../graphql/reading/find.ts';
import { ofTeam } from '../graphql/rows.ts';
import type { Resolvers } from '../graphql/types.gen.ts';

type Found = { __typename: NodeType } | null;
const as = <T extends object>(type: NodeType, row: T | null): Found => row && { ...row, __typename: type };

async function findNode(context: GraphqlContext, { type, parts }: NodeRef): Promise<Found> {
  const { ctx, loaders } = context;
  if (type === 'User') return as(type, await findColleague(ctx, toInt(parts[0]) ?? 0));
  if (type === 'ApiToken') return as(type, await getApiToken(ctx, parts[0]!));
  const membership = ctx.viewer.memberships.find((one) => one.teamId === toInt(parts[0]));
  if (!membership) return null;
  if (type === 'Team') return as(type, membership);
  const team = inTeam(ctx, membership);
  const [, key = '', version] = parts;
  if (type === 'ServiceAccount') return as(type, await orNull(getServiceAccount(team, toInt(key) ?? 0)));
  if (type === 'Invitation') return as(type, await ofTeamOrNull(team, getInvitation(team, key)));
  if (type === 'Webhook') return as(type, await ofTeamOrNull(team, getWebhook(team, key)));
  if (type === 'SavedView') return as(type, await ofTeamOrNull(team, getSavedView(team, key)));
  if (type === 'Protection') return as(type, await ofTeamOrNull(team, getProtection(team, key)));
  if (type === 'PromotionRequest') return as(type, await ofTeamOrNull(team, getPromotionRequest(team, key)));
  if (type === 'Run') return as(type, await findRun(context, team, key));
  if (type === 'LoggedModel') return as(type, await findModel(context, team, key));
  const number = toInt(key);
  if (number === undefined) return null;
  if (type === 'Experiment') {
    const row = await loaders.of(team).experiment.load(number);
    return as(type, row && ofTeam(team, row));
  }
  const model = await loaders.of(team).registeredModel.load(number);
  if (!model || type === 'RegisteredModel') return as(type, model && ofTeam(team, model));
  const row = await orNull(getModelVersion(team, model.name, toInt(version) ?? 0));
  return as('ModelVersion', row && ofTeam(team, row));
}

export const node: Resolvers = {
  Query: {
    node: (_, { id }, context) => {
      const ref = context.ctx && fromId(id);
      return ref && (findNode(context, ref) as never);
    },
  },
  Node: { __resolveType: (it) => (it as unknown as { __typename: NodeType }).__typename },
};
