// Subscriptions: graphql-transport-ws on the GraphQL path. Only subscriptions run here; queries and mutations go by HTTP.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema, getOperationAST, specifiedRules, validate } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, useServer as serveOver } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { authenticate, credentialsEnd } from '../../auth/authenticate.ts';
import type { Deps, Viewer } from '../../context.ts';
import type { Door } from '../../http/door.ts';
import { configFor, isOwnName, withoutPrefix } from '../../http/reached.ts';
import { AppError, invalid, limitExceeded } from '../../lib/errors.ts';
import { measureWebSockets } from '../../lib/measures.ts';
import { clientAddress } from '../../lib/proxies.ts';
import { makeContext, type Protocols } from '../context.ts';
import type { Inspect } from './documents.ts';
import { formatError, logError, withRequestId } from './errors.ts';
import { checkCost } from './limits.ts';
import { checkVariables } from './text.ts';

const MAX_CONNECTIONS = 2_000;
/** Those that haven't said who they are: they have a few seconds, and never the places of those who have. */
const MAX_UNKNOWN = 500;
const MAX_UNKNOWN_OF_ADDRESS = 50;
const INIT_WITHIN_MS = 5_000;
/** Of one person or service account. */
const MAX_OF_VIEWER = 500;
const MAX_PER_CONNECTION = 50;
const MAX_MESSAGE_BYTES = 1_000_000;
/** Changes to roles, tokens and sessions end connections at once where a process hears of them. What it may have missed ends them after this time. */
const RECHECK_MS = 30_000;
/** Changes come in groups. */
const GATHER_MS = 50;
/** Bytes that may wait for a client that doesn't read. One message at a time is written for each subscription. */
const MAX_UNREAD_BYTES = 16_000_000;

type Parts = { deps: Deps; schema: GraphQLSchema; inspect: Inspect; protocols: Protocols; doors: readonly Door[] };
type Session = { viewer: Viewer; headers: IncomingMessage['headers'] };
const sessions = new WeakMap<Extra['socket'], Session>();

/** Returns what ends every connection. */
export function serveSubscriptions(http: Server, { deps, schema, inspect, protocols, doors }: Parts): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const unknown = new Places(MAX_UNKNOWN, MAX_UNKNOWN_OF_ADDRESS);
  const viewers = new Places(MAX_CONNECTIONS, MAX_OF_VIEWER);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = withoutPrefix(deps.config, doors, request, request.url ?? '').split('?')[0]!;
    if (!isOwnName(deps.config, request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const known = /^(\/t\/[^/]+)?\/graphql\/?$/.test(path);
    const address = clientAddress(deps.config.trustProxy, request) ?? '';
    const isFull = known && (sockets.clients.size >= MAX_CONNECTIONS || !unknown.mayAdd(address));
    if (!known || isFull) {
      const refusal = isFull ? '503 Service Unavailable\r\nRetry-After: 5' : '404 Not Found';
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      unknown.add(client, address);
      client.once('close', () => {
        unknown.remove(client);
        viewers.remove(client);
      });
      sockets.emit('connection', client, request);
    });
  };
  http.on('upgrade', upgrade);
  const unmeasure = measureWebSockets(() => sockets.clients.size);

  const server = serveOver<Record<string, unknown>>(
    {
      schema,
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      async onConnect({ connectionParams, extra }) {
        const headers = { authorization: credentials(connectionParams, extra.request) };
        const viewer = await viewerOf(deps, headers);
        // False closes with 4403.
        if (!viewer || !viewers.mayAdd(String(viewer.userId))) return false;
        unknown.remove(extra.socket);
        viewers.add(extra.socket, String(viewer.userId));
        sessions.set(extra.socket, { viewer, headers });
        endWithCredentials(deps, extra.socket, credentialsEnd(viewer, headers));
        return true;
      },
      onSubscribe({ extra, subscriptions }, _id, payload) {
        const requestId = deps.newId();
        try {
          // This one is counted already.
          if (Object.keys(subscriptions).length > MAX_PER_CONNECTION)
            throw limitExceeded(`A connection carries at most ${MAX_PER_CONNECTION} subscriptions. Open another.`);
          return prepare({ deps, schema, inspect, protocols, doors }, sessions.get(extra.socket)!, extra.request, requestId, payload);
        } catch (error) {
          return [error instanceof GraphQLError ? error : new GraphQLError((error as Error).message, { originalError: error as Error })];
        }
      },
      onError: (_, __, ___, errors) => errors.map((error) => rendered(error, deps.newId(), deps)),
      onNext({ extra }, _, __, ___, result) {
        if (extra.socket.bufferedAmount > MAX_UNREAD_BYTES) extra.socket.terminate();
        return {
          ...result,
          ...(result.errors ? { errors: result.errors.map((error) => rendered(error, deps.newId(), deps) as unknown as GraphQLError) } : {}),
        };
      },
    },
    sockets,
  );
  const recheckAll = () => {
    for (const socket of sockets.clients) void recheck(deps, socket);
  };
  const timer = setInterval(recheckAll, RECHECK_MS);
  let soon: NodeJS.Timeout | undefined;
  const unhear = deps.bus.on(null, 'auth', () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      recheckAll();
    }, GATHER_MS);
  });
  return async () => {
    http.off('upgrade', upgrade);
    unmeasure();
    unhear();
    clearInterval(timer);
    clearTimeout(soon);
    await server.dispose();
    for (const client of sockets.clients) client.terminate();
  };
}

/** Who holds how many connections, bounded for each and in all. */
class Places {
  readonly #most: number;
  readonly #each: number;
  readonly #holders = new Map<object, string>();
  readonly #counts = new Map<string, number>();

  constructor(most: number, each: number) {
    this.#most = most;
    this.#each = each;
  }

  mayAdd(holder: string): boolean {
    return this.#holders.size < this.#most && (this.#counts.get(holder) ?? 0) < this.#each;
  }

  add(connection: object, holder: string): void {
    this.#holders.set(connection, holder);
    this.#counts.set(holder, (this.#counts.get(holder) ?? 0) + 1);
  }

  remove(connection: object): void {
    const holder = this.#holders.get(connection);
    if (holder === undefined) return;
    this.#holders.delete(connection);
    const left = (this.#counts.get(holder) ?? 1) - 1;
    if (left > 0) this.#counts.set(holder, left);
    else this.#counts.delete(holder);
  }
}

/** `{Authorization: "Bearer …"}` or `{token: "…"}` of connection_init, else the header of the request itself. */
function credentials(params: Record<string, unknown> | null | undefined, request: IncomingMessage): string | undefined {
  const given = params?.Authorization ?? params?.authorization;
  if (typeof given === 'string') return given;
  return typeof params?.token === 'string' ? `Bearer ${params.token}` : request.headers.authorization;
}

type Payload = { query: string; operationName?: string | null | undefined; variables?: Record<string, unknown> | null | undefined };

function prepare(
  { deps, schema, inspect, protocols, doors }: Parts,
  session: Session,
  request: IncomingMessage,
  requestId: string,
  payload: Payload,
): ExecutionArgs {
  const { document } = inspect(payload.query);
  checkVariables(payload.variables);
  const [fault] = validate(schema, document, specifiedRules);
  if (fault) throw fault;
  const operation = getOperationAST(document, payload.operationName);
  if (operation?.operation !== 'subscription')
    throw invalid('Only subscriptions run over a web socket. Send queries and mutations by POST to the same address.');
  checkCost(schema, document, operation, payload.variables ?? {});
  const teamSlug = /^\/t\/([^/?]+)/.exec(withoutPrefix(deps.config, doors, request, request.url ?? ''))?.[1];
  return {
    schema,
    document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: makeContext({ ...deps, config: configFor(deps.config, request) }, session.viewer, {
      requestId,
      userAgent: request.headers['user-agent'] ?? null,
      address: clientAddress(deps.config.trustProxy, request),
      teamSlug,
      protocols,
    }),
  };
}

function rendered(error: unknown, requestId: string, deps: Deps): GraphQLFormattedError {
  logError(error, requestId, deps.log);
  const graphql = error instanceof GraphQLError ? error : null;
  return withRequestId(formatError(graphql?.toJSON() ?? {}, error), requestId);
}

/** Null where the credentials are refused; other faults (the database is away) say nothing about them. */
const viewerOf = (deps: Deps, headers: IncomingMessage['headers']): Promise<Viewer | null> =>
  authenticate(deps, headers).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') return null;
    throw error;
  });

const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** At the moment when they end by themselves. What is further away than a timer reaches, the rechecks find. */
function endWithCredentials(deps: Deps, socket: Extra['socket'], endsAt: number | null): void {
  const left = endsAt === null ? Number.POSITIVE_INFINITY : Math.max(endsAt - deps.now(), 0);
  if (left > LONGEST_TIMER_MS) return;
  const timer = setTimeout(() => socket.close(CloseCode.Forbidden, 'Sign in again'), left);
  socket.once('close', () => clearTimeout(timer));
}

/** Ends the connection when its credentials no longer mean what they meant. */
async function recheck(deps: Deps, socket: Extra['socket']): Promise<void> {
  const session = sessions.get(socket);
  if (!session) return;
  const viewer = await viewerOf(deps, session.headers).catch(() => session.viewer);
  const same = viewer && JSON.stringify(viewer.memberships) === JSON.stringify(session.viewer.memberships);
  if (!same) socket.close(CloseCode.Forbidden, 'Sign in again');
}
