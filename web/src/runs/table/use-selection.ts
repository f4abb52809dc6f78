// The runs that are ticked, and the one that the keys are at: the same again when one comes back to the room.
import { useCallback, useMemo } from 'react';
import { useTabState } from '../../kept.ts';

/** `room`: where they are ticked. `at`: the id of the run that the keys are at. */
export function useSelection(room: string) {
  const [ids, setIds] = useTabState<readonly string[]>(`ticks.${room}`, []);
  const [at, setAt] = useTabState<string | null>(`at.${room}`, null);
  const selected = useMemo<ReadonlySet<string>>(() => new Set(ids), [ids]);
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
  return { selected, select, clear, at, setAt };
}
