// Apollo Server over the executable schema: runs what arrives by HTTP. Limits that need the schema are checked here.
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { invalid } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { GraphqlContext } from '../context.ts';
import { flatExecutor } from '../reading/lists.ts';
import { formatError, logError, withRequestId } from './errors.ts';
import { checkCost } from './limits.ts';

export type HttpRequest = { method: string; headers: Record<string, string | string[] | undefined>; search: string; body?: unknown };
export type HttpAnswer = { status: number; headers: Map<string, string>; body: string };
export type Apollo = { run(request: HttpRequest, context: GraphqlContext): Promise<HttpAnswer>; stop(): Promise<void> };

const ourRules = (schema: GraphQLSchema): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: async () => ({
    async didResolveOperation({ document, operation, request }) {
      if (!operation) return;
      try {
        if (operation.operation === 'subscription')
          throw invalid('Subscriptions run over a web socket at the same address (graphql-transport-ws). Send queries and mutations by POST.');
        checkCost(schema, document, operation, request.variables ?? {});
      } catch (error) {
        throw new GraphQLError((error as Error).message, { originalError: error as Error, extensions: { http: { status: 400 } } });
      }
    },
    async didEncounterErrors({ errors, contextValue }) {
      for (const error of errors) logError(error, contextValue.requestId, contextValue.deps.log);
    },
    async willSendResponse({ response, contextValue }) {
      if (response.body.kind !== 'single') return;
      const result = response.body.singleResult;
      result.errors = result.errors?.map((error) => withRequestId(error, contextValue.requestId));
    },
  }),
});

export async function startApollo(schema: GraphQLSchema, log: Log): Promise<Apollo> {
  const run = flatExecutor(schema);
  const apollo = new ApolloServer<GraphqlContext>({
    // Not a gateway: the one way to give Apollo an executor.
    gateway: {
      onSchemaLoadOrUpdate(tell) {
        tell({ apiSchema: schema, coreSupergraphSdl: '' });
        return () => {};
      },
      load: async () => ({
        executor: async ({ document, request, context }) =>
          (await run({ document, contextValue: context, variableValues: request.variables, operationName: request.operationName })) as never,
      }),
      async stop() {},
    },
    // Cache hints are for answers that aren't anyone's own, and looking for them costs a call for each field.
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginCacheControlDisabled(), ourRules(schema)],
    introspection: true,
    // Credentials come in a header that no foreign page can send without asking first. Cookies are none of ours here.
    csrfPrevention: { requestHeaders: ['authorization', 'x-apollo-operation-name', 'apollo-require-preflight'] },
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError,
    logger: { debug() {}, info() {}, warn: (message) => log.warn(message), error: (message) => log.error(message) },
  });
  await apollo.start();
  return {
    stop: () => apollo.stop(),
    async run(request, context) {
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, [value].flat().join(', '));
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method, headers, search: request.search, body: request.body },
        context: async () => context,
      });
      const body = answer.body.kind === 'complete' ? answer.body.string : '';
      // Apollo's own refusal of what could be a foreign page's form.
      if (body.startsWith('This operation has been blocked')) {
        throw invalid('A query by GET without credentials needs the header Apollo-Require-Preflight (any value). Or send it by POST as JSON.');
      }
      return { status: answer.status ?? 200, headers: answer.headers, body };
    },
  };
}
