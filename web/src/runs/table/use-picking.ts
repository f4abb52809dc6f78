// Ticking one row, or with Shift all from the last one that was ticked.
import { useCallback, useRef } from 'react';
import type { TableRow } from '../../api/table.ts';

export type Picking = (index: number, on: boolean, ranged: boolean) => void;

export function usePicking(rows: TableRow[], select: (ids: string[], on: boolean) => void): Picking {
  const latest = useRef(rows);
  latest.current = rows;
  const last = useRef<string | null>(null);
  return useCallback(
    (index, on, ranged) => {
      const from = ranged ? latest.current.findIndex(({ runId }) => runId === last.current) : -1;
      const [first, end] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
      select(
        latest.current.slice(first, end + 1).map(({ runId }) => runId),
        on,
      );
      last.current = latest.current[index]?.runId ?? null;
    },
    [select],
  );
}
