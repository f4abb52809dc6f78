// What is packed comes out again, and down-sampling keeps what it promises.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Long } from '../../src/lib/long.ts';
import { type Columns, comparePoints, mergeColumns, statisticsOf, withoutStored } from '../../src/points/codec/columns.ts';
import { packDeflated, packPlain, type Section, unpack } from '../../src/points/codec/packing.ts';
import { endsOf, largestTriangles, PART, type Piece, sampleExtremes, thin } from '../../src/points/codec/sampling.ts';

const long = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Long => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  fc.constantFrom<Long>(2n ** 63n - 1n, -(2n ** 63n), Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
);
const value = fc
  .oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, Number.MAX_VALUE))
  .map((x) => x + 0);
const columns = (points: [Long, Long, number][]): Columns => ({
  steps: points.map(([step]) => step),
  timestamps: points.map(([, timestamp]) => timestamp),
  values: points.map(([, , x]) => x),
});
const series = fc.array(fc.tuple(long, long, value), { minLength: 1, maxLength: 60 }).map((points) => mergeColumns([columns(points)]));
const plain = ({ steps, timestamps, values }: Columns) => Array.from(values, (x, index) => [steps[index], timestamps[index], x]);
const sections = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), series), { selector: ([keyId]) => keyId, maxLength: 6 })
  .map((list): Section[] => list.sort((a, b) => a[0] - b[0]));

describe('packed points', () => {
  test('come out as they went in, all of them or those of one key', async () => {
    await fc.assert(
      fc.asyncProperty(sections, async (given) => {
        for (const packed of [packPlain(given), await packDeflated(given)]) {
          const out = unpack(packed);
          expect([...out.keys()]).toEqual(given.map(([keyId]) => keyId));
          for (const [keyId, points] of given) {
            expect(plain(out.get(keyId)!)).toEqual(plain(points));
            expect(plain(unpack(packed, new Set([keyId])).get(keyId)!)).toEqual(plain(points));
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('take little room', async () => {
    const length = 4_096;
    const loss = Float64Array.from({ length }, (_none, index) => Math.fround(2 * Math.exp(-index / 1_000) + Math.sin(index * 12.9898) / 10));
    const points: Columns = {
      steps: Float64Array.from({ length }, (_none, index) => index),
      timestamps: Float64Array.from({ length }, (_none, index) => 1_700_000_000_000 + index * 117 + ((index * 7_919) % 31)),
      values: loss,
    };
    expect(packPlain([[1, points]]).length / length).toBeLessThan(12);
    expect((await packDeflated([[1, points]])).length / length).toBeLessThan(6);
  });
});

test('merging orders points and drops repeated ones, and what is stored is told from what is new', () => {
  fc.assert(
    fc.property(series, series, (a, b) => {
      const merged = mergeColumns([a, b]);
      for (let index = 1; index < merged.values.length; index += 1) expect(comparePoints(merged, index - 1, merged, index)).toBeLessThan(0);
      const fresh = withoutStored(b, a);
      expect(merged.values.length).toBe(a.values.length + fresh.values.length);
      expect(plain(mergeColumns([a, fresh]))).toEqual(plain(merged));
      expect(statisticsOf(merged).count).toBe(merged.values.length);
    }),
  );
});

describe('down-sampling', () => {
  const curve = (values: number[]): Columns => ({ steps: values.map((_x, index) => index), timestamps: values.map(() => 0), values });
  const values = fc.array(
    fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, 1)).map((x) => x + 0),
    { minLength: 1, maxLength: 700 },
  );
  const least = (list: number[]) => (list.some(Number.isNaN) ? Number.NaN : Math.min(...list));
  const greatest = (list: number[]) => (list.every(Number.isNaN) ? Number.NaN : Math.max(...list.filter((x) => !Number.isNaN(x))));

  test('keeps the extremes of each stretch, in order, and whole what is short', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (list, stretches) => {
        const pieces: Piece[] = [{ points: curve(list), every: 1, count: list.length }];
        const indexes = sampleExtremes(pieces, stretches).map(({ index }) => index);
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
        if (list.length <= 2 * stretches) expect(indexes).toHaveLength(list.length);
        else {
          expect(indexes.length).toBeLessThanOrEqual(2 * stretches);
          for (let stretch = 0; stretch < stretches; stretch += 1) {
            const inside = (index: number) => Math.floor((index * stretches) / list.length) === stretch;
            const all = list.filter((_x, index) => inside(index));
            const kept = indexes.filter(inside).map((index) => list[index]!);
            expect([least(kept), greatest(kept)]).toEqual([least(all), greatest(all)]);
          }
        }
      }),
    );
  });

  test('from thinned pieces keeps the extremes of the whole', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 4 }), (list, stretches) => {
        const points = curve(list);
        const thinned = thin(points, PART);
        expect(thinned.values).toHaveLength(2 * Math.ceil(list.length / PART));
        const kept = sampleExtremes([{ points: thinned, every: PART, count: list.length }], stretches).map(({ index }) => thinned.values[index]!);
        expect([least(kept), greatest(kept)]).toEqual([least(list), greatest(list)]);
        const ends = endsOf(points);
        expect([...ends.values]).toEqual([list[0], list.at(-1), least(list), greatest(list)]);
      }),
    );
  });

  test('by largest triangles keeps both ends and the spike', () => {
    const y = Array.from({ length: 1_000 }, (_none, index) => (index === 617 ? 50 : Math.sin(index / 50)));
    const kept = largestTriangles([...y.keys()], y, 60);
    expect(kept).toHaveLength(60);
    expect([kept[0], kept.at(-1), kept.includes(617)]).toEqual([0, 999, true]);
  });
});
