// Keyboard shortcuts of a room. Nothing fires while a field has the focus, nor what the focused thing does by itself with the same key.
import { useEffect, useRef } from 'react';

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !/^(checkbox|radio|range|button)$/.test((target as HTMLInputElement).type);

const PRESSED = 'a[href], button, summary, input, select, [role=button], [role=option], [role=menuitem], [role=switch]';
/** Arrows belong to whatever holds the focus; the room has them where nothing does, and on its own links. */
const isFree = (target: Element) => target === document.body || target.id === 'content' || target.closest('nav') !== null;

/** Whether the focused thing answers to the key. */
function isTaken({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === 'Enter' || key === ' ') return target.closest(PRESSED) !== null;
  return key.startsWith('Arrow') && !isFree(target);
}

const LAYERS = '[role="dialog"], [role="menu"], [role="listbox"]';
/** A closed list may stay in the document, without a place on the screen. */
const isOpen = (layer: Element) => layer.getClientRects().length > 0;
/** Whether something lay above the room as the key went down: what closes by it is gone from the document before the room is asked. */
let covered = false;
window.addEventListener(
  'keydown',
  () => {
    covered = [...document.querySelectorAll(LAYERS)].some(isOpen);
  },
  true,
);

const used = new Map<object, ReadonlySet<string>>();

/** Whether anything on the screen answers to the key: for the list of keys. */
export const isUsed = (key: string): boolean => [...used.values()].some((keys) => keys.has(key));

/** By `event.key`; `mod+k` is ⌘K or Ctrl+K and works in fields too. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    used.set(latest, new Set(Object.keys(latest.current)));
    const listen = (event: KeyboardEvent) => {
      const mod = event.metaKey || event.ctrlKey;
      if (event.defaultPrevented || event.altKey || (!mod && typing(event.target))) return;
      if (!mod && (covered || isTaken(event))) return;
      const act = latest.current[mod ? `mod+${event.key.toLowerCase()}` : event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', listen);
    return () => {
      used.delete(latest);
      window.removeEventListener('keydown', listen);
    };
  }, []);
}
