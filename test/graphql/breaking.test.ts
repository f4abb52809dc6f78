// What programs rely on stays: compared with every schema that was committed before, nothing is taken away or made narrower.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';

const git = (...args: string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * 1024 ** 2 });

/**
 * The oldest that git knows, and the latest ones. A break between two of them shows against the older; one of the oldest is what somebody may have
 * built upon longest. In a checkout without history there is the last commit's at least.
 */
function committed(): string[] {
  const revisions = git('log', '--format=%H', '--', 'schema.graphql').split('\n').filter(Boolean);
  const chosen = [...new Set([...revisions.slice(0, 5), ...revisions.slice(-1)])];
  return [...new Set(chosen.map((revision) => git('show', `${revision}:schema.graphql`)))];
}

/** Since 0.3, one failed mutation no longer empties the answers of those beside it, nor a run without files those of others. */
const LOOSENED =
  /^Field '(Mutation\.\w+' changed type from '\w*Payload!' to '\w*Payload'|(Run|LoggedModel)\.archive' changed type from 'ArtifactArchive!' to 'ArtifactArchive')$/;

const breaks = async (before: string, now: string): Promise<string[]> => {
  const changes = await diff(buildSchema(before), buildSchema(now));
  return changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking).map((change) => change.message);
};

it('schema.graphql breaks nobody who uses one committed before', async () => {
  const now = readFileSync('schema.graphql', 'utf8');
  const before = committed();
  expect(before.length).toBeGreaterThan(0);
  for (const one of before) expect((await breaks(one, now)).filter((message) => !LOOSENED.test(message))).toEqual([]);
});

it('what is taken away or made required is found, what is added is not', async () => {
  const before = 'type Query { a(x: Int): String b: String }';
  expect(await breaks(before, 'type Query { a(x: Int!): String }')).toHaveLength(2);
  expect(await breaks(before, 'type Query { a(x: Int, y: Int): String! b: String c: Int }')).toEqual([]);
  const now = readFileSync('schema.graphql', 'utf8');
  expect(await breaks(now, now.replace(/^ {2}notes: String$/m, '  memo: String'))).not.toEqual([]);
});
