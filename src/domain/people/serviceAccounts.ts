// Accounts of programs. Each belongs to one team and has a role there. It can't sign in; it acts by API tokens that ADMINs make for it.
import { forgetViewers } from '../../auth/cache.ts';
import { type Role, requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import {
  findServiceAccounts,
  insertServiceAccount,
  listServiceAccountRows,
  type ServiceAccount,
  setServiceAccountDisabled,
} from '../../db/people/serviceAccounts.ts';
import { alreadyExists, invalid, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { record } from './audit.ts';
import { checkRole } from './teams.ts';

export type { ServiceAccount };

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** A domain that nobody can have an address in. */
const emailOf = (name: string, slug: string) => `${name}@${slug}.service-account.invalid`;

/** Throws ALREADY_EXISTS for a name that the team has, also on a disabled account. */
export async function createServiceAccount(ctx: TeamCtx, input: { name: string; role: Role }): Promise<ServiceAccount> {
  requireCan(ctx, 'account:manage');
  const role = checkRole(input.role);
  const { name } = input;
  if (!NAME.test(name))
    throw invalid(`A service account's name is 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit; '${name}' is not.`, {
      argument: 'name',
    });
  const userId = await ctx.prisma.$transaction(async (tx) => {
    const made = await insertServiceAccount(tx, ctx.team.teamId, { name, role, email: emailOf(name, ctx.team.slug) }).catch((error: unknown) => {
      if (!isFault(error, 'taken')) throw error;
      throw alreadyExists(`The team '${ctx.team.slug}' has a service account '${name}' already.`, { argument: 'name' });
    });
    await record(ctx, tx, { action: 'SERVICE_ACCOUNT_CREATED', target: `service account ${name}`, after: { name, role } });
    return made;
  });
  return getServiceAccount(ctx, userId);
}

/** In the order of their numbers. For every member, since runs name them. */
export async function getServiceAccounts(ctx: TeamCtx, page: { afterUserId: number | null; limit: number }): Promise<ServiceAccount[]> {
  requireCan(ctx, 'team:read');
  return listServiceAccountRows(ctx.prisma, ctx.team.teamId, page);
}

/** Throws NOT_FOUND. */
export async function getServiceAccount(ctx: TeamCtx, userId: number): Promise<ServiceAccount> {
  requireCan(ctx, 'team:read');
  const [found] = await findServiceAccounts(ctx.prisma, ctx.team.teamId, [userId]);
  if (!found) throw notFound(`No such service account exists in the team '${ctx.team.slug}'.`);
  return found;
}

/** For loaders: those of the team with these numbers, in any order. */
export async function serviceAccountsByIds(ctx: TeamCtx, userIds: number[]): Promise<ServiceAccount[]> {
  requireCan(ctx, 'team:read');
  return findServiceAccounts(ctx.prisma, ctx.team.teamId, userIds);
}

/** Its tokens stop working at once, and work again when it is enabled. Disabling the disabled succeeds. Throws NOT_FOUND. */
export async function disableServiceAccount(ctx: TeamCtx, userId: number, disabled: boolean): Promise<ServiceAccount> {
  requireCan(ctx, 'account:manage');
  const { name, disabledAt } = await getServiceAccount(ctx, userId);
  if ((disabledAt !== null) !== disabled) {
    await ctx.prisma.$transaction(async (tx) => {
      await setServiceAccountDisabled(tx, ctx.team.teamId, userId, disabled, new Date(ctx.now()));
      await record(ctx, tx, { action: disabled ? 'SERVICE_ACCOUNT_DISABLED' : 'SERVICE_ACCOUNT_ENABLED', target: `service account ${name}` });
    });
    forgetViewers(ctx);
  }
  return getServiceAccount(ctx, userId);
}
