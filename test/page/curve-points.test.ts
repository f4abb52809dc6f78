// Points that come one by one make the curve that a read of all of them would give, whatever order they come in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Curve, type CurveAsk, type CurvePoint, mergePoints, withPoints, type XKind } from '../../web/src/api/curve-points.ts';
import { lineOf } from '../../web/src/charts/lines/lines.ts';

const point = fc.record({
  step: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 12 })),
  time: fc.oneof(fc.integer({ min: 1_000, max: 1_012 }), fc.constantFrom(-9e15, 1.8e18)),
  value: fc.constantFrom(0, -1, 1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
});
const axis = fc.constantFrom<XKind>('step', 'time', 'relative');

/** What there is to draw: every different point once, in order. NaN last, as the server has it. */
function model(points: CurvePoint[], x: XKind): string[] {
  const different = new Map(points.map((one) => [`${one.step} ${one.time} ${one.value}`, one]));
  const rank = (value: number) => (Number.isNaN(value) ? [1, 0] : [0, value]);
  const order = ({ step, time, value }: CurvePoint) => [...(x === 'step' ? [step, time] : [time, step]), ...rank(value)];
  const sorted = [...different.values()].sort((a, b) => {
    const [one, other] = [order(a), order(b)];
    const at = one.findIndex((part, index) => part !== other[index]);
    return at < 0 ? 0 : one[at]! < other[at]! ? -1 : 1;
  });
  return sorted.map(({ step, time, value }) => `${step} ${time} ${value}`);
}
const pointsOf = ({ steps, times, values }: Curve) => steps.map((step, at) => `${step} ${times[at]} ${values[at]}`);

describe('a curve that grows', () => {
  it('holds what was read and what was told, each once, on every axis', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), fc.array(fc.array(point, { maxLength: 8 }), { maxLength: 6 }), axis, (read, told, x) => {
        let curve: Curve | undefined = read.length > 0 ? mergePoints(undefined, read, x) : undefined;
        for (const batch of told) curve = mergePoints(curve, batch, x);
        expect(curve ? pointsOf(curve) : []).toEqual(model([...read, ...told.flat()], x));
      }),
      { numRuns: 2_000 },
    );
  });

  it('draws the same line as a read of all', () => {
    const options = { runId: 'r', label: 'r', colour: '#000', dash: null, smoothing: 0, log: false, startedAt: null };
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), fc.nat(), axis, (points, cut, x) => {
        const at = cut % points.length;
        const grown = points
          .slice(at)
          .reduce<Curve | undefined>((curve, one) => mergePoints(curve, [one], x), mergePoints(undefined, points.slice(0, at), x));
        expect(lineOf(grown!, { ...options, x })).toEqual(lineOf(mergePoints(undefined, points, x), { ...options, x }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes of a zoomed curve what lies in the zoom, of others only its own', () => {
    const asked: CurveAsk = { team: 't', runIds: ['a', 'b'], x: 'step', zoom: { from: 2, to: 4 }, points: 400 };
    const told = (runId: string, key: string, step: number) => ({ runId, key, step, time: step, value: step });
    const curves = withPoints(
      new Map(),
      'loss',
      asked,
      [0, 4, 3, 9].flatMap((step) => [told('a', 'loss', step), told('c', 'loss', step), told('b', 'other', step)]),
    );
    expect([...curves]).toEqual([['a', { steps: [3, 4], times: [3, 4], values: [3, 4] }]]);
  });
});
