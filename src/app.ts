// buildApp(deps): the HTTP server with every door in the list. Starts nothing and listens nowhere; main.ts and the tests do that.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Deps } from './context.ts';
import { graphqlDoor } from './graphql/server/routes.ts';
import { watchBodies } from './http/bodies.ts';
import { ALONE, type Siblings } from './http/counts.ts';
import { type Door, doorOf } from './http/door.ts';
import { endpointNotFound, refuseConnection, sendError } from './http/errors.ts';
import { healthRoutes } from './http/health.ts';
import { pageDoor } from './http/page.ts';
import { guardBrowsers } from './http/reached.ts';
import { nameTeams, rewriteUrl } from './http/request.ts';
import { artifactsDoor } from './http/signed.ts';
import { countedIds } from './lib/ids.ts';
import { withLazyChildren } from './lib/log.ts';
import { requestSeconds } from './lib/measures.ts';
import { isTrusted } from './lib/proxies.ts';
import { mlflowDoor } from './mlflow/door.ts';
import { mlflowError } from './mlflow/errors.ts';

/** A new protocol is a folder of its own and an entry here. */
const doors: readonly Door[] = [graphqlDoor, artifactsDoor, pageDoor, mlflowDoor];

/** How long a connection without a request may keep a closing server. */
const SILENT_MS = 500;
const SAFE_REQUEST_ID = /^[\w.:-]{1,100}$/;

/** `siblings`: other processes that serve the same port. */
export async function buildApp(deps: Deps, siblings: Siblings = ALONE): Promise<FastifyInstance> {
  const requestId = countedIds();
  const options: FastifyHttpOptions<Server> = {
    loggerInstance: withLazyChildren(deps.log) as FastifyHttpOptions<Server>['loggerInstance'],
    // One line a request costs more than many requests do; faults are logged where they are rendered.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: deps.config.maxBodyBytes,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : requestId();
    },
    rewriteUrl: rewriteUrl(deps.config, doors),
    trustProxy: (address: string, hop: number) => isTrusted(deps.config.trustProxy, address, hop),
    // Searches by GET carry their filter in the address; Node's own limit is 16 KiB.
    http: { maxHeaderSize: 64 * 1024 },
    // What can't be read has no address. MLflow's clients are the ones that send too much of it: searches by GET.
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, mlflowError),
    // Faults before routing (a malformed address) are rendered like the rest.
    frameworkErrors: (error, request, reply) => answerFault(error, request as never, reply as never),
    routerOptions: { maxParamLength: 4_096, ignoreTrailingSlash: true },
    // An upload may take hours; what never sends its headers is cut by Node after a minute.
    requestTimeout: 0,
    // Of silence, either way: a download that nobody reads, an upload that stopped. Statements end sooner.
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
  };
  const app = Fastify(options) as unknown as FastifyInstance;
  app.decorateRequest('ctx');
  nameTeams(app, doors);
  // With callbacks: a promise for each hook of each request is felt where requests are small.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    done();
  });
  watchBodies(app);
  measureRequests(app);
  guardBrowsers(app, deps.config, doors);
  endConnectionsOnClose(app);
  app.setErrorHandler(answerFault);
  app.setNotFoundHandler((request, reply) => answerFault(endpointNotFound(request.method, request.url), request, reply));

  await app.register(healthRoutes(deps, siblings));
  for (const door of doors) await app.register(async (scope) => door.routes(scope, { deps, doors }));
  return app;
}

const answerFault = (error: unknown, request: FastifyRequest, reply: FastifyReply): void =>
  sendError(error, request, reply, doorOf(doors, request.url)?.renderError);

/** By door and by the pattern of the route, which are few; the children of the histogram are found once. */
function measureRequests(app: FastifyInstance): void {
  const known = new Map<string, (seconds: number) => void>();
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url;
    const key = `${request.method} ${route} ${reply.statusCode}`;
    let observe = known.get(key);
    if (!observe) {
      const door = doorOf(doors, request.url)?.name ?? 'none';
      const child = requestSeconds.labels({ door, operation: route ? `${request.method} ${route}` : 'none', status: String(reply.statusCode) });
      observe = (seconds) => child.observe(seconds);
      if (route) known.set(key, observe);
    }
    observe(reply.elapsedTime / 1_000);
    done();
  });
}

/** Connections that finish what they were accepted for while the server closes: nothing else ends them before they time out. */
function endConnectionsOnClose(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
    // Browsers open spare ones and send nothing, which Node doesn't count as idle. What was sent just before has arrived by then.
    const silent = setTimeout(() => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    }, SILENT_MS);
    app.server.once('close', () => {
      clearInterval(sweep);
      clearTimeout(silent);
    });
  });
}
