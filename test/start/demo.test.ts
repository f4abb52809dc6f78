// `npm run demo`: a team's month over the public protocol, the same numbers wherever it is loaded.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedTeam } from '../../scripts/demo-team.mjs';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
}, 120_000);
afterAll(() => app?.close());

const NOW = Date.UTC(2026, 10, 27);

/** What there is, without ids. */
async function told(team: string): Promise<string> {
  const { body } = await app.graphql(
    `query($team: String!) { team(slug: $team) {
      runs(first: 1000) { nodes { name status user params { key value } metrics { key last count } tags { key value } } }
      registeredModels(first: 10) { nodes { name tags { key value } aliases { alias version } } }
    } }`,
    { team },
  );
  expect(body.errors).toBeUndefined();
  const { runs, registeredModels } = body.data.team;
  const list = runs.nodes
    .map((run: { tags: { key: string }[] }) => JSON.stringify({ ...run, tags: run.tags.filter(({ key }) => key !== 'mlflow.parentRunId') }))
    .sort();
  return [...list, ...registeredModels.nodes.map((one: object) => JSON.stringify(one)).sort()].join('\n');
}

test('fills a team in less than a minute, with every kind of run, and another one with the same', { timeout: 180_000 }, async () => {
  const teams = [await app.seedTeam('first'), await app.seedTeam('second')];
  const began = performance.now();
  for (const { token } of teams) await seedTeam({ url: app.url, token, now: NOW });
  expect((performance.now() - began) / teams.length).toBeLessThan(60_000);
  const [first, second] = [await told('first'), await told('second')];
  expect(second).toBe(first);
  for (const status of ['RUNNING', 'FINISHED', 'FAILED', 'KILLED']) expect(first).toContain(`"status":"${status}"`);
  for (const alias of ['champion', 'challenger', 'production', 'candidate']) expect(first).toContain(`"alias":"${alias}"`);
  expect(first.split('\n').length).toBeGreaterThan(70);
  // Once is enough for a team.
  await expect(seedTeam({ url: app.url, token: teams[0]!.token, now: NOW })).rejects.toThrow('RESOURCE_ALREADY_EXISTS');
});
