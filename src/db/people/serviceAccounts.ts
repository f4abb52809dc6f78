// Service accounts as rows: users of the kind SERVICE_ACCOUNT, each with one membership. Rules are in src/domain/people/serviceAccounts.ts.
import type { Role } from '../../auth/policy.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type ServiceAccount = { teamId: number; userId: number; name: string; email: string; role: Role; createdAt: Date; disabledAt: Date | null };
const ACCOUNT = { userId: true, name: true, email: true, createdAt: true, disabledAt: true } as const;
type Account = Omit<ServiceAccount, 'teamId' | 'role'>;
const KIND = 'SERVICE_ACCOUNT';

async function withRoles(people: Prisma, teamId: number, accounts: Account[]): Promise<ServiceAccount[]> {
  const userIds = accounts.map((account) => account.userId);
  const members = await people.membership.findMany({ where: { teamId, userId: { in: userIds } }, select: { userId: true, role: true } });
  const roleOf = new Map(members.map(({ userId, role }) => [userId, role as Role]));
  return accounts.flatMap((account) => {
    const role = roleOf.get(account.userId);
    return role ? [{ ...account, teamId, role }] : [];
  });
}

/** Throws the fault 'taken' when the team has the name. */
export async function insertServiceAccount(people: Prisma, teamId: number, made: { email: string; name: string; role: Role }): Promise<number> {
  const { userId } = await people.user.create({ data: { email: made.email, name: made.name, kind: KIND, teamId }, select: { userId: true } });
  await people.membership.create({ data: { teamId, userId, role: made.role }, select: { userId: true } });
  return userId;
}

/** In the order of their numbers. */
export async function listServiceAccountRows(
  people: Prisma,
  teamId: number,
  page: { afterUserId: number | null; limit: number },
): Promise<ServiceAccount[]> {
  const where = { teamId, kind: KIND, ...(page.afterUserId === null ? {} : { userId: { gt: page.afterUserId } }) };
  return withRoles(people, teamId, await people.user.findMany({ where, orderBy: { userId: 'asc' }, take: page.limit, select: ACCOUNT }));
}

export async function findServiceAccounts(people: Prisma, teamId: number, userIds: number[]): Promise<ServiceAccount[]> {
  return withRoles(people, teamId, await people.user.findMany({ where: { teamId, kind: KIND, userId: { in: userIds } }, select: ACCOUNT }));
}

/** Keeps the time at which it was disabled first. */
export async function setServiceAccountDisabled(people: Prisma, teamId: number, userId: number, disabled: boolean, now: Date): Promise<void> {
  const where = { teamId, userId, kind: KIND, ...(disabled ? { disabledAt: null } : {}) };
  await people.user.updateMany({ where, data: { disabledAt: disabled ? now : null } });
}
