// The few GraphQL documents that MLflow's page sends, answered by the same rows as its REST calls. Our own API is src/schema.
import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  type DocumentNode,
  execute,
  type FieldNode,
  type GraphQLFieldResolver,
  GraphQLScalarType,
  type GraphQLSchema,
  isListType,
  Kind,
  parse,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { TeamCtx } from '../../context.ts';
import { listRunArtifacts } from '../../domain/artifacts/files.ts';
import { getExperiment } from '../../domain/tracking/experiments.ts';
import { toAppError } from '../../http/errors.ts';
import { Written } from '../../http/streamedJson.ts';
import { message } from '../codec.ts';
import { encodeExperiment } from '../encode.ts';
import type { Route } from '../route.ts';
import { routes } from '../routes.ts';
import { sentenceOf } from '../sentences/sentences.ts';

export type MlflowDocument = { query: string; variables?: Record<string, unknown> | null; operationName?: string | null };
/** Errors are plain strings here, as MLflow sends them. */
export type MlflowResult = { data: unknown; errors: string[] | null };

const MAX_DEPTH = 10;
const MAX_SELECTIONS = 1_000;
const MAX_ROOT_FIELDS = 10;
const MAX_ALIASES = 10;

const typeDefs = readFileSync(new URL('./mlflow.graphql', import.meta.url), 'utf8').replaceAll(
  /^type \w+ \{$/gm,
  (start) => `${start}\n  unknownField: String`,
);
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** What protobuf says of a field that isn't set: an empty string, zero, false, an empty list; null for a message. */
const UNSET: Record<string, unknown> = { String: '', LongString: 0, Int: 0, Float: 0, Boolean: false };

/** Messages are in snake_case, the schema in camelCase. */
const bySnakeName: GraphQLFieldResolver<Record<string, unknown> | undefined, TeamCtx> = (source, _args, _ctx, info) =>
  info.fieldName === UNKNOWN_FIELD ? null : (source?.[snake(info.fieldName)] ?? (isListType(info.returnType) ? [] : UNSET[String(info.returnType)]));

/** JSON can't hold NaN, and this schema has no other way to say it. */
const finite: GraphQLFieldResolver<{ value?: unknown }, TeamCtx> = (source) => (typeof source.value === 'number' ? source.value : null);

function through(method: Route['method'], path: string): GraphQLFieldResolver<unknown, TeamCtx, { input?: Record<string, unknown> }> {
  const row = routes.find((route) => route.method === method && route.path === path);
  if (!row) throw new Error(`There is no route ${method} ${path}`);
  const shape = message(row.shape);
  return async (_source, { input }, ctx) => {
    const answer = await row.handle(ctx, shape.read(input ?? {}, []) as never);
    return answer instanceof Written ? JSON.parse(await answer.text()) : answer;
  };
}

type RunMessage = { info: { run_id: string; experiment_id: string } };

function makeSchema() {
  const searchVersions = through('GET', '2.0/mlflow/model-versions/search');
  const searchRuns = through('POST', '2.0/mlflow/runs/search');
  return makeExecutableSchema<TeamCtx>({
    typeDefs,
    resolvers: {
      LongString: new GraphQLScalarType({ name: 'LongString', serialize: String, parseValue: (value) => value }),
      Query: {
        test: (_source, { inputString }) => ({ output: inputString }),
        mlflowGetExperiment: through('GET', '2.0/mlflow/experiments/get'),
        mlflowGetMetricHistoryBulkInterval: through('GET', '2.0/mlflow/metrics/get-history-bulk-interval'),
        mlflowGetRun: through('GET', '2.0/mlflow/runs/get'),
        mlflowSearchModelVersions: searchVersions,
        mlflowSearchRuns: searchRuns,
        mlflowListArtifacts: async (_source, { input }, ctx) => {
          const { rootUri, artifacts, next } = await listRunArtifacts(ctx, input.runId || input.runUuid || '', input.path ?? '', {
            after: input.pageToken ?? undefined,
          });
          return {
            root_uri: rootUri,
            files: artifacts.map((file) => ({ path: file.path, is_dir: file.isDir, file_size: file.size })),
            next_page_token: next,
          };
        },
      },
      Mutation: {
        testMutation: (_source, { inputString }) => ({ output: inputString }),
        mlflowSearchDatasets: through('POST', '2.0/mlflow/experiments/search-datasets'),
        mlflowSearchRuns: searchRuns,
      },
      MlflowRunExtension: {
        experiment: async (run: RunMessage, _args, ctx) => encodeExperiment(await getExperiment(ctx, run.info.experiment_id)),
        modelVersions: async (run: RunMessage, _args, ctx, info) => {
          const found = (await searchVersions({}, { input: { filter: `run_id = '${run.info.run_id}'` } }, ctx, info)) as {
            model_versions?: unknown[];
          };
          return found.model_versions ?? [];
        },
      },
      MlflowMetricExtension: { value: finite },
      MlflowMetricWithRunId: { value: finite },
      MlflowModelMetric: { value: finite },
    },
  });
}

let made: ReturnType<typeof makeSchema> | undefined;

/** Why a document is refused, in MLflow's words. */
function overLimits(document: DocumentNode): string | undefined {
  let selections = 0;
  let rootFields = 0;
  let aliases = 0;
  const stack: [SelectionSetNode, number][] = document.definitions.flatMap((definition) =>
    'selectionSet' in definition && definition.selectionSet ? [[definition.selectionSet, 1] as [SelectionSetNode, number]] : [],
  );
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [set, depth] = next;
    if (depth > MAX_DEPTH) return `Query exceeds maximum depth of ${MAX_DEPTH}`;
    const fields = set.selections.filter((selection) => selection.kind === Kind.FIELD);
    selections += set.selections.length;
    if (selections > MAX_SELECTIONS) return `Query exceeds maximum total selections of ${MAX_SELECTIONS}`;
    if (depth === 1) rootFields += fields.length;
    aliases = Math.max(aliases, fields.filter((field) => field.alias).length);
    for (const selection of set.selections)
      if ('selectionSet' in selection && selection.selectionSet) stack.push([selection.selectionSet, depth + 1]);
  }
  if (rootFields > MAX_ROOT_FIELDS) return `GraphQL queries should have at most ${MAX_ROOT_FIELDS} root fields, got ${rootFields} root fields.`;
  if (aliases > MAX_ALIASES) return `GraphQL queries should have at most ${MAX_ALIASES} aliases, got ${aliases} aliases.`;
  return undefined;
}

/** Whether every field asked for is of this schema's: nothing else has such names. */
export function isMlflowDocument(document: DocumentNode): boolean {
  const roots = document.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? one.selectionSet.selections : []));
  return roots.length > 0 && roots.every((one) => one.kind === Kind.FIELD && /^(mlflow|test$)/.test(one.name.value));
}

/** On every type: what a newer page of MLflow asks for and we don't know is null. */
const UNKNOWN_FIELD = 'unknownField';

/**
 * The document, with null for fields that this schema doesn't have, and without arguments that it doesn't have. Else the next release of MLflow's
 * page would fail whole because of one of them.
 */
function withoutUnknown(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        enter(node) {
          const parent = types.getParentType();
          const definition = types.getFieldDef();
          if (!parent || node.name.value.startsWith('__')) return undefined;
          if (!definition) {
            const alias = node.alias ?? node.name;
            return { kind: Kind.FIELD, alias, name: { kind: Kind.NAME, value: UNKNOWN_FIELD } } satisfies FieldNode;
          }
          const known = node.arguments?.filter((one) => definition.args.some((arg) => arg.name === one.name.value));
          return known?.length === node.arguments?.length ? undefined : { ...node, arguments: known };
        },
      },
    }),
  );
}

/** Always an answer, never a throw: faults stand in `errors`. */
export async function executeMlflowGraphql(ctx: TeamCtx, { query, variables, operationName }: MlflowDocument): Promise<MlflowResult> {
  made ??= makeSchema();
  const document = parse(query, { maxTokens: 20_000 });
  const refused = overLimits(document);
  if (refused) return { data: null, errors: [refused] };
  const known = withoutUnknown(made, document);
  const faults = validate(made, known, undefined, { maxErrors: 10 });
  if (faults.length > 0) return { data: null, errors: faults.map((fault) => fault.message) };
  const result = await execute({
    schema: made,
    document: known,
    contextValue: ctx,
    variableValues: variables ?? {},
    operationName: operationName ?? undefined,
    fieldResolver: bySnakeName,
  });
  const errors = result.errors?.map((error) => {
    const fault = toAppError(error.originalError ?? error);
    if (fault.code === 'INTERNAL' && error.originalError) ctx.log.error({ err: error.originalError }, fault.message);
    return error.originalError ? sentenceOf(fault) : error.message;
  });
  return { data: result.data ?? null, errors: errors ?? null };
}
