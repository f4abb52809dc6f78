// Which run is under the pointer: pointing at a row lights up its curves, pointing at a curve its row.
import { useSyncExternalStore } from 'react';

let hovered: string | null = null;
const listeners = new Set<() => void>();

export function hover(runId: string | null): void {
  if (hovered === runId) return;
  hovered = runId;
  for (const listener of listeners) listener();
}

export function onHover(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const hoveredRun = (): string | null => hovered;
export const useHovered = (runId: string): boolean => useSyncExternalStore(onHover, () => hovered === runId);
