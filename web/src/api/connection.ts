// Whether the server answers: told by every request and by the web socket, and asked for while it doesn't. Knows nothing of what is asked.
import { useSyncExternalStore } from 'react';

/** `catching up`: it answers again, and what is shown is being read anew. */
export type Connection = 'connected' | 'catching up' | 'offline';

/** Between two questions whether it is back: the first soon, for a restart takes a second. */
const PATIENCE_MS = [500, 1_000, 2_000, 4_000, 8_000];
const ANSWER_MS = 5_000;

let state: Connection = 'connected';
let asking: ReturnType<typeof setTimeout> | undefined;
let tries = 0;
const listeners = new Set<() => void>();

function set(next: Connection): void {
  if (next === state) return;
  state = next;
  for (const listener of [...listeners]) listener();
}

export const connection = (): Connection => state;

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useConnection = (): Connection => useSyncExternalStore(onConnection, connection);

async function answers(): Promise<boolean> {
  try {
    const response = await fetch(new URL('health', document.baseURI), {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return response.ok;
  } catch {
    return false;
  }
}

function askAgain(): void {
  clearTimeout(asking);
  asking = setTimeout(
    () => {
      void answers().then((yes) => {
        if (state !== 'offline') return;
        if (yes) heard();
        else askAgain();
      });
    },
    PATIENCE_MS[Math.min(tries, PATIENCE_MS.length - 1)],
  );
  tries += 1;
}

/** A request found nobody. */
export function lost(): void {
  if (state === 'offline') return;
  set('offline');
  askAgain();
}

/** Something came back. */
export function heard(): void {
  if (state !== 'offline') return;
  clearTimeout(asking);
  set('catching up');
}

/** What is shown has been read since. */
export function caughtUp(): void {
  if (state !== 'catching up') return;
  // What answers and fails again is asked ever more seldom.
  tries = 0;
  set('connected');
}

/** A sign that it may be gone, or back. */
export async function check(): Promise<void> {
  if (await answers()) heard();
  else lost();
}

/** Resolves when it answers again, or after a while, whichever comes first. */
export const backOrAfter = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stop();
      clearTimeout(timer);
      resolve();
    };
    const stop = onConnection(() => state !== 'offline' && done());
    const timer = setTimeout(done, ms);
  });

window.addEventListener('offline', () => void check());
window.addEventListener('online', () => void check());
