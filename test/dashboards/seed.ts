// What the dashboards of these tests look at: a team with five runs of an experiment on five days, and two registered models.
import type { TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';

export const TEAM = 'astronomy';
export const DAY = 86_400_000;
export const NOW = Date.parse('2026-05-15T12:00:00Z');
export const idOf = (number: number) => number.toString(16).padStart(32, '0');
const LAST = [3, 2, 9, 1.5, 5];

/** Run n started n days before NOW; the third failed. Returns a token of a VIEWER of the team. */
export async function seedRings(app: TestApp): Promise<string> {
  Object.assign(app.deps, { now: () => NOW - DAY });
  const { token } = await app.seedTeam(TEAM);
  Object.assign(app.deps, { now: () => NOW });
  const act = (query: string, variables: Record<string, unknown> = {}) => data(app, query, variables, { token });
  await act(`mutation { createExperiment(input: {team: "${TEAM}", name: "rings"}) { experiment { id } } }`);
  for (const [index, last] of LAST.entries()) {
    const number = index + 1;
    const start = NOW - number * DAY;
    const runId = idOf(number);
    const input = {
      team: TEAM,
      experimentId: '1',
      runId,
      name: `rings-${number}`,
      user: number % 2 ? 'ada' : 'grace',
      startedAt: new Date(start).toISOString(),
      tags: [
        { key: 'mlflow.source.git.commit', value: `c0ffee${number}` },
        { key: 'mlflow.source.git.branch', value: number < 4 ? 'main' : 'faster' },
      ],
    };
    await act('mutation($input: CreateRunInput!) { createRun(input: $input) { run { id } } }', { input });
    const metrics = [last + 2, last + 1, last].map((value, step) => ({ key: 'rmse', value: number === 1 && step < 2 ? [5, 4][step]! : value, step }));
    const params = [{ key: 'model', value: number % 2 ? 'gbm' : 'mlp' }];
    if (number === 1) {
      metrics.push({ key: 'val/rmse best', value: 7, step: 0 });
      params.push({ key: 'opt.lr rate', value: '0.1' });
    }
    await act('mutation($input: LogBatchInput!) { logBatch(input: $input) { run { id } } }', { input: { runId, params, metrics } });
    await act('mutation($input: UpdateRunInput!) { updateRun(input: $input) { run { id } } }', {
      input: { runId, status: number === 3 ? 'FAILED' : 'FINISHED', endedAt: new Date(start + 60_000).toISOString() },
    });
  }
  await act(
    `mutation($run: String!) {
      rings: createRegisteredModel(input: {team: "${TEAM}", name: "rings"}) { registeredModel { id } }
      other: createRegisteredModel(input: {team: "${TEAM}", name: "unreleased"}) { registeredModel { id } }
      version: createModelVersion(input: {team: "${TEAM}", name: "rings", source: "runs:/x/model", runId: $run}) { modelVersion { id } }
      alias: setModelAlias(input: {team: "${TEAM}", name: "rings", alias: "champion", version: 1}) { registeredModel { id } }
    }`,
    { run: idOf(4) },
  );
  const made = await act(`mutation { createApiToken(input: {team: "${TEAM}", name: "dashboard", role: VIEWER}) { secret } }`);
  return made.createApiToken.secret;
}
