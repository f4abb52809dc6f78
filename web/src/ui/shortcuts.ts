// Keyboard shortcuts of a room. Nothing fires while a field has the focus.
import { useEffect, useRef } from 'react';

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
  !/^(checkbox|radio|range|button)$/.test((target as HTMLInputElement).type);

/** By `event.key`; `mod+k` is ⌘K or Ctrl+K and works in fields too. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const mod = event.metaKey || event.ctrlKey;
      if (event.defaultPrevented || event.altKey || (!mod && typing(event.target))) return;
      if (!mod && document.querySelector('[role="dialog"]')) return;
      const act = latest.current[mod ? `mod+${event.key.toLowerCase()}` : event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
