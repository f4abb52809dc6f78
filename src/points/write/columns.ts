// What runs log, as columns: parallel arrays of numbers, which pack and travel many times faster than objects.
import { type Long, shortLong } from '../../lib/long.ts';
import { mergeColumns } from '../codec/columns.ts';
import type { Section } from '../codec/packing.ts';

/** Parallel arrays, in any order. */
export type PointColumns = { keyIds: number[]; steps: Long[]; timestamps: Long[]; values: number[] };
/** Parallel arrays; sorted by keyId, each once. */
export type ValueColumns = { keyIds: number[]; values: string[] };

/** The state of the run, read by the same statement that writes. */
export type RunState = { runId: string; experimentId: number; deleted: boolean } | undefined;

/** What one run is given at once. `sections` by key. */
export type RunWrite = { runId: string; sections: Section[]; tags: ValueColumns; params: ValueColumns };
export const NO_VALUES: ValueColumns = { keyIds: [], values: [] };

/** By key and in order, each point once. -0 is 0: they are equal to Postgres, and print the same. */
export function toSections(parts: readonly PointColumns[]): Section[] {
  const byKey = new Map<number, { steps: Long[]; timestamps: Long[]; values: number[] }>();
  for (const { keyIds, steps, timestamps, values } of parts) {
    for (let index = 0; index < keyIds.length; index += 1) {
      let points = byKey.get(keyIds[index]!);
      if (!points) {
        points = { steps: [], timestamps: [], values: [] };
        byKey.set(keyIds[index]!, points);
      }
      points.steps.push(shortLong(steps[index]!));
      points.timestamps.push(shortLong(timestamps[index]!));
      points.values.push(values[index]! + 0);
    }
  }
  return [...byKey].sort((a, b) => a[0] - b[0]).map(([keyId, points]): Section => [keyId, mergeColumns([points])]);
}
