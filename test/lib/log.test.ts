// What requests log carries their id, though their loggers are made late.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { withLazyChildren } from '../../src/lib/log.ts';

test('a child logs with what it and those above it were given', () => {
  const lines: Record<string, unknown>[] = [];
  const root = pino({ base: null, timestamp: false, level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const log = withLazyChildren(root);
  const request = log.child({ reqId: 'r1' });
  request.debug('too small to be told');
  request.error({ err: 'x' }, 'broken');
  request.child({ run: 'r' }).warn('odd');
  log.info('up');
  expect(lines).toEqual([
    { level: 50, reqId: 'r1', err: 'x', msg: 'broken' },
    { level: 40, reqId: 'r1', run: 'r', msg: 'odd' },
    { level: 30, msg: 'up' },
  ]);
});
