// The runs that are ticked, those that the charts leave out, and the one that the keys are at.
import { useCallback, useState } from 'react';

const NONE: ReadonlySet<string> = new Set();

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
  const [hidden, setHidden] = useState<ReadonlySet<string>>(NONE);
  /** Without an id, all are shown again. */
  const toggle = useCallback((runId?: string) => {
    setHidden((before) => {
      if (runId === undefined) return NONE;
      const next = new Set(before);
      if (!next.delete(runId)) next.add(runId);
      return next;
    });
  }, []);
  return { selected, select, clear, cursor, setCursor, hidden, toggle };
}
