// What the server hangs on each HTTP request, and how the team is read from an address.
import type { IncomingMessage } from 'node:http';
import type { TeamCtx } from '../context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes behind a door that authenticates (teamDoor). */
    ctx: TeamCtx;
  }
}

const teams = new WeakMap<IncomingMessage, string>();

/** The team of the address prefix /t/<team>, if it had one. */
export const prefixTeam = (raw: IncomingMessage): string | undefined => teams.get(raw);

/**
 * Fastify's rewriteUrl: takes the team prefix off (`/t/acme/api/…` → `/api/…`, remembered), and maps MLflow 1.x's `/preview/` paths to today's.
 * The prefix works with every client version, since clients append their paths to the tracking URI.
 */
export function rewriteUrl(raw: IncomingMessage): string {
  // What nearly every request asks for stays as it is.
  if (raw.url?.startsWith('/api/2.0/mlflow/')) return raw.url;
  // Clients join a tracking URI that ends in a slash with paths that begin with one.
  let url = (raw.url ?? '/').replace(/^\/{2,}/, '/');
  const match = /^\/t\/([^/?]+)(?=[/?]|$)/.exec(url);
  if (match) {
    teams.set(raw, match[1]!);
    url = url.slice(match[0].length) || '/';
    if (!url.startsWith('/')) url = `/${url}`;
  }
  return url.replace(/^(\/(?:ajax-)?api\/2\.0\/)preview\/mlflow\//, '$1mlflow/');
}

/** The team a request names: by address prefix first, else by MLflow's workspace header. */
export const namedTeam = (request: { raw: IncomingMessage; headers: IncomingMessage['headers'] }): string | undefined => {
  const header = request.headers['x-mlflow-workspace'];
  return prefixTeam(request.raw) ?? (typeof header === 'string' && header !== '' ? header : undefined);
};
