// What a server needs before its first request: an administrator, a team and a token. Run at each start; does nothing to a database that has users.
import { hashApiToken, newApiTokenSecret } from '../../auth/apiTokens.ts';
import { hashPassword } from '../../auth/password.ts';
import { randomLetters } from '../../auth/secrets.ts';
import type { Deps, Prisma } from '../../context.ts';
import { insertApiToken, insertTeam } from '../../db/people/teams.ts';
import { countUsers, findFirstAdmin, insertUser, lockStart, type User } from '../../db/people/users.ts';
import { StartError } from '../../lib/errors.ts';
import { weaknessOfPassword } from '../../lib/weakPasswords.ts';
import { newSignInLink } from './sessions.ts';

/** What was generated because nobody configured it; the database doesn't have it. */
export type Made = { email: string; password?: string; token?: string };
/** `password` and `token` are there only at the first start, where they were generated. `signInLink` is a one-time token of an hour. */
export type Bootstrap = Made & { userId: number; signInLink: string };

/**
 * Safe to run from several servers at once: they take turns on an advisory lock. `keep` is given what is made before it is committed. If it throws,
 * or the process dies in between, nothing was made and the next start makes it anew.
 */
export async function bootstrap(deps: Deps, keep: (made: Made) => Promise<void> = async () => {}): Promise<Bootstrap> {
  const made = await deps.prisma.$transaction(
    async (tx) => {
      await lockStart(tx);
      const empty = (await countUsers(tx)) === 0;
      if (!empty) return { admin: await findFirstAdmin(tx) };
      const { admin, ...generated } = await makeFirst(deps, tx);
      if (generated.password || generated.token) await keep({ email: admin.email, ...generated });
      return { admin, ...generated };
    },
    { maxWait: 60_000, timeout: 60_000 },
  );
  const { admin, ...secrets } = made;
  if (!admin)
    throw new StartError('This database has users and no server administrator. Restore one: update users set is_admin = true where email = …');
  return { email: admin.email, userId: admin.userId, ...secrets, signInLink: await newSignInLink(deps, admin.userId) };
}

async function makeFirst(deps: Deps, tx: Prisma): Promise<{ admin: User; password?: string; token?: string }> {
  const { config } = deps;
  const password = config.adminPassword ?? randomLetters(20);
  const email = config.adminEmail ?? 'admin@localhost';
  // Here and not with the rest of the configuration: later starts don't read it, and must not fail by it.
  const weakness = config.adminPassword === undefined ? undefined : weaknessOfPassword(config.adminPassword, email);
  if (weakness) throw new StartError(`RUNLEDGER_ADMIN_PASSWORD: ${weakness} Or leave it out: one is made and shown.`);
  const admin = await insertUser(tx, { email, name: email.split('@')[0]!, passwordHash: await hashPassword(password), isAdmin: true });
  await insertTeam(tx, { slug: 'default', name: 'Default', adminId: admin.userId, now: deps.now() });
  const token = config.adminToken ?? newApiTokenSecret();
  await insertApiToken(tx, {
    tokenId: deps.newId(),
    tokenHash: new Uint8Array(hashApiToken(token)),
    userId: admin.userId,
    teamId: null,
    name: 'First token',
    role: null,
    createdAt: new Date(deps.now()),
    expiresAt: null,
  });
  return { admin, ...(!config.adminToken && { token }), ...(!config.adminPassword && { password }) };
}
