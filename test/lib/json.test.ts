// JSON as ML clients write it: everything comes back, numbers to the last digit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson, sourceAt, stringifyJson } from '../../src/lib/json.ts';

describe('parseJson', () => {
  test('reads whatever JSON.parse reads, like it, unless an integer is too long for a number', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        if (!/\d{16}/.test(text)) expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test('leaves every double as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
        const read = parseJson(JSON.stringify({ numbers, nan: '§' }).replace('"§"', 'NaN')) as { numbers: (number | string)[] };
        expect(read.numbers.map((number) => Number(number) + 0)).toEqual(numbers.map((number) => number + 0));
      }),
    );
    expect(parseJson('[0.3333333333333333, 12345678901234.5, 1.7976931348623157e308, 1e400]')).toEqual([
      1 / 3,
      12345678901234.5,
      Number.MAX_VALUE,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test('gives bare NaN, infinities and long integers as text', () => {
    expect(parseJson('{"a":NaN,"b":[-Infinity,Infinity],"c":9223372036854775807,"d":-9223372036854775808,"e":123456789012345}')).toEqual({
      a: 'NaN',
      b: ['-Infinity', 'Infinity'],
      c: '9223372036854775807',
      d: '-9223372036854775808',
      e: 123456789012345,
    });
  });

  test('touches nothing inside strings, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('NaN', '🦉\u2028\0', '"NaN', '\\', '\\"', '1234567890123456789', 'a\\\\"Infinity'))),
        (texts) => {
          expect(parseJson(JSON.stringify({ odd: '§', texts }).replace('"§"', 'NaN'))).toEqual({ odd: 'NaN', texts });
        },
      ),
    );
  });

  test('reads strings of many megabytes, and refuses what is no JSON without taking long', () => {
    const text = 'x\\n'.repeat(2_000_000);
    expect((parseJson(`[NaN, "${text}"]`) as string[])[1]!.length).toBe(4_000_000);
    for (const bad of [
      'NaN"',
      '"NaN',
      '[NaN',
      '\\NaN',
      `${'"\\'.repeat(500_000)}NaN`,
      'Infinity'.repeat(100_000),
      '-',
      '--NaN',
      '1234567890123456789.',
    ]) {
      expect(() => parseJson(bad)).toThrow(SyntaxError);
    }
  });
});

test('stringifyJson prints 64-bit integers as numbers, beside anything else', () => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(long, fc.jsonValue(), (value, other) => {
      const text = stringifyJson({ other, list: [{ value }], text: `${value}` });
      expect(text).toContain(`"list":[{"value":${value}}]`);
      const read = JSON.parse(text) as { other: unknown; text: string };
      expect([read.other, read.text]).toEqual([JSON.parse(JSON.stringify(other)), `${value}`]);
    }),
  );
});

test('sourceAt finds a value as its author wrote it', () => {
  expect(sourceAt('{"metrics":[{"step":9.0}]}', ['metrics', 0, 'step'])).toBe('9.0');
  expect(sourceAt('{"a":{"b":"x"}}', ['a'])).toBe('{"b":"x"}');
  expect(sourceAt('{"a":1}', ['b'])).toBeUndefined();
  expect(sourceAt('no json', ['a'])).toBeUndefined();
});
