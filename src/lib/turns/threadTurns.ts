// Fair turns on the thread. While several callers are about, each begins one piece of work in a turn of the event loop and the rest in later
// turns, one after the other: whoever asks for little never waits behind all that somebody else has sent.

export type ThreadTurns = {
  /** Calls `begin` at once if nobody else is about or the caller has begun nothing in this turn; else in a later turn, in the order of asking. */
  take(caller: string, begin: () => void): void;
  /** Whether several are about. */
  isShared(): boolean;
};

/** Who has asked for a turn in the last second is about. */
const ABOUT_MS = 1_000;

/** `now`: milliseconds of any clock that only goes forward. `later`: calls in the next turn. */
export function openThreadTurns(now: () => number = () => performance.now(), later: (run: () => void) => void = setImmediate): ThreadTurns {
  const asked = new Map<string, number>();
  const begun = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  let planned = false;

  let lookedAt = 0;
  const isShared = (at: number): boolean => {
    // Not for every request: there may be thousands of callers.
    if (asked.size > 1 && at - lookedAt > ABOUT_MS / 4) {
      lookedAt = at;
      for (const [other, last] of asked) if (at - last > ABOUT_MS) asked.delete(other);
    }
    return asked.size > 1;
  };
  const nextTurn = (): void => {
    planned = false;
    begun.clear();
    for (const [caller, queue] of [...waiting]) {
      const begin = queue.shift();
      if (queue.length === 0) waiting.delete(caller);
      begun.add(caller);
      begin?.();
    }
    if (begun.size > 0) plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    later(nextTurn);
  };
  return {
    take(caller, begin) {
      const at = now();
      asked.set(caller, at);
      const alone = !isShared(at);
      const queue = waiting.get(caller);
      if (queue) queue.push(begin);
      else if (alone) begin();
      else if (begun.has(caller)) waiting.set(caller, [begin]);
      else {
        begun.add(caller);
        plan();
        begin();
      }
    },
    isShared: () => isShared(now()),
  };
}

/** Those of this process. */
export const threadTurns = openThreadTurns();
