// The looks of the runs shown, kept while others come and go.
import { useMemo, useRef } from 'react';
import { slotsOf } from './slots.ts';

export function useSlots(ids: readonly string[]): ReadonlyMap<string, number> {
  const before = useRef<ReadonlyMap<string, number>>(new Map());
  const text = ids.join(',');
  return useMemo(() => {
    before.current = slotsOf(text ? text.split(',') : [], before.current);
    return before.current;
  }, [text]);
}
