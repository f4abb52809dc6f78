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

const BYTE_ORDER = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Sorts by UTF-8 bytes, as S3 does; JavaScript's own order differs beyond U+FFFF. */
export const sortByBytes = <T>(items: T[], by: (item: T) => string): T[] => items.sort((a, b) => BYTE_ORDER(by(a), by(b)));
export const isAfter = (name: string, mark: string | undefined): boolean => mark === undefined || BYTE_ORDER(name, mark) > 0;
