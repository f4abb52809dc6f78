// Many subscribers, one reader. What is new is read in rounds, and each round is handed to all who follow. Events only ring; what is new is read by
// cursor. So a lost event, a late commit or a restarted database loses nothing. Knows nothing of what is followed.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, limitExceeded } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { logFault } from '../lib/operatorFaults.ts';

/** What was committed since the round before, and the cursor that stands for its end. */
export type Round<Item> = { items: Item[]; cursor: string };
/** `since` is null for the first round: answers the present cursor and no items. */
export type Read<Item> = (since: string | null) => Promise<Round<Item>>;
/** Milliseconds: the least between two rounds, and how long a lost event can hide something. */
export type Pace = { least: number; most: number };

const RETRY_MS = 500;
/** How long a subscriber's own reads wait for a database that is away. */
const PATIENCE_MS = 60_000;
/** Items that may wait for a subscriber that doesn't read. */
const MAX_WAITING = 10_000;

/** The rounds that one subscriber hasn't taken yet. */
export class Mailbox<Item> {
  #rounds: Round<Item>[] = [];
  #size = 0;
  #fault: unknown;
  #closed = false;
  #wake = () => {};

  put(round: Round<Item>): void {
    if (this.#fault || this.#closed) return;
    this.#size += round.items.length;
    this.#rounds.push(round);
    // One round is bounded by who reads it, and may be larger.
    if (this.#rounds.length > 1 && this.#size > MAX_WAITING) {
      this.fail(limitExceeded(`More than ${MAX_WAITING} changes were waiting to be read. Read your lists again and subscribe from now.`));
    }
    this.#wake();
  }

  fail(error: unknown): void {
    this.#fault ??= error;
    this.#rounds = [];
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#rounds = [];
    this.#wake();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What waits, without waiting. Throws what went wrong. */
  drain(): Round<Item>[] {
    if (this.#fault) throw this.#fault;
    const rounds = this.#rounds;
    this.#rounds = [];
    this.#size = 0;
    return rounds;
  }

  /** The rounds since the last call: at least one, or null once closed or (if given) after `most` milliseconds. */
  async take(most?: number): Promise<Round<Item>[] | null> {
    if (this.#rounds.length === 0 && !this.#fault && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = most === undefined ? undefined : setTimeout(resolve, most);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const rounds = this.drain();
    return rounds.length > 0 ? rounds : null;
  }
}

/** Tries again for a minute where the database is away, unless the subscriber has left. For reads alone. */
export async function retryWhileAway<T>(mailbox: { readonly closed: boolean }, read: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (error instanceof AppError || mailbox.closed || performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

type Waiter<Item> = { mailbox: Mailbox<Item> | null; resolve: (cursor: string) => void; reject: (error: unknown) => void };

export class Broadcast<Item> {
  readonly #read: Read<Item>;
  readonly #pace: Pace;
  readonly #log: Log;
  readonly #empty: () => void;
  readonly #members = new Set<Mailbox<Item>>();
  #waiting: Waiter<Item>[] = [];
  #cursor: string | null = null;
  #rung = false;
  #running = false;
  #wake = () => {};

  /** `empty` is called when the last subscriber has left. */
  constructor(read: Read<Item>, pace: Pace, log: Log, empty: () => void) {
    this.#read = read;
    this.#pace = pace;
    this.#log = log;
    this.#empty = empty;
  }

  /** Something may be new. */
  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Hands the mailbox every round after the one that begins now, whose cursor is answered. */
  join(mailbox: Mailbox<Item>): Promise<string> {
    return this.#next(mailbox);
  }

  /** The cursor of a round that began after the call. */
  settle(): Promise<string> {
    return this.#next(null);
  }

  leave(mailbox: Mailbox<Item>): void {
    mailbox.close();
    this.#members.delete(mailbox);
    if (this.#members.size === 0) this.#wake();
  }

  #next(mailbox: Mailbox<Item> | null): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ mailbox, resolve, reject });
      this.#wake();
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    let earliest = 0;
    while (this.#members.size > 0 || this.#waiting.length > 0) {
      if (!this.#rung && this.#waiting.length === 0) await this.#ringing();
      const early = earliest - performance.now();
      if (early > 0) await sleep(early);
      if (this.#members.size === 0 && this.#waiting.length === 0) break;
      earliest = performance.now() + this.#pace.least;
      await this.#round();
    }
    this.#running = false;
    this.#cursor = null;
    this.#empty();
  }

  #ringing(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#pace.most);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #round(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#rung = false;
    try {
      const round = await this.#read(this.#cursor);
      this.#cursor = round.cursor;
      if (round.items.length > 0) for (const member of this.#members) member.put(round);
      for (const { mailbox, resolve } of waiting) {
        if (mailbox) this.#members.add(mailbox);
        resolve(round.cursor);
      }
    } catch (error) {
      if (error instanceof AppError) {
        this.#cursor = null;
        for (const member of this.#members) member.fail(error);
        this.#members.clear();
        for (const { reject } of waiting) reject(error);
        return;
      }
      // The database is away: the next round begins where the last one ended.
      logFault(this.#log, error, {}, 'could not read what is new for subscribers; trying again');
      this.#waiting.unshift(...waiting);
      this.#rung = true;
      await sleep(RETRY_MS);
    }
  }
}

/** An iterator that can be ended while `next` waits, which a generator can't. `next` answers null at the end. */
export function stream<T>(next: () => Promise<T | null>, end: () => void): AsyncIterableIterator<T> {
  let done = false;
  const finish = () => {
    if (!done) {
      done = true;
      end();
    }
    return { done: true as const, value: undefined };
  };
  const self: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => self,
    async next() {
      if (done) return finish();
      try {
        const value = await next();
        return value === null || done ? finish() : { done: false, value };
      } catch (error) {
        finish();
        throw error;
      }
    },
    return: async () => finish(),
  };
  return self;
}

/** The same stream of other values. */
export function mapStream<A, B>(source: AsyncIterableIterator<A>, map: (value: A) => B): AsyncIterableIterator<B> {
  const next = async (): Promise<B | null> => {
    const { done, value } = await source.next();
    return done ? null : map(value);
  };
  return stream(next, () => void source.return?.());
}
