// The runs that are ticked, those that the charts leave out, and the one that the keys are at: the same again when one comes back to the room.
import { useCallback, useMemo } from 'react';
import { useTabState } from '../../kept.ts';

type Ids = readonly string[];

/** `room`: where they are ticked. `at`: the id of the run that the keys are at. */
export function useSelection(room: string) {
  const [ids, setIds] = useTabState<Ids>(`ticks.${room}`, []);
  const [hiddenIds, setHidden] = useTabState<Ids>(`hidden.${room}`, []);
  const [at, setAt] = useTabState<string | null>(`at.${room}`, null);
  const selected = useMemo<ReadonlySet<string>>(() => new Set(ids), [ids]);
  const hidden = useMemo<ReadonlySet<string>>(() => new Set(hiddenIds), [hiddenIds]);
  const select = useCallback(
    (runIds: string[], on: boolean) =>
      setIds((before) => {
        const next = new Set(before);
        for (const id of runIds) on ? next.add(id) : next.delete(id);
        return [...next];
      }),
    [setIds],
  );
  const clear = useCallback(() => setIds([]), [setIds]);
  /** Without an id, all are shown again. */
  const toggle = useCallback(
    (runId?: string) =>
      setHidden((before) => {
        if (runId === undefined) return [];
        return before.includes(runId) ? before.filter((id) => id !== runId) : [...before, runId];
      }),
    [setHidden],
  );
  return { selected, select, clear, at, setAt, hidden, toggle };
}
