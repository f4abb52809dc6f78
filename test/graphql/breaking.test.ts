// What programs rely on stays: compared with the schema that was committed last, nothing is taken away or made narrower.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

const committed = (revision: string): string | null => {
  try {
    return execFileSync('git', ['show', `${revision}:schema.graphql`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
};

const breaks = async (before: string, now: string): Promise<string[]> => {
  const changes = await diff(buildSchema(before), buildSchema(now));
  return changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking).map((change) => change.message);
};

it('schema.graphql breaks nobody who uses the one committed before', async ({ skip }) => {
  const now = readFileSync('schema.graphql', 'utf8');
  // In a clean working tree the last commit's is this one; then the one before it counts.
  const before = [committed('HEAD'), committed('HEAD~1')].find((text) => text !== null && text !== now) ?? committed('HEAD');
  if (before === null) return skip('There is no git history here to compare with.');
  expect(await breaks(before, now)).toEqual([]);
});

it('what is taken away or made required is found, what is added is not', async () => {
  const before = 'type Query { a(x: Int): String b: String }';
  expect(await breaks(before, 'type Query { a(x: Int!): String }')).toHaveLength(2);
  expect(await breaks(before, 'type Query { a(x: Int, y: Int): String! b: String c: Int }')).toEqual([]);
});
