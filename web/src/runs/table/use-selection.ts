// The runs that are ticked, and the one that the keys are at.
import { useCallback, useState } from 'react';

export function useSelection() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(-1);
  const select = useCallback((runIds: string[], on: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const id of runIds) on ? next.add(id) : next.delete(id);
      return next;
    });
  }, []);
  const clear = useCallback(() => setSelected(new Set()), []);
  return { selected, select, clear, cursor, setCursor };
}
