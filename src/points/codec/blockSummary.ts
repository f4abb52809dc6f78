// The summary of a block that holds many points of each of its keys, as one request with a thousand steps makes. Curves of what was just logged are
// drawn from it, until compaction makes the same for chunks.
import { type Columns, isRising, slice } from './columns.ts';
import { packPlain, type Section, unpack } from './packing.ts';
import { ENDS, PART, summaryOf } from './sampling.ts';

/** Below this, the summary of a key is no help. */
const LEAST = 4 * PART;

/** Of one key's points. `ends`: first, last, least, greatest. `parts`: the least and greatest of each PART. */
export type Head = { count: number; ends: Columns; parts: Columns };

/** How many keys, how many points of each, and their summaries as points. Null where readers need the points: few of a key, or time that falls. */
export function packHead(sections: readonly Section[]): Buffer | null {
  if (!sections.every(([, points]) => points.values.length >= LEAST && isRising(points))) return null;
  const counts = Buffer.alloc(4 + 4 * sections.length);
  counts.writeUInt32LE(sections.length);
  for (const [index, [, points]] of sections.entries()) counts.writeUInt32LE(points.values.length, 4 + 4 * index);
  return Buffer.concat([counts, packPlain(sections.map(([keyId, points]) => [keyId, summaryOf(points, PART)]))]);
}

/** Key → its summary; only the keys wanted. */
export function unpackHead(packed: Buffer, wanted: ReadonlySet<number>): Map<number, Head> {
  const keys = packed.readUInt32LE(0);
  const found = new Map<number, Head>();
  let index = 0;
  for (const [keyId, points] of unpack(packed.subarray(4 + 4 * keys))) {
    const count = packed.readUInt32LE(4 + 4 * index);
    index += 1;
    if (wanted.has(keyId)) found.set(keyId, { count, ends: slice(points, 0, ENDS), parts: slice(points, ENDS, points.values.length) });
  }
  return found;
}
