// What outlives leaving a room, going back and reloading: kept in this tab by name. Drafts of texts are kept on this machine until they are saved.
import { useCallback, useEffect, useRef, useState } from 'react';

const TAB = 'runledger.tab.';
const DRAFT = 'runledger.draft.';

function read<T>(store: Storage, key: string, initial: T): T {
  try {
    const text = store.getItem(key);
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}

/** A full store keeps nothing more; what is on the screen stays. */
function write(store: Storage, key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) store.removeItem(key);
    else store.setItem(key, JSON.stringify(value));
  } catch {}
}

export const readTab = <T>(name: string, initial: T): T => read(sessionStorage, TAB + name, initial);
export const writeTab = (name: string, value: unknown): void => write(sessionStorage, TAB + name, value);

/** As useState, and the same again when one comes back. `name` stays the same while it is in use. */
export function useTabState<T>(name: string, initial: T): [T, (next: T | ((before: T) => T)) => void] {
  const [value, setValue] = useState<T>(() => readTab(name, initial));
  useEffect(() => writeTab(name, value), [name, value]);
  return [value, setValue];
}

export type Draft = { text: string /** What stood there when it was begun. */; of: string };

/** A text that isn't saved yet; null while there is none. */
export function useDraft(name: string): [Draft | null, (next: Draft | null) => void] {
  const [draft, setDraft] = useState<Draft | null>(() => read<Draft | null>(localStorage, DRAFT + name, null));
  const set = useCallback(
    (next: Draft | null) => {
      setDraft(next);
      write(localStorage, DRAFT + name, next);
    },
    [name],
  );
  return [draft, set];
}

/** With whoever signs out go their drafts. */
export function forgetDrafts(): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(DRAFT)) localStorage.removeItem(key);
}

/** So long content may take to come before one has to scroll back to where one was. */
const COMING_MS = 3_000;

/**
 * For `ref`: scrolls to where this was when one left, once content is there, unless somebody scrolls first. `name`: what is shown there; another name is
 * another place.
 */
export function useKeptScroll(name: string): (element: HTMLElement | null) => void {
  const stop = useRef<(() => void) | null>(null);
  return useCallback(
    (element: HTMLElement | null) => {
      stop.current?.();
      stop.current = null;
      if (!element) return;
      const wanted = readTab<number>(`scroll.${name}`, 0);
      let restoring = wanted > 0;
      // By the time one leaves, other content may stand here and have moved it.
      let last = wanted;
      const until = performance.now() + COMING_MS;
      const restore = () => {
        if (!restoring) return;
        element.scrollTop = wanted;
        restoring = Math.abs(element.scrollTop - wanted) > 1 && performance.now() < until;
        if (restoring) requestAnimationFrame(restore);
      };
      let timer: ReturnType<typeof setTimeout> | undefined;
      const save = () => restoring || writeTab(`scroll.${name}`, last || null);
      const scrolled = () => {
        if (restoring) return;
        last = element.scrollTop;
        clearTimeout(timer);
        timer = setTimeout(save, 150);
      };
      const own = () => {
        restoring = false;
      };
      element.addEventListener('scroll', scrolled, { passive: true });
      element.addEventListener('wheel', own, { passive: true });
      element.addEventListener('pointerdown', own);
      window.addEventListener('keydown', own);
      // Before a reload nothing waits for the timer.
      window.addEventListener('pagehide', save);
      requestAnimationFrame(restore);
      stop.current = () => {
        clearTimeout(timer);
        save();
        restoring = false;
        element.removeEventListener('scroll', scrolled);
        element.removeEventListener('wheel', own);
        element.removeEventListener('pointerdown', own);
        window.removeEventListener('keydown', own);
        window.removeEventListener('pagehide', save);
      };
    },
    [name],
  );
}
