// Teams and who is in them.
import { forgetViewers } from '../../auth/cache.ts';
import { ROLES, type Role, requireCan } from '../../auth/policy.ts';
import { inTeam } from '../../auth/team.ts';
import type { Ctx, Membership, TeamCtx } from '../../context.ts';
import {
  countMembers,
  deleteEmptyTeam,
  deleteMember,
  findTeams,
  insertMember,
  insertTeam,
  listMembers,
  lockMember,
  type Member,
  setMemberRole,
  updateTeamName,
} from '../../db/people/teams.ts';
import { findUserByEmail } from '../../db/people/users.ts';
import { type AppError, alreadyExists, failedPrecondition, invalid, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { isText } from '../limits.ts';
import { onServer, record } from './audit.ts';
import { checkName, requireServerAdmin } from './checks.ts';

export type { Member };

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function checkRole(value: string): Role {
  if (!ROLES.includes(value as Role)) throw invalid(`'${value}' is not a role. Roles: ${ROLES.join(', ')}.`, { argument: 'role' });
  return value as Role;
}

/** Server administrators only. The creator becomes its ADMIN; the team starts with the experiment 0, 'Default'. Throws ALREADY_EXISTS. */
export async function createTeam(ctx: Ctx, input: { slug: string; name?: string | null }): Promise<TeamCtx> {
  requireServerAdmin(ctx, 'create teams');
  if (!SLUG.test(input.slug)) {
    throw invalid(`A team's slug is 1 to 63 of a-z, 0-9 and '-', and does not start with '-'; '${input.slug}' is not.`, { argument: 'slug' });
  }
  const name = checkName('name', input.name ?? input.slug);
  try {
    const team = await ctx.prisma.$transaction(async (people) => {
      const made = await insertTeam(people, { slug: input.slug, name, adminId: ctx.viewer.userId, now: ctx.now() });
      const act = { action: 'TEAM_CREATED', target: `team ${input.slug}`, after: { slug: input.slug, name } } as const;
      await record(onServer(ctx), people, act);
      await record(onServer(ctx, made.teamId), people, act);
      return made;
    });
    forgetViewers(ctx);
    return inTeam(ctx, { teamId: team.teamId, slug: team.slug, name: team.name, role: 'ADMIN' });
  } catch (error) {
    if (isFault(error, 'taken')) throw alreadyExists(`A team '${input.slug}' already exists.`, { argument: 'slug' });
    throw error;
  }
}

/** Renames for people; the slug stays, since addresses hold it. */
export async function updateTeam(ctx: TeamCtx, input: { name: string }): Promise<Membership> {
  requireCan(ctx, 'team:settings');
  const name = checkName('name', input.name);
  const team = await ctx.prisma.$transaction(async (people) => {
    await record(ctx, people, { action: 'TEAM_RENAMED', target: `team ${ctx.team.slug}`, before: { name: ctx.team.name }, after: { name } });
    return updateTeamName(people, ctx.team.teamId, name);
  });
  forgetViewers(ctx);
  return { ...ctx.team, name: team.name };
}

/** In the order of user ids; `afterUserId` is the last of the page before. `search`: part of the address or name. */
export function getMembers(ctx: TeamCtx, search: string | null, page: { afterUserId: number | null; limit: number }): Promise<Member[]> {
  requireCan(ctx, 'team:read');
  // What no name can hold finds nobody.
  if (search !== null && !isText(search)) return Promise.resolve([]);
  return listMembers(ctx.db, ctx.team.teamId, search, page);
}

export function countTeamMembers(ctx: TeamCtx, search: string | null): Promise<number> {
  requireCan(ctx, 'team:read');
  if (search !== null && !isText(search)) return Promise.resolve(0);
  return countMembers(ctx.db, ctx.team.teamId, search);
}

/** Adds a user of the server to the team. Throws NOT_FOUND for an unknown address, ALREADY_EXISTS for a member. */
export async function addMember(ctx: TeamCtx, input: { email: string; role: Role }): Promise<Member> {
  requireCan(ctx, 'member:manage');
  const user = await findUserByEmail(ctx.prisma, input.email.trim());
  if (!user) throw notFound(`No user with the address '${input.email}' exists. A server administrator can create one.`);
  try {
    const role = checkRole(input.role);
    const member = await ctx.prisma.$transaction(async (people) => {
      await record(ctx, people, { action: 'MEMBER_ADDED', target: `user ${user.userId}`, after: { email: user.email, role } });
      return insertMember(people, { teamId: ctx.team.teamId, userId: user.userId, role });
    });
    forgetViewers(ctx);
    return member;
  } catch (error) {
    if (isFault(error, 'taken')) throw alreadyExists(`${user.email} is a member of '${ctx.team.slug}' already. Use setMemberRole.`);
    throw error;
  }
}

/** Throws FAILED_PRECONDITION where the team would be left without an ADMIN. */
export async function changeMemberRole(ctx: TeamCtx, userId: number, role: Role): Promise<Member> {
  requireCan(ctx, 'member:manage');
  checkRole(role);
  const member = await ctx.db.tx(async (tx) => {
    const before = await lockMember(tx, ctx.team.teamId, userId);
    if (!before) throw noMember(ctx, userId);
    if (role !== 'ADMIN') requireOtherAdmin(before);
    if (role !== before.role)
      await record(ctx, tx, { action: 'MEMBER_ROLE_CHANGED', target: `user ${userId}`, before: { role: before.role }, after: { role } });
    return setMemberRole(tx, ctx.team.teamId, userId, role);
  });
  forgetViewers(ctx);
  return member!;
}

/** Removing who isn't a member succeeds. Throws FAILED_PRECONDITION for the last ADMIN. */
export async function removeMember(ctx: TeamCtx, userId: number): Promise<void> {
  requireCan(ctx, 'member:manage');
  await ctx.db.tx(async (tx) => {
    const before = await lockMember(tx, ctx.team.teamId, userId);
    if (!before) return;
    requireOtherAdmin(before);
    await record(ctx, tx, { action: 'MEMBER_REMOVED', target: `user ${userId}`, before: { role: before.role } });
    await deleteMember(tx, ctx.team.teamId, userId);
  });
  forgetViewers(ctx);
}

function requireOtherAdmin(member: { role: Role; otherAdmins: number }): void {
  if (member.role === 'ADMIN' && member.otherAdmins === 0) {
    throw failedPrecondition('This is the last ADMIN of the team. Make somebody else ADMIN first.');
  }
}

const noMember = (ctx: TeamCtx, userId: number): AppError => notFound(`No user '${userId}' is a member of the team '${ctx.team.slug}'.`);

/** Slugs by id. The ids come from rows that the viewer may see (their own tokens). */
export async function getTeamSlugs(ctx: Ctx, teamIds: number[]): Promise<Map<number, string>> {
  const teams = await findTeams(ctx.prisma, teamIds);
  return new Map(teams.map((team) => [team.teamId, team.slug]));
}

/** Only a team that holds nothing can go: its data are deleted first, by those who own them. */
export async function deleteTeam(ctx: TeamCtx): Promise<void> {
  requireCan(ctx, 'team:settings');
  if (ctx.team.slug === 'default') throw invalid("The team 'default' can't be deleted.", { reason: 'default-team-stays' });
  await ctx.db.tx(async (tx) => {
    if (!(await deleteEmptyTeam(tx, ctx.team.teamId))) {
      throw failedPrecondition(`The team '${ctx.team.slug}' still holds runs, experiments or models. Delete them for good first.`);
    }
    await record(onServer(ctx), tx, { action: 'TEAM_DELETED', target: `team ${ctx.team.slug}`, before: { name: ctx.team.name } });
  });
  forgetViewers(ctx);
}
