// A hundred runs that differ in all that can be asked for: params that are numbers and text, metrics that are missing, NaN or huge, datasets, states.
import { expect } from 'vitest';
import { startApp, type TestApp } from './app.ts';
import { data } from './people.ts';

export const RUNS = 100;
export const HOUR = 3_600_000;
/** A Friday. */
export const NOW = Date.parse('2026-05-15T12:00:00Z');
export const idOf = (number: number) => number.toString(16).padStart(32, '0');
export const MODELS = ['gbm', 'mlp', 'linear'];
export const rmse = (i: number) => (i % 25 === 24 ? Number.NaN : ((i * 37) % 100) / 10);

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
export type Loose = any;

const CREATE = 'mutation($input: CreateRunInput!) { createRun(input: $input) { run { id } } }';
export const LOG = 'mutation($input: LogBatchInput!) { logBatch(input: $input) { run { id } } }';
const END = 'mutation($input: UpdateRunInput!) { updateRun(input: $input) { run { id } } }';

async function makeRun(app: TestApp, i: number): Promise<void> {
  const runId = idOf(i);
  const startedAt = new Date(NOW - i * 6 * HOUR).toISOString();
  await data(app, CREATE, {
    input: { experimentId: '1', runId, name: `run-${i}`, user: i % 2 ? 'ada' : 'lin', startedAt, tags: [{ key: 'kind', value: `k${i % 4}` }] },
  });
  const params = [
    ...Array.from({ length: 20 }, (_, p) => ({ key: `p${p}`, value: String(i * p) })),
    { key: 'model', value: MODELS[i % 3]! },
    ...(i % 5 ? [{ key: 'lr', value: i % 7 === 0 ? 'auto' : String(i / 10) }] : []),
  ];
  const value = Number.isNaN(rmse(i)) ? 'NaN' : rmse(i);
  const metrics = [
    ...(i % 10 === 9
      ? []
      : [
          { key: 'rmse', value, step: 2 },
          { key: 'rmse', value: 50, step: 1 },
        ]),
    ...Array.from({ length: 20 }, (_, m) => ({ key: `m${m}`, value: i + m, step: 1 })),
    ...(i <= 4 ? [{ key: 'huge', value: i % 2 ? 1.7e308 : -1e-300 }] : []),
  ];
  await data(app, LOG, { input: { runId, params, metrics } });
  if (i % 3)
    await data(app, END, {
      input: { runId, status: i % 4 === 1 ? 'FAILED' : 'FINISHED', endedAt: new Date(NOW - i * 6 * HOUR + i * 1_000).toISOString() },
    });
  if (i % 6 === 0)
    await data(app, 'mutation($input: LogInputsInput!) { logInputs(input: $input) { run { id } } }', {
      input: {
        runId,
        datasets: [
          { name: `d${i % 4}`, digest: 'x', sourceType: 's', source: 's' },
          { name: 'e', digest: `y${i}`, sourceType: 's', source: 's' },
        ],
      },
    });
}

/** A server whose clock stands at NOW, with the runs 1 to 100 in experiment 1: the higher the number, the older. */
export async function startRings(): Promise<TestApp> {
  const app = await startApp();
  Object.assign(app.deps, { now: () => NOW });
  await data(app, 'mutation { createExperiment(input: {name: "rings"}) { experiment { id } } }');
  for (let from = 1; from <= RUNS; from += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => makeRun(app, from + i)));
  return app;
}

/** Asks for fields of the team; `declared` are the query's variables. */
export const askers = (app: () => TestApp) => {
  const team = async (fields: string, variables: Record<string, unknown> = {}, declared = ''): Promise<Loose> =>
    (await data(app(), `query${declared && `(${declared})`} { team(slug: "default") { ${fields} } }`, variables)).team;
  const refused = async (fields: string, variables: Record<string, unknown> = {}, declared = ''): Promise<Loose> => {
    const { body } = await app().graphql(`query${declared && `(${declared})`} { team(slug: "default") { ${fields} } }`, variables);
    expect(body.errors, fields).toHaveLength(1);
    return body.errors[0].extensions;
  };
  const statements = async (act: () => Promise<unknown>): Promise<string[]> => {
    const names: string[] = [];
    const stop = app().deps.db.onStatement(({ name }) => names.push(name));
    await act();
    stop();
    return names.filter((name) => !name.startsWith('auth.'));
  };

  return { team, refused, statements };
};
