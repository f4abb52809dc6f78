// Times as clients' clocks say them: no number throws, and what is no date reads as the number that it is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableRow } from '../../web/src/api/table-rows.ts';
import { lineOf } from '../../web/src/charts/lines/lines.ts';
import { bounds, xText, xTicks } from '../../web/src/charts/lines/x-axis.ts';
import { duration } from '../../web/src/format.ts';
import { print } from '../../web/src/runs/export/export-text.ts';
import { columnOf } from '../../web/src/runs/table/columns.ts';
import { ago, hintOf, isCalendar, isoOf, knownTime, millisOf, moment } from '../../web/src/times.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const edge = fc.constantFrom(0n, 1n, -1n, 1_800_000_000_000n, 1_800_000_000_000_000_000n, -9_000_000_000_000_000n, 8_640_000_000_000_000n);
const when = fc
  .tuple(fc.oneof(int64, edge), fc.constantFrom('number', 'digits', 'text'))
  .map(([time, as]) => (as === 'number' ? Number(time) : as === 'digits' ? String(time) : `${time}Z`));

describe('any time', () => {
  it('is a date or a number, in words, as age, in ISO and along an axis', () => {
    fc.assert(
      fc.property(fc.oneof(when, fc.constantFrom(null, undefined, '', 'soon', Number.NaN, Number.POSITIVE_INFINITY)), (time) => {
        const texts = [
          moment(time),
          ago(time),
          ago(time, 0),
          isoOf(time) ?? '',
          hintOf(time),
          duration(millisOf(time)),
          xText('time', Number(time) / 1000),
        ];
        for (const text of texts) {
          expect(typeof text).toBe('string');
          expect(text).not.toMatch(/Invalid|undefined|null/);
        }
        if (millisOf(time) !== null) expect(moment(time)).not.toBe('');
        // What is no date says why.
        expect(hintOf(time) === '').toBe(millisOf(time) === null || knownTime(time) !== null);
        const range = bounds([{ xs: [Number(time)] }], null, 'step');
        if (!Number.isFinite(Number(time)) || !range) return;
        for (const x of ['step', 'time', 'relative'] as const) {
          const { values, labels } = xTicks(x, ...range, 5);
          expect(labels.join(' ')).not.toMatch(/Invalid|undefined|NaN/);
          expect(new Set(labels).size).toBe(values.length);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is shown as it was logged where no calendar holds it', () => {
    expect(moment(1.8e18)).toBe('1800000000000000000');
    expect(hintOf(1.8e18)).toContain('nanoseconds');
    expect(hintOf('1800000000000000000')).toMatch(/2027/);
    expect(moment('-9000000000000000')).toBe('-9000000000000000');
    expect(moment('+275760-09-13T00:00:00.000Z')).toBe('after the year 275760');
    expect(ago(Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 2, 3))).toBe('3h ago');
    expect(ago(Date.UTC(3026, 0, 2), 0)).toBe('3026-01-02');
    expect(duration(-90_000)).toBe('−1m 30s');
  });

  it('is exported', async () => {
    const row = (time: number | string | null): TableRow => ({
      runId: 'r',
      name: 'r',
      status: 'FINISHED',
      startedAt: null,
      nested: false,
      cells: { 'attributes.start_time': time, 'attributes.end_time': time },
    });
    const rows = [1.8e18, '1800000000000000001', -9e15, null, Date.UTC(2026, 0)].map(row);
    const columns = ['attributes.start_time', 'attributes.end_time'].map(columnOf);
    const csv = (await print(rows, columns, 'csv').text()).trim().split('\r\n');
    expect(csv.slice(1).map((line) => line.split(',')[3])).toEqual([
      '1800000000000000000',
      '1800000000000000001',
      '-9000000000000000',
      '',
      '2026-01-01T00:00:00.000Z',
    ]);
    expect(JSON.parse(await print(rows, columns, 'json').text())).toHaveLength(5);
  });
});

describe('an axis of times', () => {
  const options = { runId: 'r', label: 'r', colour: '#000', dash: null, smoothing: 0, log: false };
  it('has dates where a calendar has them, and a width that numbers can tell apart', () => {
    fc.assert(
      fc.property(fc.array(int64.map(Number), { minLength: 1, maxLength: 5 }), fc.constantFrom('time', 'step', 'relative'), (times, x) => {
        const curve = { steps: times, times, values: times.map(() => 1) };
        const { line } = lineOf(curve, { ...options, x: x as 'time', startedAt: null });
        const [low, high] = bounds([line], null, x as 'time')!;
        expect(low).toBeLessThan(high);
        expect(low + (high - low) / 1_000).toBeGreaterThan(low);
        if (isCalendar([low, high])) expect(Number.isNaN(new Date(low * 1000).getTime() + new Date(high * 1000).getTime())).toBe(false);
      }),
    );
    const near = { steps: [1, 2], times: [1.8e18, 1.8e18 + 256], values: [1, 2] };
    const [low, high] = bounds([lineOf(near, { ...options, x: 'time', startedAt: null }).line], null, 'time')!;
    expect(low + (high - low) / 1_000).toBeGreaterThan(low);
    expect(isCalendar([low, high])).toBe(false);
  });
});
