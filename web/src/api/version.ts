// Whether the server has another build of this page than the one that is open, and what to do when a part of the open one can't be had any more.
import { useSyncExternalStore } from 'react';
import { lost, onConnection, connection as stateOf } from './connection.ts';

const RELOADED = 'runledger.reloaded';
/** A page that reloads by itself twice in this time doesn't mend by it. */
const APART_MS = 30_000;

let newer = false;
let missing = false;
let asking = false;
const listeners = new Set<() => void>();

const entryIn = (html: string): string | null => /<script[^>]*type="module"[^>]*src="([^"]+)"/.exec(html)?.[1] ?? null;
const entry = document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null;

/** Null while nobody answers. */
async function isNewer(): Promise<boolean | null> {
  try {
    const response = await fetch(document.baseURI, { cache: 'no-store', credentials: 'omit', headers: { accept: 'text/html' } });
    if (!response.ok) return null;
    const found = entryIn(await response.text());
    return entry !== null && found !== null && found !== entry;
  } catch {
    return null;
  }
}

// What was typed into fields and stands there still. React keeps a field's default at its value, so that the two say nothing.
const typed = new Set<HTMLInputElement | HTMLTextAreaElement>();
document.addEventListener('input', ({ target }) => {
  if (target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !/^(checkbox|radio|range)$/.test(target.type)))
    typed.add(target);
});

/** Whether a reload would lose what somebody has typed. What is kept anyway says so by `data-kept`. */
const isTyped = (): boolean => [...typed].some((field) => field.isConnected && field.value.trim() !== '' && !field.closest('[data-kept]'));

export const reload = (): void => window.location.reload();

function say(): void {
  newer = true;
  for (const listener of listeners) listener();
}

function reloadUnlessTyped(): void {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (isTyped() || Date.now() - last < APART_MS) {
    say();
    return;
  }
  sessionStorage.setItem(RELOADED, String(Date.now()));
  reload();
}

/** A part of the page couldn't be loaded: it is gone since the server was upgraded, or nobody answers. */
export function partMissing(): void {
  missing = true;
  if (asking) return;
  asking = true;
  void isNewer().then((found) => {
    asking = false;
    if (found === null) lost();
    else reloadUnlessTyped();
  });
}

/** Whether a fault means that a part of the page couldn't be loaded; browsers word it each in their way. */
export const isMissingPart = (error: unknown): boolean =>
  error instanceof Error && /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(error.message);

onConnection(() => {
  if (stateOf() !== 'catching up') return;
  if (missing) partMissing();
  else void isNewer().then((found) => found && say());
});
window.addEventListener('vite:preloadError', partMissing);

/** Whether to offer a reload. */
export const useNewer = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => newer,
  );
