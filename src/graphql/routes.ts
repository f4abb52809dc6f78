// The GraphQL door's routes: POST and GET /graphql, the SDL, a page for browsers, and subscriptions on the same path.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { printSchema } from 'graphql';
import { authenticate } from '../auth/authenticate.ts';
import type { Deps, Viewer } from '../context.ts';
import { tagAndCompress } from '../http/compression.ts';
import { toAppError } from '../http/errors.ts';
import { sendPage } from '../http/page.ts';
import { namedTeam } from '../http/request.ts';
import { AppError, ERROR_TABLE, invalid } from '../lib/errors.ts';
import { parseJson } from '../lib/json.ts';
import { executeMlflowGraphql } from '../mlflow/graphql/execute.ts';
import { type GraphqlContext, makeContext } from './context.ts';
import { inspect } from './documents.ts';
import { refusal } from './errors.ts';
import { type Apollo, startApollo } from './execute.ts';
import { persistedQuery } from './persisted.ts';
import { makeSchema } from './schema.ts';
import { serveSubscriptions } from './subscriptions.ts';
import { checkVariables } from './text.ts';

type Body = { query?: unknown; variables?: unknown; operationName?: unknown; extensions?: unknown };

export const graphqlRoutes =
  (deps: Deps): FastifyPluginAsync =>
  async (app) => {
    tagAndCompress(app);
    const schema = makeSchema();
    const apollo = await startApollo(schema, deps.log);
    const stopSubscriptions = serveSubscriptions(app.server, deps, schema);
    // Before the server waits for its connections to end: sockets would keep it open.
    app.addHook('preClose', async () => {
      await stopSubscriptions();
      await apollo.stop();
    });
    const sdl = printSchema(schema);
    app.get('/graphql/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(sdl));
    await app.register(async (scope) => requestRoutes(scope, deps, apollo));
  };

function requestRoutes(app: FastifyInstance, deps: Deps, apollo: Apollo): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply));
  app.get('/graphql', async (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return sendPage(deps.config, reply, 'graphiql.html');
    const { query, variables, operationName, extensions } = request.query as Record<string, string | undefined>;
    const body = { query, operationName, variables: variables && readJson(variables), extensions: extensions && readJson(extensions) };
    return answer(deps, apollo, request, reply, body);
  });
  app.post('/graphql', async (request, reply) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') throw invalid('Send the query as JSON, with Content-Type: application/json.');
    const body = readJson(typeof request.body === 'string' ? request.body : '');
    if (Array.isArray(body)) throw invalid('Batches are not supported: send each operation on its own (HTTP keeps the connection open).');
    if (body === null || typeof body !== 'object') throw invalid('The request body must be a JSON object with a query.');
    return answer(deps, apollo, request, reply, body);
  });
}

async function answer(deps: Deps, apollo: Apollo, request: FastifyRequest, reply: FastifyReply, sent: Body): Promise<FastifyReply> {
  const { extensions, ...given } = sent;
  const { query, remember } = persistedQuery(given.query, extensions);
  const { door } = inspect(query);
  remember();
  checkVariables(given.variables);
  const context = await contextOf(deps, request);
  const body = { ...given, query };
  if (door === 'mlflow') return reply.type('application/json; charset=utf-8').send(await executeMlflowGraphql(context.team(), body as never));
  const { method, headers } = request;
  const result = await apollo.run(
    { method, headers, ...(method === 'GET' ? { search: searchOf(request, String(query)) } : { search: '', body }) },
    context,
  );
  for (const [name, value] of result.headers) if (name !== 'content-length') reply.header(name, value);
  return reply.code(result.status).send(result.body);
}

/** As it was sent, with the query that it means. */
function searchOf({ url }: FastifyRequest, query: string): string {
  const search = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  search.delete('extensions');
  search.set('query', query);
  return `?${search}`;
}

/** Credentials that don't hold are a fault only for fields that need some: signing in again must work with an old token. */
async function contextOf(deps: Deps, request: FastifyRequest): Promise<GraphqlContext> {
  const viewer: Viewer | Error = await authenticate(deps, request.headers, request.raw.socket).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return error;
    throw error;
  });
  const userAgent = request.headers['user-agent'] ?? null;
  const facts = { requestId: request.id, userAgent, address: request.ip, teamSlug: namedTeam(request), log: request.log };
  return makeContext(deps, viewer, facts);
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalid('The request is not valid JSON.');
  }
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status } = ERROR_TABLE[toAppError(error).code];
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(refusal(error, request.id, request.log));
}
