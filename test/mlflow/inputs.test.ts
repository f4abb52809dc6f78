import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

let count = 0;
async function seedRun() {
  count += 1;
  const experiment = await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: `inputs ${count}` });
  const experimentId = experiment.body.experiment_id as string;
  const run = await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experimentId, start_time: 1 });
  return { experimentId, runId: run.body.run.info.run_id as string };
}
const getRun = async (runId: string) => (await app.mlflow('GET', '2.0/mlflow/runs/get', { run_id: runId })).body.run;
const newModel = async (experimentId: string) =>
  (await app.mlflow('POST', '2.0/mlflow/logged-models', { experiment_id: experimentId })).body.model.info.model_id as string;
const logInputs = (body: Record<string, unknown>) => app.mlflow('POST', '2.0/mlflow/runs/log-inputs', body);
const data = (over: Record<string, unknown> = {}) => ({ name: 'iris', digest: 'd1', source_type: 'local', source: '{"uri":"x"}', ...over });
const context = (value: string) => ({ key: 'mlflow.data.context', value });

describe('log-inputs', () => {
  test('keeps what a run read: each dataset once, with the tags that came first, in the order of logging', async () => {
    const { runId, experimentId } = await seedRun();
    const model = await newModel(experimentId);
    const first = await logInputs({
      run_id: runId,
      datasets: [
        { dataset: data({ name: 'zebra' }), tags: [context('train'), { key: 'foo', value: 'bar' }] },
        { dataset: data({ schema: '{}', profile: '{"rows":1}' }) },
        { dataset: data({ name: 'zebra', source: 'ignored' }), tags: [context('ignored')] },
      ],
      models: [{ model_id: model }],
    });
    expect(first).toMatchObject({ status: 200, body: {} });
    await logInputs({ run_id: runId, datasets: [{ dataset: data({ name: 'zebra' }), tags: [context('test')] }], models: [{ model_id: model }] });
    expect((await getRun(runId)).inputs).toEqual({
      dataset_inputs: [
        { tags: [{ key: 'foo', value: 'bar' }, context('train')], dataset: data({ name: 'zebra' }) },
        { dataset: data({ schema: '{}', profile: '{"rows":1}' }) },
      ],
      model_inputs: [{ model_id: model }],
    });
  });

  test('shares a dataset between the runs of an experiment, also when many log it at the same moment', async () => {
    const { experimentId } = await seedRun();
    const runs = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const run = await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experimentId });
        return run.body.run.info.run_id as string;
      }),
    );
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(
      runs.map((runId, index) =>
        logInputs({
          run_id: runId,
          datasets: (index % 2 ? names : names.toReversed()).map((name) => ({ dataset: data({ name }), tags: [context('train')] })),
        }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(runs.map(() => 200));
    const found = await app.mlflow('POST', '2.0/mlflow/experiments/search-datasets', { experiment_ids: [experimentId] });
    expect(found.body.dataset_summaries.map((one: { name: string }) => one.name).sort()).toEqual(names);
    for (const runId of runs) expect((await getRun(runId)).inputs.dataset_inputs).toHaveLength(4);
  });

  test('refuses bad input and writes nothing of it', async () => {
    const { runId, experimentId } = await seedRun();
    const model = await newModel(experimentId);
    const faults: [Record<string, unknown>, string][] = [
      [{ datasets: [{ dataset: data() }] }, "Missing value for required parameter 'run_id'"],
      [{ run_id: runId, datasets: [{ tags: [] }] }, "Missing value for required parameter 'datasets[0].dataset'"],
      [{ run_id: runId, datasets: [{ dataset: { name: 'n' } }] }, "'datasets[0].dataset.digest'"],
      [{ run_id: runId, datasets: 'x' }, "parameter 'datasets'"],
      [{ run_id: runId, datasets: [{ dataset: data({ name: 'n'.repeat(501) }) }] }, "'name' exceeds the maximum length of 500 characters"],
      [{ run_id: runId, datasets: [{ dataset: data({ digest: 'n'.repeat(37) }) }] }, "'digest' exceeds"],
      [{ run_id: runId, datasets: [{ dataset: data({ source: 'n'.repeat(65_536) }) }] }, "'source' exceeds"],
      [{ run_id: runId, datasets: [{ dataset: data({ schema: 'n'.repeat(1_048_576) }) }] }, "'schema' exceeds"],
      [{ run_id: runId, datasets: [{ dataset: data(), tags: [{ key: 'k'.repeat(256), value: '' }] }] }, "'key' exceeds"],
      [{ run_id: runId, datasets: [{ dataset: data(), tags: [{ key: 'k', value: 'v'.repeat(501) }] }] }, "'value' exceeds"],
      [{ run_id: runId, datasets: [{ dataset: data({ name: 'a\0b' }) }] }, 'NUL'],
    ];
    for (const [body, message] of faults) {
      const answer = await logInputs(body);
      expect(answer.body.message).toContain(message);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    }
    const unknown = await logInputs({
      run_id: runId,
      datasets: [{ dataset: data() }],
      models: [{ model_id: model }, { model_id: `m-${'0'.repeat(32)}` }],
    });
    expect(unknown).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    expect((await getRun(runId)).inputs).toEqual({});
    expect(await logInputs({ run_id: 'nope', datasets: [] })).toMatchObject({ status: 404, body: { message: 'Run with id=nope not found' } });
  });

  test('a deleted run takes no inputs and no outputs', async () => {
    const { runId, experimentId } = await seedRun();
    const model = await newModel(experimentId);
    await app.mlflow('POST', '2.0/mlflow/runs/delete', { run_id: runId });
    const message = `The run ${runId} must be in the 'active' state. Current state is deleted.`;
    const refusal = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } };
    expect(await logInputs({ run_id: runId, datasets: [{ dataset: data() }] })).toMatchObject(refusal);
    expect(await app.mlflow('POST', '2.0/mlflow/runs/outputs', { run_id: runId, models: [{ model_id: model, step: 0 }] })).toMatchObject(refusal);
    const modelJson = JSON.stringify({ artifact_path: 'm', flavors: {}, utc_time_created: 't', run_id: runId });
    expect(await app.mlflow('POST', '2.0/mlflow/runs/log-model', { run_id: runId, model_json: modelJson })).toMatchObject(refusal);
  });
});

test('outputs are kept in order, a model logged again with its new step', async () => {
  const { runId, experimentId } = await seedRun();
  const [one, two] = [await newModel(experimentId), await newModel(experimentId)];
  const log = (models: unknown) => app.mlflow('POST', '2.0/mlflow/runs/outputs', { run_id: runId, models });
  await log([{ model_id: two, step: '9007199254740993' }, { model_id: one }]);
  expect((await log([{ model_id: one, step: 7 }])).status).toBe(200);
  const text = await fetch(`${app.url}/api/2.0/mlflow/runs/get?run_id=${runId}`, { headers: { authorization: `Bearer ${'A'.repeat(40)}` } });
  expect(await text.text()).toContain(`"model_outputs":[{"model_id":"${two}","step":9007199254740993},{"model_id":"${one}","step":7}]`);
  expect(await log(undefined)).toMatchObject({ status: 400 });
  expect(await log([{ model_id: 'm-1' }])).toMatchObject({ status: 404 });
});

test('search-datasets tells the datasets of up to 20 experiments, once for each context', async () => {
  const { runId, experimentId } = await seedRun();
  const other = await seedRun();
  await logInputs({ run_id: runId, datasets: [{ dataset: data(), tags: [context('training')] }, { dataset: data({ name: 'bare' }) }] });
  await logInputs({ run_id: other.runId, datasets: [{ dataset: data(), tags: [context('eval')] }] });
  const search = (ids: string[]) => app.mlflow('POST', '2.0/mlflow/experiments/search-datasets', { experiment_ids: ids });
  const found = await search([experimentId, '999999', '77777777777']);
  expect(found.body.dataset_summaries).toHaveLength(2);
  expect(found.body.dataset_summaries).toContainEqual({ experiment_id: experimentId, name: 'iris', digest: 'd1', context: 'training' });
  expect(found.body.dataset_summaries).toContainEqual({ experiment_id: experimentId, name: 'bare', digest: 'd1' });
  expect((await search([])).body.message).toContain('must specify at least one experiment_id.');
  expect((await search(Array.from({ length: 21 }, (_, id) => `id_${id}`))).body.message).toContain('cannot specify more than 20');
  expect((await search(['999999'])).body).toEqual({});
});

test('log-model adds to the history tag of MLflow 2.x, also from two clients at once, and whatever its length', async () => {
  const { runId } = await seedRun();
  const log = (model: unknown) =>
    app.mlflow('POST', '2.0/mlflow/runs/log-model', { run_id: runId, model_json: typeof model === 'string' ? model : JSON.stringify(model) });
  const model = (path: string) => ({
    artifact_path: path,
    run_id: runId,
    utc_time_created: '2024-01-01',
    model_uuid: 'u',
    signature: {},
    flavors: { sklearn: { pickled_model: 'model.pkl', config: { secret: 1 }, note: 'n'.repeat(5_000) } },
  });
  expect((await Promise.all(['a', 'b', 'c'].map((path) => log(model(path))))).map((answer) => answer.status)).toEqual([200, 200, 200]);
  const tags = (await getRun(runId)).data.tags as { key: string; value: string }[];
  const history = JSON.parse(tags.find((tag) => tag.key === 'mlflow.log-model.history')!.value);
  expect(history.map((one: { artifact_path: string }) => one.artifact_path).sort()).toEqual(['a', 'b', 'c']);
  expect(history[0]).not.toHaveProperty('signature');
  expect(history[0].flavors.sklearn).not.toHaveProperty('config');
  expect((await log('{')).body.message).toContain('is not a valid JSON');
  expect((await log({ flavors: {} })).body.message).toContain('missing mandatory fields');
});

test("another team's run and models answer like what doesn't exist", async () => {
  const { runId, experimentId } = await seedRun();
  const model = await newModel(experimentId);
  const stranger = await app.seedTeam();
  const ask = (route: string, body: Record<string, unknown>) => app.mlflow('POST', `2.0/mlflow/${route}`, body, { token: stranger.token });
  expect(await ask('runs/log-inputs', { run_id: runId, datasets: [{ dataset: data() }] })).toMatchObject({ status: 404 });
  expect(await ask('runs/outputs', { run_id: runId, models: [{ model_id: model }] })).toMatchObject({ status: 404 });
  const own = await ask('runs/create', { experiment_id: '0' });
  const foreign = await ask('runs/outputs', { run_id: own.body.run.info.run_id, models: [{ model_id: model }] });
  expect(foreign).toMatchObject({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Logged model with ID '${model}' not found.` },
  });
});
