// The executable schema: the SDL of src/schema (beside this folder, also in the build) and one resolver map per noun.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { noteDenied } from '../domain/people/audit.ts';
import { artifact } from '../resolvers/artifacts/artifact.ts';
import { promotionRequest } from '../resolvers/governance/promotionRequest.ts';
import { protection } from '../resolvers/governance/protection.ts';
import { live } from '../resolvers/live/changes.ts';
import { metricPoints } from '../resolvers/live/metricPoints.ts';
import { node } from '../resolvers/node.ts';
import { audit } from '../resolvers/people/audit.ts';
import { invitation } from '../resolvers/people/invitation.ts';
import { people } from '../resolvers/people/people.ts';
import { reporting } from '../resolvers/people/reporting.ts';
import { serviceAccount } from '../resolvers/people/serviceAccount.ts';
import { team } from '../resolvers/people/team.ts';
import { token } from '../resolvers/people/token.ts';
import { usage } from '../resolvers/people/usage.ts';
import { viewer } from '../resolvers/people/viewer.ts';
import { purge } from '../resolvers/purge/purge.ts';
import { modelVersion } from '../resolvers/registry/modelVersion.ts';
import { registeredModel } from '../resolvers/registry/registeredModel.ts';
import { server } from '../resolvers/server.ts';
import { experiment } from '../resolvers/tracking/experiment.ts';
import { loggedModel } from '../resolvers/tracking/loggedModel.ts';
import { run } from '../resolvers/tracking/run.ts';
import { runComparison } from '../resolvers/tracking/runComparison.ts';
import { runGroups } from '../resolvers/tracking/runGroups.ts';
import { runTable } from '../resolvers/tracking/runTable.ts';
import { runWrites } from '../resolvers/tracking/runWrites.ts';
import { savedView } from '../resolvers/tracking/savedView.ts';
import { webhook } from '../resolvers/webhooks/webhook.ts';
import { type GraphqlContext, viewerOrNobody } from './context.ts';
import { scalars } from './scalars.ts';

const FOLDER = fileURLToPath(new URL('../schema/', import.meta.url));

export function readTypeDefs(): string[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.graphql'));
  // By the noun's name, wherever its folder is: the printed schema keeps its order.
  return files.sort((a, b) => (path.basename(a) < path.basename(b) ? -1 : 1)).map((name) => readFileSync(path.join(FOLDER, name), 'utf8'));
}

const nouns = [
  artifact,
  audit,
  experiment,
  invitation,
  live,
  loggedModel,
  metricPoints,
  modelVersion,
  node,
  people,
  promotionRequest,
  protection,
  purge,
  registeredModel,
  reporting,
  run,
  runComparison,
  runGroups,
  runTable,
  runWrites,
  savedView,
  server,
  serviceAccount,
  team,
  token,
  usage,
  viewer,
  webhook,
];

/** Types and fields without a resolver of their own are read from the row by name. */
export function makeSchema(): GraphQLSchema {
  const resolvers = nouns as Parameters<typeof makeExecutableSchema>[0]['resolvers'];
  const schema = makeExecutableSchema<GraphqlContext>({ typeDefs: readTypeDefs(), resolvers });
  // Into the SDL's own scalars, which have the descriptions.
  for (const [name, behaviour] of Object.entries(scalars)) Object.assign(schema.getType(name)!, behaviour);
  for (const field of Object.values(schema.getMutationType()!.getFields())) field.resolve = forgetting(field.resolve!);
  return schema;
}

/** What was read before a mutation is stale after it, also for the mutations that follow in the same request. Refusals are noted. */
const forgetting =
  (resolve: GraphQLFieldResolver<unknown, GraphqlContext>): GraphQLFieldResolver<unknown, GraphqlContext> =>
  async (parent, args, context, info) => {
    const payload = await (async () => resolve(parent, args, context, info))().catch(async (error: unknown) => {
      const viewer = viewerOrNobody(context);
      if (viewer) await noteDenied(context.ctx, info.fieldName, error);
      throw error;
    });
    context.loaders.clear();
    return payload;
  };
