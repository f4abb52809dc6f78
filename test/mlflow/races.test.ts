// Two acts that share a row, raced: each is answered as one of the two orders would answer it, and what happens beside an act never fails it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let experiment: string;
beforeAll(async () => {
  app = await startApp({ config: { webhookAllowPrivate: true } });
  ({ experiment_id: experiment } = (await post('experiments/create', { name: 'races' })).body);
});
afterAll(() => app.close());

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = Answer<any>;
const call = (method: string, path: string, body: Record<string, unknown> = {}): Promise<Loose> => app.mlflow(method, `2.0/mlflow/${path}`, body);
const post = (path: string, body: Record<string, unknown> = {}) => call('POST', path, body);
const newRun = async () => (await post('runs/create', { experiment_id: experiment, start_time: 1 })).body.run.info.run_id as string;

const ROUNDS = 40;
const said = ({ status, body }: Loose) => (status < 300 ? 'ok' : `${status} ${body.error_code}`);

/** Does both again and again, side by side, and tells every answer that either got. */
async function race(a: (round: number) => Promise<Loose>, b: (round: number) => Promise<Loose | Loose[]>): Promise<[string[], string[]]> {
  const answers: [Set<string>, Set<string>] = [new Set(), new Set()];
  const loop = async (act: (round: number) => Promise<Loose | Loose[]>, into: Set<string>) => {
    for (let round = 0; round < ROUNDS; round += 1) for (const answer of [await act(round)].flat()) into.add(said(answer));
  };
  await Promise.all([loop(a, answers[0]), loop(a, answers[0]), loop(b, answers[1]), loop(b, answers[1])]);
  return [[...answers[0]].sort(), [...answers[1]].sort()];
}

const GONE = '404 RESOURCE_DOES_NOT_EXIST';
const REFUSED = '400 INVALID_PARAMETER_VALUE';
const within = (answers: string[], allowed: string[]) => expect(answers.filter((one) => !allowed.includes(one))).toEqual([]);

test('webhooks made and deleted never fail what they would be told of', async () => {
  await post('registered-models/create', { name: 'told' });
  const events = [
    { entity: 'MODEL_VERSION', action: 'CREATED' },
    { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
    { entity: 'MODEL_VERSION_TAG', action: 'SET' },
    { entity: 'RUN', action: 'FINISHED' },
  ];
  const runId = await newRun();
  const acts = async (round: number) => {
    const made = await post('model-versions/create', { name: 'told', source: 's3://b/m' });
    const version = made.body.model_version?.version ?? '1';
    const alias = await post('registered-models/alias', { name: 'told', alias: 'best', version });
    const tag = await post('model-versions/set-tag', { name: 'told', version, key: 'k', value: String(round) });
    const running = await post('runs/update', { run_id: runId, status: 'RUNNING' });
    const finished = await post('runs/update', { run_id: runId, status: 'FINISHED' });
    return [made, alias, tag, running, finished];
  };
  const hooks = async (round: number) => {
    const made = await post('webhooks', { name: `hook-${round}`, url: 'http://127.0.0.1:9/', events });
    return call('DELETE', `webhooks/${made.body.webhook.webhook_id}`);
  };
  const [hooked, acted] = await race(hooks, acts);
  expect(hooked).toEqual(['ok']);
  expect(acted).toEqual(['ok']);
});

test('a version that is deleted while an alias is moved to it', async () => {
  await post('registered-models/create', { name: 'moving' });
  const versions: string[] = [];
  const [made, moved] = await race(
    async () => {
      const { version } = (await post('model-versions/create', { name: 'moving', source: 's3://b/m' })).body.model_version;
      versions.push(version);
      return call('DELETE', 'model-versions/delete', { name: 'moving', version });
    },
    () => post('registered-models/alias', { name: 'moving', alias: 'champion', version: versions.at(-1) ?? '1' }),
  );
  expect(made).toEqual(['ok']);
  within(moved, ['ok', GONE]);
});

test('a model that is deleted while versions are made of it', async () => {
  const [, made] = await race(
    async () => {
      await post('registered-models/create', { name: 'fleeting' });
      return call('DELETE', 'registered-models/delete', { name: 'fleeting' });
    },
    () => post('model-versions/create', { name: 'fleeting', source: 's3://b/m' }),
  );
  within(made, ['ok', GONE]);
});

test('a run that is deleted and restored while something is logged to it', async () => {
  const runId = await newRun();
  const [, logged] = await race(
    async (round) => post(round % 2 ? 'runs/restore' : 'runs/delete', { run_id: runId }),
    async (round) => [
      await post('runs/log-batch', {
        run_id: runId,
        metrics: [{ key: 'm', value: round, timestamp: 1, step: round }],
        tags: [{ key: 't', value: 'x' }],
      }),
      await post('runs/log-inputs', {
        run_id: runId,
        datasets: [{ dataset: { name: 'd', digest: String(round % 3), source_type: 's', source: '{}' } }],
      }),
      await post('runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: `run ${round}` }),
    ],
  );
  within(logged, ['ok', REFUSED]);
});

test('an experiment that is deleted and restored while runs and models are made in it', async () => {
  const { experiment_id: id } = (await post('experiments/create', { name: 'coming and going' })).body;
  const [, made] = await race(
    async (round) => post(round % 2 ? 'experiments/restore' : 'experiments/delete', { experiment_id: id }),
    async () => [
      await post('runs/create', { experiment_id: id, start_time: 1, tags: [{ key: 'a', value: 'b' }] }),
      await post('logged-models', { experiment_id: id, name: 'm' }),
      await post('experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' }),
    ],
  );
  within(made, ['ok', REFUSED]);
});

test('a logged model that is deleted while it is used', async () => {
  const runId = await newRun();
  let modelId = '';
  const [, used] = await race(
    async () => {
      const { model } = (await post('logged-models', { experiment_id: experiment, name: 'used', source_run_id: runId })).body;
      modelId = model.info.model_id;
      return call('DELETE', `logged-models/${modelId}`);
    },
    async (round) => [
      await post('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: String(round) }] }),
      await call('PATCH', `logged-models/${modelId}/tags`, { tags: [{ key: 'k', value: 'v' }] }),
      await post('runs/log-metric', { run_id: runId, key: 'm', value: 1, timestamp: 1, step: round, model_id: modelId }),
    ],
  );
  within(used, ['ok', GONE, REFUSED, '404 ENDPOINT_NOT_FOUND']);
});
