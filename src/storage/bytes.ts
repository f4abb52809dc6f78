// Counts bytes on their way into a store, and refuses a body whose length isn't what was announced.
import { invalid } from '../lib/errors.ts';

/** `body` passes everything through; `size()` is what has passed. Throws INVALID_ARGUMENT at the end, or as soon as there is too much. */
export function counted(source: AsyncIterable<Uint8Array>, expected: number | undefined): { body: AsyncGenerator<Uint8Array>; size: () => number } {
  let size = 0;
  async function* pass() {
    for await (const chunk of source) {
      size += chunk.length;
      if (expected !== undefined && size > expected) break;
      yield chunk;
    }
    if (expected !== undefined && size !== expected) {
      throw invalid(
        `The body has ${size > expected ? 'more' : 'fewer'} bytes than the ${expected} that were announced. Nothing was stored; send it again.`,
      );
    }
  }
  return { body: pass(), size: () => size };
}

/**
 * UTF-8's order of bytes, as S3 sorts. JavaScript's own differs only where one has a character beyond U+FFFF: its halves (U+D800–DFFF) come before
 * U+E000–FFFF.
 */
function byteOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

export const sortByBytes = <T>(items: T[], by: (item: T) => string): T[] => items.sort((a, b) => byteOrder(by(a), by(b)));
export const isAfter = (name: string, mark: string | undefined): boolean => mark === undefined || byteOrder(name, mark) > 0;

/** The first `limit` in that order, and whether there are more: without sorting the rest. */
export function firstByBytes<T>(items: Iterable<T>, by: (item: T) => string, limit: number): { first: T[]; more: boolean } {
  let kept: T[] = [];
  let last: string | undefined;
  let more = false;
  const settle = () => {
    kept = sortByBytes(kept, by).slice(0, limit);
    last = kept.length === limit ? by(kept.at(-1)!) : undefined;
  };
  for (const item of items) {
    if (last !== undefined && byteOrder(by(item), last) > 0) {
      more = true;
      continue;
    }
    kept.push(item);
    if (kept.length <= 2 * limit) continue;
    more = true;
    settle();
  }
  more ||= kept.length > limit;
  settle();
  return { first: kept, more };
}
