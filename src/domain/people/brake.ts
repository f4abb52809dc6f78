// The brake on guessing passwords. It counts by account and address together, by address alone, and by account alone. Delays grow and end; nobody
// is locked out. Rows in the database, so that all servers brake together.
import { sha256 } from '../../auth/secrets.ts';
import type { Deps } from '../../context.ts';
import { type Brake, isKnown, releaseBrakes, takeBrakes } from '../../db/people/brakes.ts';
import { limitExceeded } from '../../lib/errors.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Somebody who mistypes; a household or an office; all that guess at one account from wherever. */
const HERE = { free: 5, firstMs: SECOND, mostMs: MINUTE };
const ADDRESS = { free: 20, firstMs: SECOND, mostMs: 5 * MINUTE };
const ACCOUNT = { free: 50, firstMs: SECOND, mostMs: MINUTE };

const keyOf = (...parts: string[]) => sha256(parts.join('\n'));

/** Whoever has an IPv6 address has 2^64 of them. */
export function network(address: string | null): string {
  const bare = (address ?? 'unknown')
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
  if (!bare.includes(':')) return bare;
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(8 - left.length - right.length, 0)).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/**
 * Counts a try as failed until the returned function is called. Throws LIMIT_EXCEEDED with the time to wait; a try that is refused counts for nothing, so
 * that waiting always helps. Where the account has signed in before, only tries from there count: others can't keep its owner out.
 */
export async function brake(deps: Deps, email: string, address: string | null): Promise<() => Promise<void>> {
  const account = email.trim().toLowerCase().slice(0, 300);
  const from = network(address);
  const now = new Date(deps.now());
  const here = keyOf('here', account, from);
  const everywhere = keyOf('account', account);
  const place = keyOf('address', from);
  const known = keyOf('known', account, from);
  const brakes: Brake[] = [
    { key: here, ...HERE },
    { key: place, ...ADDRESS },
  ];
  if (!(await isKnown(deps.db, known, now))) brakes.push({ key: everywhere, ...ACCOUNT });
  const until = await takeBrakes(deps.db, brakes, now);
  if (until) {
    const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / SECOND));
    throw limitExceeded(`Too many failed sign-ins. Try again in ${seconds} second${seconds === 1 ? '' : 's'}, or use an API token.`, {
      retryAfter: seconds,
    });
  }
  return () => releaseBrakes(deps.db, { forget: [here], uncount: [place, everywhere], know: known }, new Date(deps.now()));
}
