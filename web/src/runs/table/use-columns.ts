// Which columns the table shows, and which of them stand beside the name: by the address, else as last time, else the usual.
import { useCallback, useMemo } from 'react';
import type { useRunKeys } from '../../api/runs.ts';
import { patchQuery, useParam } from '../../router.ts';
import { columnOf, defaultColumns, isKnown } from './columns.ts';
import { forgetColumns, useRememberedColumns, useUsual } from './remembered-columns.ts';

/** `room`: under which name they are remembered. `ofOne`: whether it is one experiment. */
export function useColumns(room: string, keys: ReturnType<typeof useRunKeys>['data'], ofOne: boolean) {
  const [cols, setCols] = useParam('cols', 'default');
  const [pin, setPin] = useParam('pin');
  const [saved] = useParam('saved');
  useRememberedColumns(room, { cols: cols === 'default' ? null : cols, pin: pin || null, ofView: saved !== '' });
  const usual = useUsual(
    room,
    useMemo(() => defaultColumns(keys, ofOne), [keys, ofOne]),
    keys !== undefined,
  );
  const ids = useMemo(() => (cols === 'default' ? usual : cols.split(',').filter(isKnown)), [cols, usual]);
  // Pinned ones stand first.
  const pinText = pin
    .split(',')
    .filter((id) => ids.includes(id))
    .join(',');
  const pinned = useMemo<ReadonlySet<string>>(() => new Set(pinText.split(',').filter(Boolean)), [pinText]);
  const columnText = [...pinned, ...ids.filter((id) => !pinned.has(id))].join(',');
  // The ids as text, so that polling the keys draws nothing anew.
  const columns = useMemo(() => columnText.split(',').filter(Boolean).map(columnOf), [columnText]);
  const setColumns = useCallback(
    (next: string[] | null) => {
      if (next === null) {
        forgetColumns(room);
        patchQuery({ cols: null, pin: null }, { replace: true });
      } else setCols(next.join(',') || 'none', { replace: true });
    },
    [setCols, room],
  );
  const setPinned = useCallback((next: string[]) => setPin(next.join(','), { replace: true }), [setPin]);
  return { ids, columns, setColumns, pinned, setPinned };
}
