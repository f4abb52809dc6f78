// What routes do first that act in a team: authenticate, find the team, build the Ctx.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authenticate } from '../auth/authenticate.ts';
import { requireMembership } from '../auth/team.ts';
import type { Deps, TeamCtx } from '../context.ts';
import { noteDenied } from '../domain/people/audit.ts';
import { configFor } from './reached.ts';
import { workOnBehalf } from './work.ts';

/** Throws UNAUTHENTICATED, or NOT_FOUND when the viewer isn't in the team that the request names. */
async function contextOf(deps: Deps, request: FastifyRequest): Promise<TeamCtx> {
  const viewer = await authenticate(deps, request.headers, request.raw.socket);
  const team = requireMembership(viewer, request.namedTeam);
  const config = configFor(deps.config, request.raw);
  const { db, prisma, store, bus, webhookFormat, now, newId } = deps;
  const origin = { address: request.ip, userAgent: request.headers['user-agent'] ?? null };
  return { config, db, prisma, store, bus, webhookFormat, now, newId, viewer, requestId: request.id, origin, log: request.log, team };
}

/** Every route registered on `app` after this has `request.ctx`, in the team that the request names. */
export function actInTeam(app: FastifyInstance, deps: Deps): void {
  app.addHook('onRequest', async (request) => {
    request.ctx = await contextOf(deps, request);
  });
  workOnBehalf(app, (request) => `team ${request.ctx.team.teamId}`);
  app.addHook('onError', async (request, _reply, error) => {
    if (request.ctx) await noteDenied(request.ctx, `${request.method} ${request.routeOptions.url ?? request.url}`, error);
  });
}
