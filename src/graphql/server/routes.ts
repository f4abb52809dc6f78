// The GraphQL door's routes: POST and GET /graphql, the SDL, a page for browsers, and subscriptions on the same path.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { printSchema } from 'graphql';
import { authenticate } from '../../auth/authenticate.ts';
import type { Deps, Viewer } from '../../context.ts';
import { limitBody } from '../../http/bodies.ts';
import { tagAndCompress } from '../../http/compression.ts';
import type { Door } from '../../http/door.ts';
import { sendPage } from '../../http/page.ts';
import { configFor } from '../../http/reached.ts';
import { workOnBehalf } from '../../http/work.ts';
import { AppError, invalid } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { type GraphqlContext, makeContext, type Protocols } from '../context.ts';
import { makeSchema } from '../schema.ts';
import { type Inspect, openInspector } from './documents.ts';
import { formatError, withRequestId } from './errors.ts';
import { type Apollo, startApollo } from './execute.ts';
import { persistedQuery } from './persisted.ts';
import { serveSubscriptions } from './subscriptions.ts';
import { checkVariables } from './text.ts';

type Body = { query?: unknown; variables?: unknown; operationName?: unknown; extensions?: unknown };

type Parts = { deps: Deps; apollo: Apollo; inspect: Inspect; protocols: Protocols };

export const graphqlDoor: Door = {
  name: 'graphql',
  owns: (path) => /^\/graphql(\/|$)/.test(path),
  renderError: (error, request) => ({ errors: [withRequestId(formatError({}, error), request.id)] }),
  async routes(app, { deps, doors }) {
    tagAndCompress(app);
    const inspect = openInspector(doors.flatMap(({ documents }) => documents ?? []));
    const protocols = Object.fromEntries(doors.flatMap(({ name, version }) => (version ? [[name, version]] : [])));
    const schema = makeSchema();
    const apollo = await startApollo(schema, deps.log);
    const stopSubscriptions = serveSubscriptions(app.server, { deps, schema, inspect, protocols, doors });
    // Before the server waits for its connections to end: sockets would keep it open.
    app.addHook('preClose', async () => {
      await stopSubscriptions();
      await apollo.stop();
    });
    const sdl = printSchema(schema);
    app.get('/graphql/schema.graphql', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(sdl));
    await app.register(async (scope) => requestRoutes(scope, { deps, apollo, inspect, protocols }));
  },
};

/** What a request may have that shows no credentials: enough to sign in, and to ask for the schema. */
const STRANGER_BYTES = 64 * 1024;
/** What reads a body holds the process meanwhile: about a second for so much. Files and long lists of points have ways of their own. */
const MOST_BYTES = 8 * 1024 * 1024;

const viewers = new WeakMap<FastifyRequest, Viewer | Error>();

function requestRoutes(app: FastifyInstance, parts: Parts): void {
  app.removeAllContentTypeParsers();
  // Before a byte of the body is read. Credentials that don't hold are a fault only for fields that need some: signing in must work with an old token.
  app.addHook('onRequest', async (request) => {
    const viewer = await authenticate(parts.deps, request.headers, request.raw.socket).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return error;
      throw error;
    });
    viewers.set(request, viewer);
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const most = viewers.get(request) instanceof Error ? STRANGER_BYTES : Math.min(MOST_BYTES, parts.deps.config.maxBodyBytes);
    limitBody(request, payload, most, done);
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  workOnBehalf(app, (request) => {
    const viewer = viewers.get(request)!;
    if (viewer instanceof Error) return 'nobody';
    const team = viewer.memberships.find((one) => one.slug === request.namedTeam) ?? viewer.memberships[0];
    return team ? `team ${team.teamId}` : `user ${viewer.userId}`;
  });
  app.get('/graphql', async (request, reply) => {
    if (request.headers.accept?.includes('text/html')) return sendPage(configFor(parts.deps.config, request.raw), reply, 'graphiql.html');
    const { query, variables, operationName, extensions } = request.query as Record<string, string | undefined>;
    const body = { query, operationName, variables: variables && readJson(variables), extensions: extensions && readJson(extensions) };
    return answer(parts, request, reply, body);
  });
  app.post('/graphql', async (request, reply) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') throw invalid('Send the query as JSON, with Content-Type: application/json.');
    const body = readJson(typeof request.body === 'string' ? request.body : '');
    if (Array.isArray(body)) throw invalid('Batches are not supported: send each operation on its own (HTTP keeps the connection open).');
    if (body === null || typeof body !== 'object') throw invalid('The request body must be a JSON object with a query.');
    return answer(parts, request, reply, body);
  });
}

async function answer(parts: Parts, request: FastifyRequest, reply: FastifyReply, sent: Body): Promise<FastifyReply> {
  const { extensions, ...given } = sent;
  const { query, remember } = persistedQuery(given.query, extensions);
  const { others } = parts.inspect(query);
  remember();
  checkVariables(given.variables);
  const context = contextOf(parts, request);
  const body = { ...given, query: String(query) };
  if (others) return reply.type('application/json; charset=utf-8').send(await others.execute(context.team(), body));
  const { method, headers } = request;
  const result = await parts.apollo.run(
    { method, headers, ...(method === 'GET' ? { search: searchOf(request, body.query) } : { search: '', body }) },
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

function contextOf({ deps, protocols }: Parts, request: FastifyRequest): GraphqlContext {
  const viewer = viewers.get(request)!;
  const userAgent = request.headers['user-agent'] ?? null;
  const facts = { requestId: request.id, userAgent, address: request.ip, teamSlug: request.namedTeam, protocols, log: request.log };
  const config = configFor(deps.config, request.raw);
  return makeContext(config === deps.config ? deps : { ...deps, config }, viewer, facts);
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalid('The request is not valid JSON.');
  }
}
