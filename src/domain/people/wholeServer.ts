// What the server's administrator does with people and teams: see who there is, reset passwords, take people and teams off the server.
// They see no team's data thereby: whom it has, and how much, but nothing of what.
import { unauthenticated } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { hashPassword } from '../../auth/password.ts';
import { sha256 } from '../../auth/secrets.ts';
import type { Ctx, Deps } from '../../context.ts';
import { insertMember } from '../../db/people/teams.ts';
import { deleteSessions, deleteSignInLinks, findUser, takeSignInLink, type User, updateUser } from '../../db/people/users.ts';
import {
  countServerTeams,
  countServerUsers,
  listServerTeams,
  listServerUsers,
  removeTeamRow,
  removeUserRow,
  type ServerTeam,
  type ServerUser,
  type TeamHolds,
  whatTeamHolds,
} from '../../db/people/wholeServer.ts';
import { failedPrecondition, invalid, notFound } from '../../lib/errors.ts';
import { objectKeyOf } from '../../storage/objectKeys.ts';
import { entryOfStranger, type Facts, onServer, record, recordEntry } from './audit.ts';
import { requireServerAdmin } from './checks.ts';
import { checkNewPassword } from './passwords.ts';
import { newSignInLink, type SignedIn, startSession } from './sessions.ts';

export type { ServerTeam, ServerUser };

type Page = { after: number | null; limit: number };

/** People, not programs, and none that were removed; in the order of their numbers. `search`: part of the address or name. */
export async function getServerUsers(ctx: Ctx, search: string | null, page: Page): Promise<ServerUser[]> {
  requireServerAdmin(ctx, 'see who is on the server');
  return listServerUsers(ctx.db, search, page);
}
export async function countUsers(ctx: Ctx, search: string | null): Promise<number> {
  requireServerAdmin(ctx, 'see who is on the server');
  return countServerUsers(ctx.db, search);
}

export async function getServerTeams(ctx: Ctx, page: Page): Promise<ServerTeam[]> {
  requireServerAdmin(ctx, 'see which teams there are');
  return listServerTeams(ctx.db, null, page);
}
export async function countTeams(ctx: Ctx): Promise<number> {
  requireServerAdmin(ctx, 'see which teams there are');
  return countServerTeams(ctx.db);
}

async function requirePerson(ctx: Ctx, userId: number): Promise<User> {
  const user = await findUser(ctx.prisma, userId);
  if (user?.kind !== 'USER' || user.removedAt) throw notFound(`No user '${userId}' exists.`);
  return user;
}

/** A link that sets the person's password once, within an hour; shown once. Links that were made before end. */
export async function createPasswordResetLink(ctx: Ctx, userId: number): Promise<{ user: User; token: string; url: string | null }> {
  requireServerAdmin(ctx, 'reset passwords');
  const user = await requirePerson(ctx, userId);
  if (user.disabledAt) throw failedPrecondition(`${user.email} is disabled. Let them in again first, with setUserDisabled.`);
  await deleteSignInLinks(ctx.prisma, userId);
  const token = await newSignInLink(ctx, userId, 'RESET');
  await record(onServer(ctx), ctx.prisma, { action: 'PASSWORD_RESET_LINK_CREATED', target: `user ${userId}`, after: { email: user.email } });
  return { user, token, url: ctx.config.publicUrl ? `${ctx.config.publicUrl}/#/reset/${token}` : null };
}

/** By such a link: sets the password, ends every session, and signs in. A password that is refused leaves the link good. Throws UNAUTHENTICATED. */
export async function resetPassword(deps: Deps, input: { token: string; newPassword: string }, facts: Facts): Promise<SignedIn> {
  // What can be no password for anybody is said before the link is spent.
  checkNewPassword('newPassword', input.newPassword, '@');
  const passwordHash = await hashPassword(input.newPassword);
  const user = await deps.db.tx(async (tx) => {
    const link = await takeSignInLink(tx, sha256(input.token.slice(0, 200)), 'RESET');
    const found = link && link.expiresAt.getTime() > deps.now() ? await findUser(deps.prisma, link.userId) : null;
    if (!found || found.disabledAt) throw unauthenticated('This link has been used or has expired. Ask a server administrator for a new one.');
    checkNewPassword('newPassword', input.newPassword, found.email);
    return found;
  });
  await deps.prisma.$transaction(async (people) => {
    await updateUser(people, user.userId, { passwordHash });
    await deleteSessions(people, { userId: user.userId });
    await recordEntry(people, entryOfStranger(deps, facts, user, { action: 'PASSWORD_RESET', target: `user ${user.userId}` }));
  });
  forgetViewers(deps);
  return startSession(deps, user, facts);
}

/**
 * Takes a person off the server: memberships, sessions and tokens end, and the address is free. What they made stays, and shows their name. Not oneself.
 * Throws NOT_FOUND.
 */
export async function removeUser(ctx: Ctx, userId: number): Promise<{ user: User; teamsWithoutAdmin: string[] }> {
  requireServerAdmin(ctx, 'remove users');
  if (userId === ctx.viewer.userId) throw failedPrecondition('You cannot remove yourself. Ask another administrator.');
  const before = await requirePerson(ctx, userId);
  const left = await ctx.db.tx(async (tx) => {
    const teams = await removeUserRow(tx, userId, new Date(ctx.now()));
    if (!teams) throw notFound(`No user '${userId}' exists.`);
    const act = { action: 'USER_REMOVED', target: `user ${userId}`, before: { email: before.email, name: before.name } } as const;
    await record(onServer(ctx), tx, act);
    for (const { teamId, role } of teams)
      await record(onServer(ctx, teamId), tx, { action: 'MEMBER_REMOVED', target: `user ${userId}`, before: { email: before.email, role } });
    return teams;
  });
  forgetViewers(ctx);
  const slugs = left.map(({ slug }) => slug);
  const teams = await listServerTeams(ctx.db, slugs, { after: null, limit: slugs.length });
  return {
    user: { ...before, removedAt: new Date(ctx.now()) },
    teamsWithoutAdmin: teams.flatMap(({ slug, admins }) => (admins === 0 ? [slug] : [])),
  };
}

async function requireTeamOfServer(ctx: Ctx, slug: string): Promise<ServerTeam> {
  const [team] = await listServerTeams(ctx.db, [slug], { after: null, limit: 1 });
  if (!team) throw notFound(`No team '${slug}' exists.`);
  return team;
}

/** For a team that has no ADMIN who can sign in (they left): gives it one. Throws FAILED_PRECONDITION for a team that has. */
export async function appointTeamAdmin(ctx: Ctx, slug: string, userId: number): Promise<ServerTeam> {
  requireServerAdmin(ctx, 'appoint an ADMIN');
  const team = await requireTeamOfServer(ctx, slug);
  if (team.admins > 0) throw failedPrecondition(`The team '${slug}' has an ADMIN, who decides on its roles.`);
  const user = await requirePerson(ctx, userId);
  await ctx.prisma.$transaction(async (people) => {
    const there = await people.membership.updateMany({ where: { teamId: team.teamId, userId }, data: { role: 'ADMIN' } });
    if (there.count === 0) await insertMember(people, { teamId: team.teamId, userId, role: 'ADMIN' });
    await record(onServer(ctx, team.teamId), people, {
      action: 'MEMBER_ROLE_CHANGED',
      target: `user ${userId}`,
      after: { email: user.email, role: 'ADMIN' },
    });
    await record(onServer(ctx), people, { action: 'MEMBER_ROLE_CHANGED', target: `user ${userId}`, after: { team: slug, role: 'ADMIN' } });
  });
  forgetViewers(ctx);
  return requireTeamOfServer(ctx, slug);
}

const LONGEST_MS = 5_000;
export type TeamRemoval = { slug: string; name: string; removed: boolean; holds: TeamHolds; files: number; bytes: number; complete: boolean };

/**
 * Removes a team. One that holds something goes only where `confirm` is its slug, with all of it, for good. `dryRun`: what would go, and nothing goes.
 * Members and tokens end at once; data follow in the background.
 */
export async function removeTeam(ctx: Ctx, input: { slug: string; confirm: string | null; dryRun: boolean }): Promise<TeamRemoval> {
  requireServerAdmin(ctx, 'remove teams');
  const team = await requireTeamOfServer(ctx, input.slug);
  if (team.slug === 'default') throw invalid("The team 'default' can't be removed.", { reason: 'default-team-stays' });
  const holds = await whatTeamHolds(ctx.db, team.teamId);
  const kept = await filesOf(ctx, team.teamId);
  const answer = { slug: team.slug, name: team.name, holds, ...kept };
  if (input.dryRun) return { ...answer, removed: false };
  const isEmpty = kept.files === 0 && Object.values(holds).every((count) => Number(count) === 0);
  if (!isEmpty && input.confirm !== team.slug) {
    throw failedPrecondition(
      `The team '${team.slug}' holds ${holds.runs} runs, ${holds.experiments} experiments, ${holds.registeredModels} registered models and ${kept.files} files. To delete all of it for good, give its slug as 'confirm'.`,
      { argument: 'confirm' },
    );
  }
  await ctx.db.tx(async (tx) => {
    if (!(await removeTeamRow(tx, team.teamId, new Date(ctx.now())))) throw notFound(`No team '${input.slug}' exists.`);
    const counts = Object.fromEntries(Object.entries(holds).map(([name, count]) => [name, String(count)]));
    const act = { action: 'TEAM_DELETED', target: `team ${team.slug}`, before: { name: team.name, teamId: team.teamId, ...counts } } as const;
    await record(onServer(ctx), tx, act);
    await record(onServer(ctx, team.teamId), tx, act);
  });
  forgetViewers(ctx);
  return { ...answer, removed: true };
}

/** `complete`: false where there was more than could be counted in 5 seconds. */
async function filesOf(ctx: Ctx, teamId: number): Promise<{ files: number; bytes: number; complete: boolean }> {
  const end = performance.now() + LONGEST_MS;
  let [files, bytes] = [0, 0];
  for await (const { size } of ctx.store.walk(objectKeyOf(teamId, ''))) {
    files += 1;
    bytes += size;
    if (performance.now() > end) return { files, bytes, complete: false };
  }
  return { files, bytes, complete: true };
}
