// Callers take turns at a fixed number of slots. One caller may hold only a share of them. Of those that wait, whoever holds the fewest is next.

export type Turns = {
  /** Resolves with what gives the place back. Rejects with `refusal()` after `patienceMs`, or when `signal` ends the wait. */
  take(caller: string, signal?: AbortSignal): Promise<() => void>;
  /** For metrics. */
  state(): { held: number; waiting: number };
};

type Waiting = { caller: string; begin: () => void };

export function openTurns(options: { places: number; each: number; patienceMs: number; refusal: () => Error }): Turns {
  const { places, each, patienceMs, refusal } = options;
  const held = new Map<string, number>();
  /** In the order of coming. */
  const queue = new Set<Waiting>();
  let taken = 0;

  const next = (): void => {
    while (taken < places) {
      let best: Waiting | undefined;
      for (const one of queue) {
        const holds = held.get(one.caller) ?? 0;
        if (holds < each && (best === undefined || holds < (held.get(best.caller) ?? 0))) best = one;
      }
      if (!best) return;
      queue.delete(best);
      best.begin();
    }
  };
  const begin = (caller: string): (() => void) => {
    taken += 1;
    held.set(caller, (held.get(caller) ?? 0) + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      taken -= 1;
      const left = held.get(caller)! - 1;
      if (left > 0) held.set(caller, left);
      else held.delete(caller);
      next();
    };
  };
  return {
    state: () => ({ held: taken, waiting: queue.size }),
    take(caller, signal) {
      if (signal?.aborted) return Promise.reject(refusal());
      if (queue.size === 0 && taken < places && (held.get(caller) ?? 0) < each) return Promise.resolve(begin(caller));
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          caller,
          begin() {
            settle();
            resolve(begin(caller));
          },
        };
        const leave = () => {
          settle();
          queue.delete(waiting);
          reject(refusal());
        };
        const timer = setTimeout(leave, patienceMs);
        const settle = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', leave);
        };
        signal?.addEventListener('abort', leave, { once: true });
        queue.add(waiting);
        next();
      });
    },
  };
}
