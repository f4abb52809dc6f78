// The people of the server: making, disabling, and their passwords. Which teams they are in is teams.ts.
import { unauthenticated } from '../../auth/authenticate.ts';
import { forgetViewers } from '../../auth/cache.ts';
import { hashPassword, verifyPassword } from '../../auth/password.ts';
import type { Ctx } from '../../context.ts';
import { isMemberOfAny } from '../../db/people/teams.ts';
import { deleteSessions, findUser, findUsers, insertUser, type User, updateUser } from '../../db/people/users.ts';
import { alreadyExists, failedPrecondition, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { onServer, record } from './audit.ts';
import { brake } from './brake.ts';
import { checkEmail, checkName, requireServerAdmin } from './checks.ts';
import { checkNewPassword } from './passwords.ts';

export type { User };

/** Server administrators only. Without a password the user can sign in by a link alone. Throws ALREADY_EXISTS for a known address. */
export async function createUser(
  ctx: Ctx,
  input: { email: string; name?: string | null; password?: string | null; isAdmin?: boolean },
): Promise<User> {
  requireServerAdmin(ctx, 'create users');
  const email = checkEmail(input.email);
  const name = checkName('name', input.name ?? email.split('@')[0]!);
  if (input.password != null) checkNewPassword('password', input.password, email);
  const passwordHash = input.password == null ? null : await hashPassword(input.password);
  try {
    return await ctx.prisma.$transaction(async (people) => {
      const user = await insertUser(people, { email, name, passwordHash, isAdmin: input.isAdmin ?? false });
      await record(onServer(ctx), people, {
        action: 'USER_CREATED',
        target: `user ${user.userId}`,
        after: { email, name, isServerAdmin: user.isAdmin },
      });
      return user;
    });
  } catch (error) {
    if (isFault(error, 'taken')) throw alreadyExists(`A user with the address '${email}' already exists.`, { argument: 'email' });
    throw error;
  }
}

/** Server administrators only: ends the user's sessions and makes their tokens useless until enabled again. Not oneself. */
export async function setUserDisabled(ctx: Ctx, userId: number, disabled: boolean): Promise<User> {
  requireServerAdmin(ctx, 'disable or enable users');
  if (userId === ctx.viewer.userId) throw failedPrecondition('You cannot disable yourself. Ask another administrator.');
  const found = await findUser(ctx.prisma, userId);
  if (found?.kind !== 'USER' || found.removedAt) throw notFound(`No user '${userId}' exists.`);
  const user = await ctx.prisma.$transaction(async (people) => {
    if (disabled) await deleteSessions(people, { userId });
    const target = `user ${userId}`;
    await record(onServer(ctx), people, { action: disabled ? 'USER_DISABLED' : 'USER_ENABLED', target, after: { email: found.email } });
    return updateUser(people, userId, { disabledAt: disabled ? new Date(ctx.now()) : null });
  });
  forgetViewers(ctx);
  return user;
}

/** Changes one's own password, and ends one's other sessions. `current` may be missing only for a user who has none yet. */
export async function changePassword(ctx: Ctx, input: { current?: string | null; next: string }): Promise<void> {
  const release = await brake(ctx, ctx.viewer.email, ctx.origin?.address ?? null);
  const user = await findUser(ctx.prisma, ctx.viewer.userId);
  const first = user?.passwordHash === null && ctx.viewer.sessionId !== null;
  if (!first && !(await verifyPassword(user?.passwordHash ?? null, (input.current ?? '').slice(0, 256)))) {
    throw unauthenticated('The current password is wrong.');
  }
  await release();
  checkNewPassword('newPassword', input.next, ctx.viewer.email);
  const passwordHash = await hashPassword(input.next);
  await ctx.prisma.$transaction(async (people) => {
    await updateUser(people, ctx.viewer.userId, { passwordHash });
    await deleteSessions(people, { userId: ctx.viewer.userId, keep: ctx.viewer.sessionId ?? undefined });
    await record(onServer(ctx), people, { action: 'PASSWORD_CHANGED', target: `user ${ctx.viewer.userId}` });
  });
  forgetViewers(ctx);
}

/** Users by id, missing ones left out. The ids come from rows that the viewer may see (a run's creator, a member). */
export const getUsers = (ctx: Ctx, userIds: number[]): Promise<User[]> => findUsers(ctx.prisma, userIds);

/** Oneself or a member of one of the viewer's teams; else null. */
export async function findColleague(ctx: Ctx, userId: number): Promise<User | null> {
  const teamIds = ctx.viewer.memberships.map((membership) => membership.teamId);
  const visible = userId === ctx.viewer.userId || (await isMemberOfAny(ctx.prisma, userId, teamIds));
  return visible ? ((await findUsers(ctx.prisma, [userId]))[0] ?? null) : null;
}
