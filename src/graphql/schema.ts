// The executable schema: the SDL of src/schema (beside this folder, also in the build) and one resolver map per noun.
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { noteDenied } from '../domain/people/audit.ts';
import { artifact } from '../resolvers/artifact.ts';
import { audit } from '../resolvers/audit.ts';
import { live } from '../resolvers/changes.ts';
import { experiment } from '../resolvers/experiment.ts';
import { invitation } from '../resolvers/invitation.ts';
import { loggedModel } from '../resolvers/loggedModel.ts';
import { metricPoints } from '../resolvers/metricPoints.ts';
import { modelVersion } from '../resolvers/modelVersion.ts';
import { node } from '../resolvers/node.ts';
import { people } from '../resolvers/people.ts';
import { purge } from '../resolvers/purge.ts';
import { registeredModel } from '../resolvers/registeredModel.ts';
import { reporting } from '../resolvers/reporting.ts';
import { run } from '../resolvers/run.ts';
import { runComparison } from '../resolvers/runComparison.ts';
import { runGroups } from '../resolvers/runGroups.ts';
import { runTable } from '../resolvers/runTable.ts';
import { runWrites } from '../resolvers/runWrites.ts';
import { savedView } from '../resolvers/savedView.ts';
import { server } from '../resolvers/server.ts';
import { serviceAccount } from '../resolvers/serviceAccount.ts';
import { team } from '../resolvers/team.ts';
import { token } from '../resolvers/token.ts';
import { usage } from '../resolvers/usage.ts';
import { viewer } from '../resolvers/viewer.ts';
import { webhook } from '../resolvers/webhook.ts';
import { type GraphqlContext, viewerOrNobody } from './context.ts';
import { scalars } from './scalars.ts';

const FOLDER = new URL('../schema/', import.meta.url);

export function readTypeDefs(): string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql'));
  return files.sort().map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));
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
