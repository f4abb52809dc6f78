// Which team a request means. A team that the viewer isn't in answers exactly like one that doesn't exist.
import type { Ctx, Membership, TeamCtx, Viewer } from '../context.ts';
import { notFound } from '../lib/errors.ts';

export const inTeam = (ctx: Ctx, team: Membership): TeamCtx => ({ ...ctx, team });

export const findMembership = ({ memberships }: Viewer, slug: string): Membership | undefined =>
  memberships.find((membership) => membership.slug === slug);

export const findMembershipById = ({ memberships }: Viewer, teamId: number): Membership | undefined =>
  memberships.find((membership) => membership.teamId === teamId);

/** The team named `slug`, or the viewer's default team when none is named. Throws NOT_FOUND. */
export function requireMembership(viewer: Viewer, slug: string | undefined): Membership {
  const found = slug === undefined ? viewer.memberships[0] : findMembership(viewer, slug);
  if (found) return found;
  if (slug === undefined) throw notFound('You are not a member of any team yet. Ask an administrator to add you to one.');
  throw notFound(`No team '${slug}' exists, or you are not a member of it.`);
}

/** A Ctx in that team. Throws NOT_FOUND. */
export const requireTeam = (ctx: Ctx, slug: string | undefined): TeamCtx => inTeam(ctx, requireMembership(ctx.viewer, slug));
