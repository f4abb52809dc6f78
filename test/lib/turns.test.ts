// Fair turns: nobody holds more than a part of the places, and whoever holds the fewest is next.
import { expect, test } from 'vitest';
import { openTurns } from '../../src/lib/turns/turns.ts';

const open = (patienceMs = 60_000) => openTurns({ places: 4, each: 2, patienceMs, refusal: () => new Error('busy') });

test('a caller who floods holds its part, and another is served at once', async () => {
  const turns = open();
  const flood = Array.from({ length: 10 }, () => turns.take('loud'));
  const held = [await flood[0]!, await flood[1]!];
  expect(turns.state()).toEqual({ held: 2, waiting: 8 });
  const quiet = await turns.take('quiet');
  expect(turns.state().held).toBe(3);
  quiet();
  for (const giveBack of held) giveBack();
  for (const rest of flood.slice(2)) (await rest)();
  expect(turns.state()).toEqual({ held: 0, waiting: 0 });
});

test('of those that wait, whoever holds the fewest is next', async () => {
  const turns = openTurns({ places: 2, each: 2, patienceMs: 60_000, refusal: () => new Error('busy') });
  const [first, second] = [await turns.take('a'), await turns.take('a')];
  const order: string[] = [];
  const waiting = ['a', 'a', 'b', 'c'].map(async (caller) => {
    const giveBack = await turns.take(caller);
    order.push(caller);
    return giveBack;
  });
  first();
  const b = await waiting[2]!;
  // Nobody but b holds a place now: whoever came first.
  second();
  const a = await waiting[0]!;
  b();
  const c = await waiting[3]!;
  expect(order).toEqual(['b', 'a', 'c']);
  a();
  c();
  (await waiting[1]!)();
});

test('whoever leaves, or waits too long, leaves the queue', async () => {
  const turns = openTurns({ places: 1, each: 1, patienceMs: 20, refusal: () => new Error('busy') });
  const giveBack = await turns.take('a');
  await expect(turns.take('b')).rejects.toThrow('busy');
  const left = new AbortController();
  const gone = turns.take('c', left.signal);
  left.abort();
  await expect(gone).rejects.toThrow('busy');
  expect(turns.state()).toEqual({ held: 1, waiting: 0 });
  giveBack();
  giveBack();
  expect(turns.state()).toEqual({ held: 0, waiting: 0 });
});
