// What drawings are made of: ticks, boxes, bands around a mean, and lines that differ.
import { describe, expect, it } from 'vitest';
import { bandOf } from '../../web/src/charts/lines/bands.ts';
import { printRanges, readRanges, yRangeOf } from '../../web/src/charts/lines/y-range.ts';
import { slotsOf, strokeOf } from '../../web/src/charts/slots.ts';
import { boxOf } from '../../web/src/charts/statistics.ts';
import { groupStrength, rankCorrelation } from '../../web/src/charts/story/strength.ts';
import { candidatesOf, improvements, type TrialRow, trialsOf } from '../../web/src/charts/story/trials.ts';
import { clippedTexts, divisible, durationTicks, labelsOf, ticksOf } from '../../web/src/charts/ticks.ts';
import { diffLines, hunksOf } from '../../web/src/compare/diff.ts';

/** The same numbers every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a label says. */
const read = (label: string) => Number(label.replaceAll('−', '-').replace('+', ''));

describe('ticks', () => {
  it('are round, lie within, and don’t gather errors', () => {
    expect(ticksOf({ low: 0, high: 1 }, 5).values).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksOf({ low: -0.07, high: 0.31 }, 4).values).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticksOf({ low: 3, high: 3 })).toEqual({ values: [3], labels: ['3'], base: '' });
    expect(ticksOf({ low: 0, high: 3 }, 9, { whole: true }).values).toEqual([0, 1, 2, 3]);
  });

  it('are powers of ten on a log axis, with steps between where these are few', () => {
    expect(ticksOf({ low: 0.001, high: 100_000 }, 9, { log: true }).values).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000]);
    expect(ticksOf({ low: 0.05, high: 0.3 }, 5, { log: true }).values).toEqual([0.05, 0.1, 0.2]);
  });

  it('read differently wherever they differ, shortly, and exactly as they are, whatever the size and the width of the range', () => {
    const random = numbers(7);
    for (let round = 0; round < 1_500; round += 1) {
      const size = 10 ** (random() * 60 - 30) * (random() < 0.5 ? -1 : 1);
      // From three times the value down to what numbers of that size can just tell apart.
      const [low, high] = divisible(size, size + Math.abs(size) * 10 ** (random() * 15 - 14.5));
      const log = random() < 0.2 && low > 0;
      const { values, labels, base } = ticksOf({ low, high }, 2 + Math.floor(random() * 10), { log });
      const told = JSON.stringify({ low, high, log, labels, base });
      expect(values.length, told).toBeGreaterThan(0);
      expect(new Set(labels).size, told).toBe(new Set(values).size);
      expect(new Set(values).size, told).toBe(values.length);
      for (const [at, label] of labels.entries()) {
        expect(label.length, told).toBeLessThanOrEqual(11);
        const said = read(base || '0') + read(label);
        expect(Math.abs(said - values[at]!), told).toBeLessThanOrEqual(Math.abs(values[at]!) * 4e-16 + Number.MIN_VALUE);
        expect(values[at]! >= low - (high - low) * 0.01 && values[at]! <= high + (high - low) * 0.01, told).toBe(true);
      }
    }
  });

  it('of lengths of time are steps that people count in, and read differently', () => {
    expect(durationTicks({ low: 0, high: 400 }, 4).labels).toEqual(['0', '2m', '4m', '6m']);
    const random = numbers(3);
    for (let round = 0; round < 1_000; round += 1) {
      const low = random() * 10 ** (random() * 8);
      const { values, labels } = durationTicks({ low, high: low + 10 ** (random() * 9 - 3) }, 5);
      expect(new Set(labels).size, JSON.stringify({ low, labels })).toBe(values.length);
    }
  });

  it('of values and texts, too, are told apart', () => {
    expect(labelsOf([59.7401, 59.7402, 61])).toEqual(['59.7401', '59.7402', '61']);
    expect(labelsOf([1.5, Number.NaN, Number.NEGATIVE_INFINITY])).toEqual(['1.5', 'NaN', '−∞']);
    expect(clippedTexts(['a-long-name-1', 'a-long-name-2', 'x'], 8)).toEqual(['…-name-1', '…-name-2', 'x']);
  });
});

describe('the y axis', () => {
  it('shows all values, or without outliers the most of them, or what was given, and counts what lies beyond', () => {
    const values = [...Array.from({ length: 100 }, (_, at) => 1 + at / 100), 1e6];
    const ask = { log: false, outliers: false, hand: null };
    expect(yRangeOf(values, ask)).toMatchObject({ above: 0, below: 0 });
    expect(yRangeOf(values, ask).range[0]).toBe(0);
    const cut = yRangeOf(values, { ...ask, outliers: true });
    expect(cut.range[1]).toBeLessThan(3);
    expect(cut.above).toBe(1);
    expect(yRangeOf(values, { ...ask, hand: { low: 1.5, high: 3 } })).toMatchObject({ range: [1.5, 3], below: 50, above: 1 });
    expect(yRangeOf([7, 7], ask).range).toEqual([7 * 0.95, 7 * 1.05].map((one) => expect.closeTo(one, 9)));
    const ranges = new Map([['a|b~c/%', { low: -1, high: null }]]);
    expect(readRanges(printRanges(ranges))).toEqual(ranges);
  });
});

describe('colours', () => {
  it('go by place among what is shown: no twins in the first ten, none in the first forty with their dashes, and who stays keeps his', () => {
    const random = numbers(5);
    let slots: ReadonlyMap<string, number> = new Map();
    let ids: string[] = [];
    for (let round = 0; round < 300; round += 1) {
      const before = ids;
      ids = [...ids.filter(() => random() < 0.8), ...Array.from({ length: Math.floor(random() * 8) }, (_, at) => `${round}.${at}`)].slice(-40);
      const next = slotsOf(ids, slots);
      const looks = ids.map((id) => JSON.stringify(strokeOf(next.get(id)!)));
      expect(new Set(looks).size).toBe(ids.length);
      if (ids.length <= 10) expect(new Set(ids.map((id) => strokeOf(next.get(id)!).colour)).size).toBe(ids.length);
      for (const id of before) if (next.has(id) && slots.get(id)! < ids.length) expect(next.get(id)).toBe(slots.get(id));
      slots = next;
    }
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

describe('trials', () => {
  const row = (name: string, startedAt: number, loss: number | null, more: Partial<TrialRow> = {}): TrialRow => ({
    runId: name,
    name,
    startedAt,
    parent: null,
    values: new Map(loss === null ? [] : [['loss', loss]]),
    counts: new Map(loss === null ? [] : [['loss', 1]]),
    params: new Map(),
    ...more,
  });
  const rows = [
    row('search', 0, 2),
    row('c', 30, 2, { parent: 'search' }),
    row('a', 10, 3, { parent: 'search' }),
    row('b', 20, Number.NaN, { parent: 'search' }),
    row('d', 40, 2.5, { parent: 'search' }),
    row('e', 50, null),
  ];

  it('stand in the order of their start, without the run that only holds them, and say who has no place', () => {
    const { trials, parents, unplaced, without } = trialsOf(rows, 'loss');
    expect(trials.map(({ row: { name }, at }) => [name, at])).toEqual([
      ['a', 1],
      ['c', 3],
      ['d', 4],
    ]);
    expect([parents.map(({ name }) => name), unplaced, without]).toEqual([['search'], 1, 1]);
    expect(improvements(trials, 'lowest').map(({ row: { name } }) => name)).toEqual(['a', 'c']);
    expect(improvements(trials, 'highest').map(({ row: { name } }) => name)).toEqual(['a']);
    expect(candidatesOf(rows, ['loss', 'none'], () => null)).toEqual([{ metric: 'loss', runs: 3, single: true }]);
  });

  it('go with a param as closely as its ranks, or its groups, say', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 25, 1_000])).toBeCloseTo(1);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1);
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBe(0);
    expect(groupStrength([0, 0, 1, 1], [1, 2, 30, 40])).toBeGreaterThan(0.7);
    expect(groupStrength([0, 1, 2, 3], [1, 2, 3, 4])).toBe(0);
  });
});
