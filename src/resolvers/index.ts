// The executable schema: the SDL of src/schema (beside this folder, also in the build) and one resolver map per noun.
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { noteDenied } from '../domain/audit.ts';
import { artifact } from './artifact.ts';
import { audit } from './audit.ts';
import { type GraphqlContext, viewerOrNobody } from './context.ts';
import { experiment } from './experiment.ts';
import { invitation } from './invitation.ts';
import { live } from './live.ts';
import { loggedModel } from './loggedModel.ts';
import { metricPoints } from './metricPoints.ts';
import { modelVersion } from './modelVersion.ts';
import { node } from './node.ts';
import { purge } from './purge.ts';
import { registeredModel } from './registeredModel.ts';
import { reporting } from './reporting.ts';
import { run } from './run.ts';
import { runComparison } from './runComparison.ts';
import { runGroups } from './runGroups.ts';
import { runTable } from './runTable.ts';
import { runWrites } from './runWrites.ts';
import { savedView } from './savedView.ts';
import { scalars } from './scalars.ts';
import { server } from './server.ts';
import { serviceAccount } from './serviceAccount.ts';
import { team } from './team.ts';
import { token } from './token.ts';
import { usage } from './usage.ts';
import { viewer } from './viewer.ts';
import { webhook } from './webhook.ts';

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
