// What this machine remembers of a table: columns that were chosen, and those that the usual choice came to, so that the first question is the right one.
import { useEffect, useState } from 'react';
import { patchQuery } from '../../router.ts';

function read(key: string): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

/** Chosen columns stand in the address, and are kept; where it says nothing of columns, nor of a view, those of the last time are put there. */
export function useRememberedColumns(room: string, chosen: { cols: string | null; pin: string | null; ofView: boolean }): void {
  const key = `runledger.columns.${room}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: on entering the room alone; what is changed there is kept below
  useEffect(() => {
    const { cols, pin } = read(key);
    if (!chosen.ofView && chosen.cols === null && chosen.pin === null && (cols || pin)) patchQuery({ cols, pin }, { replace: true });
  }, [key]);
  useEffect(() => {
    if (chosen.cols !== null || chosen.pin !== null) localStorage.setItem(key, JSON.stringify({ cols: chosen.cols, pin: chosen.pin }));
  }, [key, chosen.cols, chosen.pin]);
}

export const forgetColumns = (room: string): void => localStorage.removeItem(`runledger.columns.${room}`);

/** The usual columns as they were the last time, until the keys are known: rows and values are then asked for once. */
export function useUsual(room: string, usual: string[], known: boolean): string[] {
  const key = `runledger.usual.${room}`;
  const [before] = useState(() => localStorage.getItem(key)?.split(',') ?? null);
  const text = usual.join(',');
  useEffect(() => {
    if (known) localStorage.setItem(key, text);
  }, [key, text, known]);
  return known || !before ? usual : before;
}

/** One of the given texts, remembered. */
export function useKept<T extends string>(key: string, values: readonly T[]): [T, (value: T) => void] {
  const [value, set] = useState<T>(() => values.find((one) => one === localStorage.getItem(key)) ?? values[0]!);
  return [
    value,
    (next) => {
      localStorage.setItem(key, next);
      set(next);
    },
  ];
}
