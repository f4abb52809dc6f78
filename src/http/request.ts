// What the server hangs on each HTTP request, and how the team is read from an address.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { TeamCtx } from '../context.ts';
import type { Door } from './door.ts';
import { withoutPrefix } from './reached.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on routes that act in a team (actInTeam). */
    ctx: TeamCtx;
    /** The slug of the team that the request names, if it names one. */
    readonly namedTeam: string | undefined;
  }
}

const teams = new WeakMap<IncomingMessage, string>();

/** The team of the address prefix /t/<team>, if it had one. */
const prefixTeam = (raw: IncomingMessage): string | undefined => teams.get(raw);

/**
 * Fastify's rewriteUrl. Takes off the path that the server is reached under, and the team prefix, which is remembered: `/t/acme/api/…` → `/api/…`.
 * Lets each door read its old clients' addresses.
 */
export function rewriteUrl(config: Config, doors: readonly Door[]): (raw: IncomingMessage) => string {
  const rewrites = doors.flatMap(({ rewrite }) => rewrite ?? []);
  return (raw) => {
    let url = raw.url ?? '/';
    // Clients join a base address that ends in a slash with paths that begin with one.
    if (url.startsWith('//')) url = url.replace(/^\/{2,}/, '/');
    url = withoutPrefix(config, doors, raw, url);
    if (url.startsWith('/t/')) url = withoutTeam(raw, url);
    for (const rewrite of rewrites) url = rewrite(url);
    return url;
  };
}

/** The prefix works with every client, since clients append their paths to the address they are given. */
function withoutTeam(raw: IncomingMessage, url: string): string {
  const match = /^\/t\/([^/?]+)(?=[/?]|$)/.exec(url);
  if (!match) return url;
  teams.set(raw, match[1]!);
  const rest = url.slice(match[0].length) || '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Gives each request `namedTeam`: by address prefix first, else by the header of any door. */
export function nameTeams(app: FastifyInstance, doors: readonly Door[]): void {
  const names = doors.flatMap(({ teamHeader }) => teamHeader ?? []);
  app.decorateRequest('namedTeam', {
    getter(this: FastifyRequest) {
      const headers = names.map((name) => this.headers[name]);
      return prefixTeam(this.raw) ?? headers.find((header): header is string => typeof header === 'string' && header !== '');
    },
  });
}
