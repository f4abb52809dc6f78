// Following a journal: what came after the subscriber's cursor first, then live, each change once. A cursor stands behind one change, so a
// connection may be lost between any two.

import { invalid, limitExceeded } from '../lib/errors.ts';
import type { Db } from '../postgres/pool.ts';
import { type Broadcast, Mailbox, retryWhileAway, stream } from './broadcast.ts';

/** `position`: digits that order the changes of a window; the same each time the window is read. */
export type Item = { position: string };
/** Windows are bounded by snapshots: after `since`, up to `until`. */
export type Journal<I extends Item> = { broadcast: Broadcast<I>; between(since: string, until: string): Promise<I[]> };
/** `item` is null in the first message of a subscription without a cursor. `first`: of those that were read together. */
export type Followed<I> = { item: I | null; cursor: string; first: boolean };
type Select<I> = (items: I[]) => Promise<I[]>;

/** Changes that one window may hold. */
export const MAX_CHANGES = 10_000;

export const tooMany = () =>
  limitExceeded(`More than ${MAX_CHANGES} changes are new. Read your lists again and subscribe from now (without 'after').`, { argument: 'after' });

type Position = { since: string; until: string; position: string };

const write = (...parts: string[]) => Buffer.from(parts.join('|')).toString('base64url');

/** `xmin:xmax:xip,…` as Postgres prints snapshots, with numbers that fit: it refuses others with an error of its own. */
function isSnapshot(text: string): boolean {
  if (!/^\d{1,18}:\d{1,18}:(\d{1,18}(,\d{1,18})*)?$/.test(text)) return false;
  const [xmin, xmax, running] = text.split(':') as [string, string, string];
  const marks = [BigInt(xmin) - 1n, ...running.split(',').filter(Boolean).map(BigInt), BigInt(xmax)];
  return BigInt(xmin) > 0n && marks.every((mark, index) => index === 0 || mark > marks[index - 1]!);
}

/** Throws INVALID_ARGUMENT. */
function read(cursor: string): Position {
  const [since = '', until = since, position = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  if (!isSnapshot(since) || !isSnapshot(until) || !/^[0-9a-f]{0,40}$/.test(position) || rest.length > 0)
    throw invalid('This cursor is none of ours. Leave it out to start from now.', { argument: 'after' });
  return { since, until, position };
}

/** `select`: those of a window's changes that the subscriber asked for. Throws INVALID_ARGUMENT for a bad cursor, LIMIT_EXCEEDED for an old one. */
export async function followJournal<I extends Item>(
  journal: Journal<I>,
  after: string | null | undefined,
  select: Select<I>,
): Promise<AsyncIterableIterator<Followed<I>>> {
  const start = after ? read(after) : null;
  const mailbox = new Mailbox<I>();
  let reached = await journal.broadcast.join(mailbox);
  const chosen = (items: I[]) => retryWhileAway(mailbox, () => select(items));
  const ready: Followed<I>[] = [];
  const add = (items: I[], since: string, until: string) => {
    items.forEach((item, index) => {
      const last = index === items.length - 1;
      ready.push({ item, cursor: last ? write(until) : write(since, until, item.position), first: index === 0 });
    });
  };
  const missed = async ({ since, until, position }: Position) => {
    const between = (from: string, to: string) => retryWhileAway(mailbox, () => journal.between(from, to));
    const unread = position ? (await between(since, until)).filter((item) => item.position > position) : [];
    add(await chosen(unread), since, until);
    add(await chosen(await between(until, reached)), until, reached);
  };
  try {
    if (start) await missed(start);
    else ready.push({ item: null, cursor: write(reached), first: true });
  } catch (error) {
    journal.broadcast.leave(mailbox);
    throw error;
  }
  const next = async (): Promise<Followed<I> | null> => {
    while (ready.length === 0) {
      const rounds = await mailbox.take();
      if (!rounds) return null;
      for (const round of rounds) {
        add(await chosen(round.items), reached, round.cursor);
        reached = round.cursor;
      }
    }
    return ready.shift()!;
  };
  return stream(next, () => journal.broadcast.leave(mailbox));
}

/** One of each kind for a team and database, as long as anybody follows it. */
export function shared<T>(): (db: Db, teamId: number, open: (close: () => void) => T) => T {
  const all = new WeakMap<Db, Map<number, T>>();
  return (db, teamId, open) => {
    const teams = all.get(db) ?? new Map<number, T>();
    all.set(db, teams);
    const known = teams.get(teamId);
    if (known) return known;
    const made = open(() => teams.delete(teamId));
    teams.set(teamId, made);
    return made;
  };
}
