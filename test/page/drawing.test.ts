// What drawings are made of: ticks, boxes, bands around a mean, and lines that differ.
import { describe, expect, it } from 'vitest';
import { bandOf } from '../../web/src/charts/lines/bands.ts';
import { boxOf, ticksOf } from '../../web/src/charts/statistics.ts';
import { diffLines, hunksOf } from '../../web/src/compare/diff.ts';

describe('ticks', () => {
  it('are round, lie within, and don’t gather errors', () => {
    expect(ticksOf({ low: 0, high: 1 }, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf({ low: -0.07, high: 0.31 }, 4)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticksOf({ low: 3, high: 3 })).toEqual([3]);
    for (const [low, high] of [
      [1e-9, 3e-9],
      [12_345, 99_999],
      [-5, 7.5],
    ] as const)
      for (const tick of ticksOf({ low, high })) expect(tick >= low - 1e-12 && tick <= high + 1e-12).toBe(true);
  });

  it('are powers of ten on a log axis, with steps between where these are few', () => {
    expect(ticksOf({ low: 0.001, high: 100_000 }, 5, true)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000]);
    expect(ticksOf({ low: 0.05, high: 0.3 }, 5, true)).toEqual([0.05, 0.1, 0.2]);
  });
});

describe('a box', () => {
  it('has quartiles between values, whiskers within reach, and tells what lies outside', () => {
    expect(boxOf([1, 2, 3, 4, 100, Number.NaN])).toEqual({ low: 1, q1: 2, median: 3, q3: 4, high: 4, outside: [100], count: 5, mean: 22 });
    expect(boxOf([7])).toMatchObject({ low: 7, q1: 7, median: 7, q3: 7, high: 7, outside: [] });
    expect(boxOf([Number.NaN])).toBeNull();
  });
});

describe('a band', () => {
  it('is the mean of curves at their own places, drawn straight between points, and no further than they reach', () => {
    const curves = [
      { xs: [0, 2, 4], ys: [0, 2, 4] },
      { xs: [0, 4], ys: [2, 6] },
      { xs: [4, 6], ys: [8, 8] },
    ];
    expect(bandOf(curves, 'range')).toEqual({
      xs: [0, 2, 4, 6],
      mean: [1, 3, 6, 8],
      low: [0, 2, 4, 8],
      high: [2, 4, 8, 8],
      runs: [2, 2, 3, 1],
    });
    const [low, high] = [bandOf(curves, 'sd').low[0]!, bandOf(curves, 'sd').high[0]!];
    expect(high - low).toBeCloseTo(2 * Math.SQRT2);
  });

  it('passes over gaps, and thins what has too many places', () => {
    expect(bandOf([{ xs: [0, 1, 2], ys: [1, null, 3] }], 'sd').mean).toEqual([1, 3]);
    const long = { xs: Array.from({ length: 5_000 }, (_, at) => at), ys: Array.from({ length: 5_000 }, () => 1) };
    const band = bandOf([long], 'sd');
    expect([band.xs.length, band.xs[0], band.xs.at(-1)]).toEqual([400, 0, 4_999]);
    expect(bandOf([], 'sd').xs).toEqual([]);
  });
});

describe('lines that differ', () => {
  it('are told with what stands around them', () => {
    const before = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    const after = [...before.slice(0, 10), 'new', ...before.slice(11), 'end'];
    const lines = diffLines(before.join('\n'), `${after.join('\n')}\n`)!;
    expect(lines.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'removed', text: 'line 10' },
      { kind: 'added', text: 'new' },
      { kind: 'added', text: 'end' },
    ]);
    expect(lines.filter(({ kind }) => kind !== 'added').map(({ text }) => text)).toEqual(before);
    expect(lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text)).toEqual(after);
    expect(hunksOf(lines, 1).map(({ skipped, lines: shown }) => [skipped, shown.length])).toEqual([
      [9, 4],
      [17, 2],
    ]);
  });

  it('are none in equal texts, and not compared where too many', () => {
    expect(hunksOf(diffLines('a\nb', 'a\nb')!)).toEqual([]);
    const many = (mark: string) => Array.from({ length: 2_000 }, (_, at) => `${mark}${at}`).join('\n');
    expect(diffLines(many('a'), many('b'))).toBeNull();
  });
});
