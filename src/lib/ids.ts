// Ids: UUIDv7 (RFC 9562) as 32 hex digits, and those of requests.
import { randomBytes, randomFillSync } from 'node:crypto';

/** Random bytes are fetched for many ids at once: each call costs about as much as the rest of a request's bookkeeping. */
const pool = Buffer.alloc(16 * 256);
let used = pool.length;

/** 48 bits of milliseconds, then randomness: unguessable enough to name a run, ordered enough for a B-tree. */
export function uuidv7(now: number): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + 16);
  used += 16;
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex');
}

/** Whether text is an id as we print them. Anything else names nothing, so it is NOT_FOUND without asking the database. */
export const isHexId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** Ids that never come twice, in any process, for what nobody must be unable to guess: a random beginning, and a number. */
export function countedIds(): () => string {
  const begin = randomBytes(8).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${begin}-${count.toString(36)}`;
  };
}

/** A UUID in the form that clients know: without dashes. */
export const hexId = (uuid: string): string => uuid.replaceAll('-', '');
