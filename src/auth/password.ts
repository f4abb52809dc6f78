// Passwords: argon2id with OWASP's parameters. Checking costs the same whether or not the user exists, so timing tells nothing.
import { hash, verify } from '@node-rs/argon2';

// 19 MiB, 2 passes, 1 lane: about 30 ms. The library's default algorithm is argon2id.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Well-formed and of the same cost, and no password's. */
const NOBODY = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

export const hashPassword = (password: string): Promise<string> => hash(password, COST);

/** False for a user who doesn't exist or has no password (`passwordHash` null), after the same work. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? NOBODY, password);
  return passwordHash !== null && matches;
}
