// The order of names in a folder is that of their UTF-8 bytes, as S3 sorts, and pages of it are found without sorting all of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstByBytes, isAfter, sortByBytes } from '../../src/storage/bytes.ts';

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '\ue000', '🙂', 'é'), maxLength: 4 }),
);
const byBuffers = (names: string[]) => names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

test('as Buffers compare', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), (names) => {
      expect(sortByBytes([...names], (one) => one)).toEqual(byBuffers(names));
    }),
  );
});

test('pages of it are the whole, in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (names, limit) => {
      const read: string[] = [];
      for (let more = true, after: string | undefined; more; after = read.at(-1)) {
        const page = firstByBytes(
          names.filter((one) => isAfter(one, after)),
          (one) => one,
          limit,
        );
        expect(page.first.length).toBeLessThanOrEqual(limit);
        read.push(...page.first);
        more = page.more;
      }
      expect(read).toEqual(byBuffers(names));
    }),
  );
});
