// What MLflow's clients rely on about runs: lifecycle, names, params that stay, limits, all or nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { RUNLEDGER_WEBHOOK_ALLOW_PRIVATE: 'on' } });
});
afterAll(() => app.close());

const ask = (method: string, path: string, body: Record<string, unknown>) => app.mlflow(method, `2.0/mlflow/${path}`, body);
const call = async (method: string, path: string, body: Record<string, unknown>) => {
  const answer = await ask(method, path, body);
  expect([path, answer.status, answer.status === 200 ? '' : JSON.stringify(answer.body)]).toEqual([path, 200, '']);
  return answer.body;
};
const create = async (fields: Record<string, unknown> = {}) =>
  (await call('POST', 'runs/create', { experiment_id: '0', start_time: 1, ...fields })).run;
const newRun = async (): Promise<string> => (await create()).info.run_id;
const get = async (run: string) => (await call('GET', 'runs/get', { run_id: run })).run;
const refusal = async (path: string, body: Record<string, unknown>) => {
  const { status, body: answer } = await ask('POST', path, body);
  return [status, answer.error_code, answer.message];
};
type Pair = { key: string; value: string };
const tagsOf = (run: { data: { tags: Pair[] } }) => Object.fromEntries(run.data.tags.map(({ key, value }) => [key, value]));

test('a param keeps its value; the same again is fine', async () => {
  const run = await newRun();
  const log = (value: string) => refusal('runs/log-parameter', { run_id: run, key: 'p', value });
  expect(await log('1')).toEqual([200, undefined, undefined]);
  expect(await log('1')).toEqual([200, undefined, undefined]);
  const changed = `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${run}'. Attempted logging new value '2'.`;
  expect(await log('2')).toEqual([400, 'INVALID_PARAMETER_VALUE', changed]);
  expect((await log(''))[0]).toBe(400);
  await call('POST', 'runs/log-parameter', { run_id: run, key: 'empty', value: '' });
  expect((await get(run)).data.params).toEqual([
    { key: 'empty', value: '' },
    { key: 'p', value: '1' },
  ]);
});

test('a batch is written as a whole or not at all', async () => {
  const run = await newRun();
  await call('POST', 'runs/log-parameter', { run_id: run, key: 'b', value: '1' });
  const good = { metrics: [{ key: 'm', value: 1, timestamp: 1 }], tags: [{ key: 't', value: '1' }] };
  const bad = [
    {
      ...good,
      params: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    },
    {
      ...good,
      params: [
        { key: 'a', value: '1' },
        { key: 'a', value: '1' },
      ],
    },
    { ...good, params: [{ key: 'a', value: '1' }], metrics: [...good.metrics, { key: 'm', value: 1, timestamp: -1 }] },
    {
      ...good,
      params: [{ key: 'a', value: '1' }],
      metrics: [...good.metrics, { key: 'm', value: 1, timestamp: 1, model_id: `m-${'0'.repeat(32)}` }],
    },
    { ...good, params: [{ key: 'a', value: '1' }], tags: [...good.tags, { key: '../x', value: '1' }] },
  ];
  for (const batch of bad) expect([400, 404]).toContain((await ask('POST', 'runs/log-batch', { run_id: run, ...batch })).status);
  const { data } = await get(run);
  expect([data.metrics, data.params, data.tags.map((tag: Pair) => tag.key)]).toEqual([undefined, [{ key: 'b', value: '1' }], ['mlflow.runName']]);
});

test('a batch holds at most 1,000 entities, of them 100 params and 100 tags', async () => {
  const run = await newRun();
  const metrics = (count: number) => Array.from({ length: count }, (_none, step) => ({ key: 'm', value: 1, timestamp: 1, step }));
  const pairs = (count: number) => Array.from({ length: count }, (_none, index) => ({ key: `k${index}`, value: 'v' }));
  await call('POST', 'runs/log-batch', { run_id: run, metrics: metrics(1_000) });
  await call('POST', 'runs/log-batch', { run_id: run, metrics: metrics(800), params: pairs(100), tags: pairs(100) });
  await call('POST', 'runs/log-batch', { run_id: run });
  const says = (limit: number, what: string, got: number) =>
    `A batch logging request can contain at most ${limit} ${what}. Got ${got} ${what}. Please split up ${what} across multiple requests and try again.`;
  expect((await refusal('runs/log-batch', { run_id: run, metrics: metrics(1_001) }))[2]).toBe(says(1_000, 'metrics', 1_001));
  expect((await refusal('runs/log-batch', { run_id: run, params: pairs(101) }))[2]).toBe(says(100, 'params', 101));
  expect((await refusal('runs/log-batch', { run_id: run, tags: pairs(101) }))[2]).toBe(says(100, 'tags', 101));
  expect((await refusal('runs/log-batch', { run_id: run, metrics: metrics(950), params: pairs(60) }))[2]).toBe(
    says(1_000, 'metrics, params, and tags', 1_010),
  );
});

test('long values are cut by characters, never through one', async () => {
  const run = await newRun();
  const wide = '🦉';
  await call('POST', 'runs/log-batch', {
    run_id: run,
    params: [
      { key: 'p', value: wide.repeat(6_001) },
      { key: 'whole', value: wide.repeat(6_000) },
    ],
    tags: [{ key: 't', value: `x${wide.repeat(8_000)}` }],
  });
  const { data } = await get(run);
  expect(data.params.map((param: Pair) => param.value)).toEqual([wide.repeat(6_000), wide.repeat(6_000)]);
  expect(tagsOf({ data }).t).toBe(`x${wide.repeat(7_999)}`);
  // Logged again by a client that knows nothing of the cut, it is the same param.
  await call('POST', 'runs/log-parameter', { run_id: run, key: 'p', value: wide.repeat(6_002) });
  await call('POST', 'runs/set-tag', { run_id: run, key: wide.length === 2 ? 'ключ/名 a:b-c.d_e' : '', value: '1' });
});

test('the name and its tag are one', async () => {
  const named = await create({ run_name: 'first' });
  expect(tagsOf(named)).toEqual({ 'mlflow.runName': 'first' });
  const byTag = await create({ tags: [{ key: 'mlflow.runName', value: 'tagged' }] });
  expect(byTag.info.run_name).toBe('tagged');
  const both = { experiment_id: '0', run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] };
  expect((await refusal('runs/create', both))[2]).toMatch(
    /^Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values/,
  );
  const generated = await create();
  expect(generated.info.run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  expect(tagsOf(generated)['mlflow.runName']).toBe(generated.info.run_name);

  const id = named.info.run_id;
  const name = async () => {
    const run = await get(id);
    expect(tagsOf(run)['mlflow.runName']).toBe(run.info.run_name);
    return run.info.run_name;
  };
  expect((await call('POST', 'runs/update', { run_id: id, run_name: 'second' })).run_info.run_name).toBe('second');
  expect(await name()).toBe('second');
  await call('POST', 'runs/set-tag', { run_id: id, key: 'mlflow.runName', value: 'third' });
  expect(await name()).toBe('third');
  await call('POST', 'runs/log-batch', {
    run_id: id,
    tags: [
      { key: 'mlflow.runName', value: 'x' },
      { key: 'mlflow.runName', value: 'fourth' },
    ],
  });
  expect(await name()).toBe('fourth');
  await call('POST', 'runs/update', { run_id: id, run_name: '', status: 'FINISHED', end_time: 7 });
  expect(await name()).toBe('fourth');
  expect((await get(id)).info).toMatchObject({ status: 'FINISHED', end_time: 7 });
});

test('both spellings of the id and of every field are read, and unknown fields are not', async () => {
  const run = await newRun();
  await call('POST', 'runs/log-batch', { runUuid: run, metrics: [{ key: 'm', value: '1.5', timestamp: '3', unknown: [{}] }], whatever: null });
  expect((await call('GET', 'runs/get', { run_uuid: run })).run.data.metrics).toEqual([{ key: 'm', value: 1.5, timestamp: 3, step: 0 }]);
  const twice = await app.mlflow('POST', '2.0/mlflow/runs/set-tag', undefined, {});
  expect([twice.status, twice.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
});

test('a deleted run can be read and restored, and takes no writes', async () => {
  const run = await newRun();
  await call('POST', 'runs/set-tag', { run_id: run, key: 't', value: '1' });
  for (let twice = 0; twice < 2; twice += 1) expect(await call('POST', 'runs/delete', { run_id: run })).toEqual({});
  expect((await get(run)).info.lifecycle_stage).toBe('deleted');
  const state = `The run ${run} must be in the 'active' state. Current state is deleted.`;
  const writes: [string, object][] = [
    ['runs/set-tag', { key: 't', value: '2' }],
    ['runs/delete-tag', { key: 't' }],
    ['runs/update', { status: 'FINISHED' }],
    ['runs/log-metric', { key: 'm', value: 1, timestamp: 1 }],
    ['runs/log-parameter', { key: 'p', value: '1' }],
    ['runs/log-batch', {}],
    ['runs/log-batch', { metrics: [{ key: 'never seen', value: 1, timestamp: 1 }] }],
    ['runs/log-inputs', { models: [] }],
    ['runs/outputs', { models: [] }],
  ];
  for (const [path, body] of writes)
    expect([path, ...(await refusal(path, { run_id: run, ...body }))]).toEqual([path, 400, 'INVALID_PARAMETER_VALUE', state]);
  for (let twice = 0; twice < 2; twice += 1) await call('POST', 'runs/restore', { run_id: run });
  const back = await get(run);
  expect([back.info.lifecycle_stage, tagsOf(back).t]).toEqual(['active', '1']);
});

test('a tag is set, replaced and deleted; deleting what is not there is 404', async () => {
  const run = await newRun();
  for (const value of ['1', '2', '']) await call('POST', 'runs/set-tag', { run_id: run, key: 't', value });
  expect(tagsOf(await get(run)).t).toBe('');
  await call('POST', 'runs/delete-tag', { run_id: run, key: 't' });
  expect((await refusal('runs/delete-tag', { run_id: run, key: 't' })).slice(0, 2)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  expect((await refusal('runs/delete-tag', { run_id: run, key: 'never used by anybody' }))[0]).toBe(404);
});

test('runs start in existing, active experiments only', async () => {
  expect(await refusal('runs/create', { experiment_id: '4711' })).toEqual([404, 'RESOURCE_DOES_NOT_EXIST', 'No Experiment with id=4711 exists']);
  expect((await refusal('runs/create', { experiment_id: 'not a number' }))[0]).toBe(400);
  expect((await refusal('runs/create', {})).slice(0, 2)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
});

test('of runs finished many times at once, each change of status is told once', async () => {
  const hook = await call('POST', 'webhooks', { name: 'h', url: 'http://127.0.0.1:9/', events: [{ entity: 'RUN', action: 'FINISHED' }] });
  const run = await newRun();
  const finish = () => call('POST', 'runs/update', { run_id: run, status: 'FINISHED', end_time: 9 });
  await Promise.all(Array.from({ length: 12 }, finish));
  const { rows } = await app.deps.db.pool.query('select event from webhook_deliveries');
  expect(rows).toEqual([{ event: 'RUN.FINISHED' }]);
  await call('DELETE', `webhooks/${hook.webhook.webhook_id}`, {});
});
