// The GraphQL documents of MLflow's page, answered on /graphql beside our own schema.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let run: string;
let experiment: string;
beforeAll(async () => {
  app = await startApp();
  const call = async (path: string, body: Record<string, unknown>) => (await app.mlflow('POST', `2.0/mlflow/${path}`, body)).body;
  ({ experiment_id: experiment } = await call('experiments/create', { name: 'e' }));
  run = (await call('runs/create', { experiment_id: experiment, run_name: 'r', start_time: 1 })).run.info.run_id;
  await call('runs/log-batch', {
    run_id: run,
    metrics: [
      { key: 'm', value: 'NaN', timestamp: 1, step: 1 },
      { key: 'm', value: 0.5, timestamp: 1, step: 0 },
    ],
    params: [{ key: 'p', value: '1' }],
  });
  await call('registered-models/create', { name: 'reg' });
  await call('model-versions/create', { name: 'reg', source: 's3://b/m', run_id: run });
});
afterAll(() => app.close());

const ask = async (query: string, variables?: Record<string, unknown>, token?: string | null) => {
  const { status, body } = await app.graphql(query, variables, token === undefined ? {} : { token });
  return { status, ...body };
};

test('a run with its experiment and versions, numbers as the page expects them', async () => {
  const query = `query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { apiError { message } run {
    info { runName runId status startTime endTime experimentId lifecycleStage }
    experiment { experimentId name tags { key } } modelVersions { name version status }
    data { metrics { key value step timestamp } params { key value } tags { key } } } } }`;
  const { status, data, errors } = await ask(query, { data: { runId: run } });
  expect([status, errors]).toEqual([200, null]);
  expect(data.mlflowGetRun.run).toMatchObject({
    info: { runName: 'r', runId: run, status: 'RUNNING', startTime: '1', experimentId: experiment, lifecycleStage: 'active' },
    experiment: { experimentId: experiment, name: 'e', tags: [] },
    modelVersions: [{ name: 'reg', version: '1', status: 'READY' }],
    data: { metrics: [{ key: 'm', value: null, step: '1', timestamp: '1' }], params: [{ key: 'p', value: '1' }] },
  });
});

test('histories, searches and artifacts', async () => {
  const history = await ask(
    'query($d: MlflowGetMetricHistoryBulkIntervalInput!) { mlflowGetMetricHistoryBulkInterval(input: $d) { metrics { runId key step value } } }',
    { d: { runIds: [run], metricKey: 'm', maxResults: 10 } },
  );
  expect(history.data.mlflowGetMetricHistoryBulkInterval.metrics).toEqual([
    { runId: run, key: 'm', step: '0', value: 0.5 },
    { runId: run, key: 'm', step: '1', value: null },
  ]);
  const search = await ask('mutation($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { runs { info { runId } } } }', {
    d: { experimentIds: [experiment], filter: "params.p = '1'" },
  });
  expect(search.data.mlflowSearchRuns.runs).toEqual([{ info: { runId: run } }]);
  const files = await ask('query($d: MlflowListArtifactsInput!) { mlflowListArtifacts(input: $d) { rootUri files { path } } }', {
    d: { runId: run },
  });
  expect(files.data.mlflowListArtifacts).toEqual({ rootUri: `mlflow-artifacts:/${experiment}/${run}/artifacts`, files: [] });
});

test('mistakes are plain strings in `errors`, and limits are MLflow’s', async () => {
  const missing = await ask('{ mlflowGetRun(input: {runId: "00000000000000000000000000000000"}) { run { info { runId } } } }');
  expect(missing.errors).toEqual(['Run with id=00000000000000000000000000000000 not found']);
  const filter = await ask(
    `mutation { mlflowSearchRuns(input: {experimentIds: ["${experiment}"], filter: "nonsense ="}) { runs { info { runId } } } }`,
  );
  expect(filter.errors).toHaveLength(1);
  const wrong = await ask('{ mlflowGetRun(input: "x") { run { info { runId } } } }');
  expect([wrong.data, wrong.errors[0]]).toEqual([null, expect.stringContaining('MlflowGetRunInput')]);
  const many = await ask(`{ ${Array.from({ length: 11 }, (_none, index) => `a${index}: test(inputString: "x") { output }`).join(' ')} }`);
  expect([many.data, many.errors]).toEqual([null, ['GraphQL queries should have at most 10 root fields, got 11 root fields.']]);
  expect((await ask('{ test(inputString: "hello") { output } }')).data).toEqual({ test: { output: 'hello' } });
});

test('what a newer page asks for and this server does not know is null, and the rest is answered', async () => {
  const query = `query($data: MlflowGetExperimentInput!) { mlflowNews { text }
    mlflowGetExperiment(input: $data, view: FULL) { experiment { name retention: effectiveTraceArchivalRetention workspace owner { email teams { name } } ...F } } }
    fragment F on MlflowExperiment { experimentId somethingNew }`;
  const { status, data, errors } = await ask(query, { data: { experimentId: experiment } });
  expect([status, errors]).toEqual([200, null]);
  expect(data).toEqual({
    mlflowNews: null,
    mlflowGetExperiment: { experiment: { name: 'e', retention: null, workspace: null, owner: null, experimentId: experiment, somethingNew: null } },
  });
});

test('it asks for credentials, and fields of our own schema are not mixed in', async () => {
  expect((await ask('{ test(inputString: "x") { output } }', {}, null)).status).toBe(401);
  const mixed = await ask('{ viewer { email } mlflowGetExperiment(input: {experimentId: "0"}) { experiment { name } } }');
  expect(mixed.errors).toBeDefined();
});
