// How a request reached the server: through which proxy, under which path and name. Links are made by it, and other names are refused on loopback.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config.ts';
import { AppError } from '../lib/errors.ts';
import { forwarded, isTrusted } from '../lib/proxies.ts';
import { type Door, doorOf } from './door.ts';

const pathOfUrl = (url: string | undefined) => (url === undefined ? '' : new URL(url).pathname.replace(/\/+$/, ''));

/** The configuration as it is for this request: `publicUrl` is what a trusted proxy says, unless somebody configured it. */
export function configFor(config: Config, raw: IncomingMessage): Config {
  if (config.publicUrlGiven || config.trustProxy === 0) return config;
  const { origin, prefix } = forwarded(config.trustProxy, raw);
  if (origin === undefined && prefix === '') return config;
  const own = config.publicUrl ?? `http://${config.host}:${config.port}`;
  return { ...config, publicUrl: `${origin ?? own}${prefix}` };
}

/**
 * An address without the path that the server is reached under, for proxies that don't take it off. That path is the configured one, or what a
 * trusted proxy names. An address that a door has as it stands is left alone.
 */
export function withoutPrefix(config: Config, doors: readonly Door[], raw: IncomingMessage, url: string): string {
  const prefix = config.publicUrlGiven ? pathOfUrl(config.publicUrl) : forwarded(config.trustProxy, raw).prefix;
  if (prefix === '' || !url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest !== '' && !/^[/?]/.test(rest)) return url;
  const bare = rest.startsWith('/') ? rest : `/${rest}`;
  return doorOf(doors, url) && !doorOf(doors, bare) ? url : bare;
}

/** Nobody outside has a name without a dot: it is a machine's or a container's of this network. */
const LOCAL_NAME = /^[\w-]+$/;
const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$/i;
const nameOf = (host: string) => host.replace(/:\d*$/, '');

/** Whether a server on loopback is asked by a name of its own. Else a page elsewhere has pointed its name here (DNS rebinding). */
export function isOwnName(config: Config, raw: IncomingMessage): boolean {
  if (!LOOPBACK.test(config.host === '::1' ? '[::1]' : config.host)) return true;
  const host = raw.headers.host;
  // No browser leaves it out.
  if (host === undefined || host === '') return true;
  if (LOOPBACK.test(nameOf(host)) || LOCAL_NAME.test(nameOf(host))) return true;
  if (config.trustProxy !== 0 && isTrusted(config.trustProxy, raw.socket.remoteAddress ?? '', 0)) return true;
  return config.publicUrl !== undefined && nameOf(new URL(config.publicUrl).host).toLowerCase() === nameOf(host).toLowerCase();
}

const ALLOWED_HEADERS =
  'authorization, content-type, range, if-none-match, if-range, x-request-id, apollo-require-preflight, x-apollo-operation-name';
const EXPOSED_HEADERS = 'x-request-id, etag, content-range, content-length, content-disposition, accept-ranges, retry-after';

/** Headers by which browsers keep other sites' pages away from answers, and let those that are configured have them. */
export function guardBrowsers(app: FastifyInstance, config: Config, doors: readonly Door[]): void {
  const everybody = config.corsOrigins[0] === '*';
  const names = doors.flatMap(({ teamHeader }) => teamHeader ?? []);
  app.addHook('onRequest', (request, reply, done) => {
    if (!isOwnName(config, request.raw)) {
      done(
        new AppError(
          'FORBIDDEN',
          `This server listens on this machine alone and isn't called '${request.headers.host}'. Use localhost, or set RUNLEDGER_PUBLIC_URL to how it is reached.`,
        ),
      );
      return;
    }
    const origin = request.headers.origin?.toLowerCase();
    const isAllowed = origin !== undefined && (everybody || config.corsOrigins.includes(origin));
    reply.header('cross-origin-resource-policy', isAllowed ? 'cross-origin' : 'same-origin');
    if (config.corsOrigins.length === 0) return done();
    if (!everybody) reply.header('vary', 'Origin');
    if (!isAllowed) return done();
    reply.header('access-control-allow-origin', everybody ? '*' : request.headers.origin);
    if (!everybody) reply.header('access-control-allow-credentials', 'true');
    reply.header('access-control-expose-headers', EXPOSED_HEADERS);
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) return answerPreflight(reply, names);
    done();
  });
}

function answerPreflight(reply: FastifyReply, names: readonly string[]): void {
  reply
    .headers({
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': [ALLOWED_HEADERS, ...names].join(', '),
      'access-control-max-age': '600',
    })
    .code(204)
    .send();
}
