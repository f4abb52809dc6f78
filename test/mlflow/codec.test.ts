// How requests of the MLflow protocol are read: both spellings of names, numbers as text, enumerations, and exact words for what is wrong.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bool,
  DecodeFault,
  double,
  faultToError,
  int,
  int64,
  list,
  message,
  oneOf,
  present,
  queryToJson,
  required,
  string,
} from '../../src/mlflow/codec.ts';

const shape = {
  run_id: required(string()),
  value: double(),
  step: int64(),
  max_results: int(),
  flag: bool(),
  status: oneOf({ RUNNING: 1, FINISHED: 3 }),
  tags: list(message({ key: required(string()), value: present(string()) })),
};
const decoder = message(shape);
const read = (value: object) => decoder.read({ run_id: 'r', ...value }, []);
function wrong(value: unknown): string {
  try {
    decoder.read(value, []);
  } catch (error) {
    return error instanceof DecodeFault ? faultToError(error, undefined).message : (error as Error).message;
  }
  return 'nothing';
}

test('names are read in both spellings, and what is unknown is left out', () => {
  expect(decoder.read({ runId: 'a', maxResults: '5', other: {} }, [])).toEqual({ run_id: 'a', max_results: 5, tags: [] });
  expect(decoder.read({ run_id: 'a', runId: 'b' }, [])).toMatchObject({ run_id: 'a' });
  expect(decoder.read(JSON.parse('{"run_id":"a","__proto__":{"step":5},"constructor":1}'), []).step).toBeUndefined();
});

test('every 64-bit integer is read exactly, as a number or as text, and nothing beyond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (long) => {
      expect(BigInt(read({ step: String(long) }).step!)).toBe(long);
      if (Number.isSafeInteger(Number(long))) expect(read({ step: Number(long) }).step).toBe(Number(long));
    }),
  );
  for (const step of [
    '9223372036854775808',
    '-9223372036854775809',
    '1.5',
    1.5,
    '',
    ' 1',
    '0x10',
    '1e3',
    true,
    {},
    [],
    Number.NaN,
    2 ** 63,
    '9'.repeat(1_000),
  ]) {
    expect([step, wrong({ run_id: 'r', step })]).toEqual([step, expect.stringContaining("for parameter 'step' supplied:  Hint: Value was of type")]);
  }
  expect(wrong({ run_id: 'r', max_results: '9007199254740993' })).toContain("'max_results'");
});

test('every double is read exactly', () => {
  fc.assert(
    fc.property(fc.double(), (number) => {
      expect(read({ value: String(number) }).value! + 0).toBe(number + 0);
      if (Number.isFinite(number)) expect(read({ value: number }).value).toBe(number);
    }),
  );
  for (const value of ['nan', 'inf', '0x1', '1,5', '', '1e', [], null === undefined, {}])
    expect([value, wrong({ run_id: 'r', value })]).toEqual([value, expect.stringContaining("'value'")]);
});

describe('what is wrong is said in MLflow’s words', () => {
  const help = ' See the API docs for more information about request parameters.';
  test.each([
    [{}, `Missing value for required parameter 'run_id'.${help}`],
    [{ run_id: '' }, `Missing value for required parameter 'run_id'.${help}`],
    [{ run_id: null }, `Missing value for required parameter 'run_id'.${help}`],
    [{ run_id: 5 }, `Invalid value 5 for parameter 'run_id' supplied:  Hint: Value was of type 'int'.${help}`],
    [{ run_id: 'r', tags: [{ key: 'k', value: 'v' }, { key: 'k' }] }, `Missing value for required parameter 'tags[1].value'.${help}`],
    [
      { run_id: 'r', tags: [{ key: {}, value: 'v' }] },
      `Invalid value {} for parameter 'tags[0].key' supplied:  Hint: Value was of type 'dict'.${help}`,
    ],
    [{ run_id: 'r', tags: 'x' }, `Invalid value "x" for parameter 'tags' supplied:  Hint: Value was of type 'str'.${help}`],
    [{ run_id: 'r', status: 'GONE' }, `Invalid value "GONE" for parameter 'status' supplied:  Hint: Value was of type 'str'.${help}`],
    [{ run_id: 'r', flag: 1.5 }, `Invalid value 1.5 for parameter 'flag' supplied:  Hint: Value was of type 'float'.${help}`],
    [{ run_id: 'a\0' }, "Parameter 'run_id' holds a NUL character, which can't be stored."],
    [{ run_id: '\ud800' }, "Parameter 'run_id' is not well-formed Unicode (a lone surrogate)."],
  ])('%j', (value, words) => {
    expect(wrong(value)).toBe(words);
  });

  test('also about what is nested deeper than can be printed', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    expect(wrong({ run_id: deep })).toContain("for parameter 'run_id'");
  });
});

test('enumerations are read by name and number, booleans as Python writes them', () => {
  expect([read({ status: 'FINISHED' }).status, read({ status: 3 }).status, read({ status: '1' }).status]).toEqual([
    'FINISHED',
    'FINISHED',
    'RUNNING',
  ]);
  expect([read({ flag: 'True' }).flag, read({ flag: 'false' }).flag, read({ flag: true }).flag]).toEqual([true, false, true]);
});

test('query strings become lists where the message has lists, else the last value counts', () => {
  expect(queryToJson({ tags: 'one', run_id: ['a', 'b'], maxResults: '5' }, shape)).toEqual({ tags: ['one'], run_id: 'b', maxResults: '5' });
});

test('any JSON at all is read or refused', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        decoder.read(value, []);
      } catch (error) {
        expect(error instanceof DecodeFault || (error as { code?: string }).code === 'INVALID_ARGUMENT').toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
