// Large answers, written piece by piece. Each piece is sent before the next is made: memory is that of two pieces, whatever the answer.
import { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { threadTurns } from '../lib/turns/threadTurns.ts';
import { presentWork } from '../lib/work.ts';

/** An answer as text. Its first pieces are made before anything is sent, so that most faults are still answered as faults. */
export class Written {
  readonly #pieces: AsyncIterable<string> | Iterable<string>;
  constructor(pieces: AsyncIterable<string> | Iterable<string>) {
    this.#pieces = pieces;
  }

  /** All of it, for who needs it whole. */
  async text(): Promise<string> {
    let text = '';
    for await (const piece of this.#pieces) text += piece;
    return text;
  }

  /**
   * What to send: one piece as bytes, else a stream, which is broken off without its end if a later piece fails. Not as text: that would be counted
   * twice, and sent through a buffer of three times its size.
   */
  async send(reply: FastifyReply): Promise<Buffer | string | FastifyReply> {
    const pieces = (async function* (all) {
      yield* all;
    })(this.#pieces);
    const first = await pieces.next();
    if (first.done) return '';
    const second = await pieces.next();
    if (second.done) return Buffer.from(first.value);
    return reply.send(Readable.from(ahead(first.value, second.value, pieces), { objectMode: true, highWaterMark: 1 }));
  }
}

/** A team's rest after a piece is as long as the piece took, and no longer than this. */
const MOST_REST_MS = 10;
/** Whoever waits longer for a turn goes on without one: another answer of the team may wait for the database. */
const PATIENCE_MS = 5_000;
const resting = new Map<string, Promise<unknown>>();

/**
 * Between the pieces of large answers everybody else has the thread. While other teams are about, a team makes one piece at a time and then rests:
 * of the thread its large answers have half at most.
 */
async function inTurn(pieces: AsyncGenerator<string>): Promise<IteratorResult<string>> {
  await setImmediate();
  const caller = presentWork()?.caller ?? '';
  await new Promise<void>((resolve) => threadTurns.take(caller, resolve));
  if (!threadTurns.isShared()) return pieces.next();
  const before = resting.get(caller);
  let free = () => {};
  const rested = new Promise<void>((resolve) => {
    free = resolve;
  });
  resting.set(caller, rested);
  if (before) await Promise.race([before, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
  const started = performance.now();
  try {
    return await pieces.next();
  } finally {
    void setTimeout(Math.min(performance.now() - started, MOST_REST_MS)).then(() => {
      free();
      if (resting.get(caller) === rested) resting.delete(caller);
    });
  }
}

/** Asks for the next piece while the last one is being sent. */
async function* ahead(first: string, second: string, rest: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  let next: Promise<IteratorResult<string>> = Promise.resolve({ done: false, value: second });
  yield Buffer.from(first);
  try {
    for (;;) {
      const piece = await next;
      if (piece.done) return;
      next = inTurn(rest);
      // Awaited in the next round; a failure until then is not unhandled.
      next.catch(() => {});
      yield Buffer.from(piece.value);
    }
  } finally {
    await rest.return(undefined);
  }
}
