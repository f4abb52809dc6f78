// Which colour and dash a run has in the charts: by its place among what is shown, so that no two of the first ten look alike. Pure.
import { RUN_COLOURS } from '../format.ts';

export const DASHES: readonly (number[] | null)[] = [null, [6, 3], [2, 2], [8, 3, 2, 3]];

/** Who was shown before keeps its place as long as there is one; whoever is new takes the first that is free. */
export function slotsOf(ids: readonly string[], before: ReadonlyMap<string, number> = new Map()): Map<string, number> {
  const taken = new Set<number>();
  const kept = new Map<string, number>();
  for (const id of ids) {
    const slot = before.get(id);
    if (slot === undefined || slot >= ids.length || taken.has(slot) || kept.has(id)) continue;
    kept.set(id, slot);
    taken.add(slot);
  }
  let free = 0;
  const slots = new Map<string, number>();
  for (const id of ids) {
    if (slots.has(id)) continue;
    const slot = kept.get(id);
    if (slot === undefined) while (taken.has(free)) free += 1;
    slots.set(id, slot ?? free);
    taken.add(slot ?? free);
  }
  return slots;
}

export type Stroke = { colour: string; dash: number[] | null };

/** Beyond forty the looks begin again: nobody tells so many apart, and pointing at one lights it up. */
export const strokeOf = (slot: number): Stroke => ({
  colour: RUN_COLOURS[slot % RUN_COLOURS.length]!,
  dash: DASHES[Math.floor(slot / RUN_COLOURS.length) % DASHES.length]!,
});
