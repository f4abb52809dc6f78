// Fair turns on the thread, in turns and times that the test makes.
import { beforeEach, expect, test } from 'vitest';
import { openThreadTurns, type ThreadTurns } from '../../src/lib/turns/threadTurns.ts';

let time = 0;
let planned: (() => void)[] = [];
let log: string[] = [];
let turns: ThreadTurns;

beforeEach(() => {
  time = 0;
  planned = [];
  log = [];
  turns = openThreadTurns(
    () => time,
    (run) => planned.push(run),
  );
});

const ask = (caller: string, count = 1) => {
  for (let index = 0; index < count; index += 1) turns.take(caller, () => log.push(caller));
};
/** What is begun in the next turn of the event loop. */
const turn = (): string => {
  log = [];
  const now = planned;
  planned = [];
  for (const run of now) run();
  return log.join('');
};

test('who is alone waits for nothing', () => {
  ask('a', 3);
  expect(log).toEqual(['a', 'a', 'a']);
  expect(planned).toEqual([]);
});

test('beside others, a turn begins one of each, in the order of asking', () => {
  ask('b');
  log = [];
  ask('a', 4);
  expect(log).toEqual(['a']);
  ask('b', 2);
  expect(log).toEqual(['a', 'b']);
  expect(turn()).toBe('ab');
  // One who asks between two turns is begun at once, though others wait.
  log = [];
  ask('c');
  expect(log).toEqual(['c']);
  expect(turn()).toBe('a');
  expect(turn()).toBe('a');
  expect(turn()).toBe('');
  expect(planned).toEqual([]);
});

test('whoever was last seen a second ago holds nobody up, and what waits keeps its order', () => {
  ask('b');
  ask('a', 3);
  time = 2_000;
  log = [];
  ask('a');
  expect(log).toEqual([]);
  expect(turn() + turn() + turn()).toBe('aaa');
  turn();
  log = [];
  ask('a', 2);
  expect(log).toEqual(['a', 'a']);
});
