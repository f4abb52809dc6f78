// One table of faults: what users did is 4xx with the protocol's code, what we did is 500 and says nothing, what passes is 503.
import { describe, expect, test } from 'vitest';
import { mlflowError, toAppError } from '../../src/http/errors.ts';
import { AppError, ERROR_TABLE, type ErrorCode } from '../../src/lib/errors.ts';
import { named } from '../../src/postgres/errors.ts';

test('statuses and codes are those that MLflow clients act upon', () => {
  const shown = Object.entries(ERROR_TABLE).map(([code, { status, mlflow }]) => `${code} ${status} ${mlflow}`);
  expect(shown).toMatchInlineSnapshot(`
    [
      "UNAUTHENTICATED 401 UNAUTHENTICATED",
      "FORBIDDEN 403 PERMISSION_DENIED",
      "NOT_FOUND 404 RESOURCE_DOES_NOT_EXIST",
      "ENDPOINT_NOT_FOUND 404 ENDPOINT_NOT_FOUND",
      "ALREADY_EXISTS 400 RESOURCE_ALREADY_EXISTS",
      "PERSISTED_QUERY_NOT_FOUND 200 INVALID_PARAMETER_VALUE",
      "CONFLICT 409 RESOURCE_CONFLICT",
      "INVALID_ARGUMENT 400 INVALID_PARAMETER_VALUE",
      "FAILED_PRECONDITION 400 INVALID_PARAMETER_VALUE",
      "LIMIT_EXCEEDED 400 INVALID_PARAMETER_VALUE",
      "TOO_LARGE 413 INVALID_PARAMETER_VALUE",
      "RANGE_NOT_SATISFIABLE 416 INVALID_PARAMETER_VALUE",
      "NOT_IMPLEMENTED 501 NOT_IMPLEMENTED",
      "UNAVAILABLE 503 TEMPORARILY_UNAVAILABLE",
      "INTERNAL 500 INTERNAL_ERROR",
    ]
  `);
  // The client retries these for minutes.
  const retried = Object.entries(ERROR_TABLE).filter(([, { status }]) => [408, 429, 500, 502, 503, 504].includes(status));
  expect(retried.map(([code]) => code)).toEqual(['UNAVAILABLE', 'INTERNAL']);
});

describe('anything thrown becomes one of them', () => {
  const coded = (code: string, statusCode?: number) => Object.assign(new Error('secret'), { code, statusCode });
  const cases: [string, unknown, ErrorCode][] = [
    ['an AppError', new AppError('CONFLICT', 'x'), 'CONFLICT'],
    ['a body over the limit', coded('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'TOO_LARGE'],
    ['a malformed content type', coded('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'INVALID_ARGUMENT'],
    ['a fault of the framework', coded('FST_ERR_REP_ALREADY_SENT', 500), 'INTERNAL'],
    ['a number out of range', coded('22003'), 'INVALID_ARGUMENT'],
    ['text that can’t be stored', coded('22021'), 'INVALID_ARGUMENT'],
    ['a key too long for an index', coded('54000'), 'INVALID_ARGUMENT'],
    ['a search too deep for Postgres', coded('54001'), 'INVALID_ARGUMENT'],
    ['a unique key taken meanwhile', coded('23505'), 'ALREADY_EXISTS'],
    ['a parent gone meanwhile', coded('23503'), 'NOT_FOUND'],
    ['a deadlock that retries did not solve', coded('40P01'), 'UNAVAILABLE'],
    ['Prisma: a value too long', coded('P2000'), 'INVALID_ARGUMENT'],
    ['Prisma: a unique key taken', coded('P2002'), 'ALREADY_EXISTS'],
    ['Prisma: nothing to change', coded('P2025'), 'NOT_FOUND'],
    ['Prisma: no connection', coded('P1001'), 'UNAVAILABLE'],
    ['Postgres shutting down', coded('57P01'), 'UNAVAILABLE'],
    ['Postgres gone', coded('ECONNREFUSED'), 'UNAVAILABLE'],
    ['a lost connection', new Error('Connection terminated unexpectedly'), 'UNAVAILABLE'],
    ['a broken constraint of ours', coded('23514'), 'INTERNAL'],
    ['a bug', new TypeError('secret'), 'INTERNAL'],
    ['text', 'secret', 'INTERNAL'],
    ['nothing', undefined, 'INTERNAL'],
  ];
  test.each(cases)('%s', (_what, thrown, code) => {
    const known = toAppError(named(thrown));
    expect(known.code).toBe(code);
    if (thrown !== known && !code.startsWith('INVALID') && code !== 'TOO_LARGE') expect(known.message).not.toContain('secret');
  });
});

test('a message that repeats a long input is cut, not through a character', () => {
  const { message } = mlflowError(new AppError('NOT_FOUND', `x${'🦉'.repeat(100_000)}`));
  expect(message.length).toBeLessThan(2_010);
  expect(message.isWellFormed()).toBe(true);
});
