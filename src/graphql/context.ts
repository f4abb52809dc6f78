// What resolvers are given: the request's Ctx (or why there is none), the team it means, its loaders. Made once per request.
import { requireTeam } from '../auth/team.ts';
import type { Ctx, Deps, Origin, TeamCtx, Viewer } from '../context.ts';
import { type Loaders, makeLoaders } from './reading/loaders.ts';

export type GraphqlContext = {
  deps: Deps;
  requestId: string;
  userAgent: string | null;
  origin: Origin;
  protocols: Protocols;
  /** Throws UNAUTHENTICATED where the request carries no valid credentials. */
  readonly ctx: Ctx;
  /** By slug; without one, the team that the address or a header names, else the viewer's default. Throws NOT_FOUND. */
  team(slug?: string | null): TeamCtx;
  loaders: Loaders;
};

/** `protocols`: the version of each protocol that is spoken here beside this one. */
export type RequestFacts = {
  requestId: string;
  userAgent: string | null;
  address: string | null;
  teamSlug: string | undefined;
  protocols: Protocols;
  log?: Deps['log'];
};
export type Protocols = Readonly<Record<string, string>>;

/** For fields that answer people and strangers alike. */
export function viewerOrNobody(context: GraphqlContext): Viewer | null {
  try {
    return context.ctx.viewer;
  } catch {
    return null;
  }
}

/** `viewer`: who it is, or the reason why nobody. */
export function makeContext(deps: Deps, viewer: Viewer | Error, facts: RequestFacts): GraphqlContext {
  const { requestId, userAgent, address, teamSlug, protocols } = facts;
  const origin = { address, userAgent };
  const ctx = viewer instanceof Error ? null : { ...deps, log: facts.log ?? deps.log, viewer, requestId, origin };
  // On the prototype, since Apollo copies the context's own properties, which would run the getter.
  const door = {
    get ctx() {
      if (!ctx) throw viewer;
      return ctx;
    },
    team: (slug?: string | null) => requireTeam(door.ctx, slug ?? teamSlug),
  };
  return Object.assign(Object.create(door) as typeof door, { deps, requestId, userAgent, origin, protocols, loaders: makeLoaders(() => door.ctx) });
}
