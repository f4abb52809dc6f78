import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallOptions, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let experimentId: string;
beforeAll(async () => {
  app = await startApp();
  experimentId = (await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'models' })).body.experiment_id;
});
afterAll(() => app.close());

const models = (method: string, path: string, body?: Record<string, unknown>, options?: CallOptions) =>
  app.mlflow(method, `2.0/mlflow/logged-models${path}`, body, options);
const create = async (body: Record<string, unknown> = {}) => (await models('POST', '', { experiment_id: experimentId, ...body })).body.model;
const get = async (modelId: string) => (await models('GET', `/${modelId}`)).body.model;
const newRun = async () => (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experimentId })).body.run.info.run_id as string;

test('a model goes from PENDING to READY, with what it was given', async () => {
  const runId = await newRun();
  const made = await create({
    name: 'forest',
    model_type: 'classifier',
    source_run_id: runId,
    params: [{ key: 'depth', value: '3' }],
    tags: [{ key: 'empty', value: '' }],
  });
  expect(made.info.model_id).toMatch(/^m-[0-9a-f]{32}$/);
  expect(made).toEqual({
    info: {
      model_id: made.info.model_id,
      experiment_id: experimentId,
      name: 'forest',
      creation_timestamp_ms: made.info.creation_timestamp_ms,
      last_updated_timestamp_ms: made.info.creation_timestamp_ms,
      artifact_uri: `mlflow-artifacts:/${experimentId}/models/${made.info.model_id}/artifacts`,
      status: 'LOGGED_MODEL_PENDING',
      creator_id: 1,
      model_type: 'classifier',
      source_run_id: runId,
      tags: [{ key: 'empty', value: '' }],
    },
    data: { params: [{ key: 'depth', value: '3' }] },
  });
  const ready = await models('PATCH', `/${made.info.model_id}`, { model_id: made.info.model_id, status: 'LOGGED_MODEL_READY' });
  expect(ready.body.model.info.status).toBe('LOGGED_MODEL_READY');
  expect((await models('PATCH', `/${made.info.model_id}`, { status: 3 })).body.model.info.status).toBe('LOGGED_MODEL_UPLOAD_FAILED');
  expect((await models('PATCH', `/${made.info.model_id}`, { status: 'LOGGED_MODEL_PENDING' })).status).toBe(400);
  expect((await models('PATCH', `/${made.info.model_id}`, {})).body.message).toContain("Missing value for required parameter 'status'");
});

test('names are made up when none is given, and refused when they would break addresses', async () => {
  expect((await create()).info.name).toMatch(/^\w+-\w+-\d+$/);
  for (const name of ['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b", 'n'.repeat(501)]) {
    expect(await models('POST', '', { experiment_id: experimentId, name })).toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
  }
});

test('a model needs a living experiment of the team', async () => {
  const gone = (await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'gone' })).body.experiment_id;
  await app.mlflow('POST', '2.0/mlflow/experiments/delete', { experiment_id: gone });
  expect((await models('POST', '', { experiment_id: gone })).body.message).toContain("must be in the 'active' state");
  expect(await models('POST', '', { experiment_id: '4711' })).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  expect((await models('POST', '', {})).body.message).toContain("Missing value for required parameter 'experiment_id'");
});

test('tags are set, replaced and deleted; params are added and never changed', async () => {
  const { model_id: id } = (await create()).info;
  await models('PATCH', `/${id}/tags`, {
    tags: [
      { key: 'a', value: '1' },
      { key: 'b/c d', value: '2' },
    ],
  });
  await models('PATCH', `/${id}/tags`, {
    tags: [
      { key: 'a', value: '0' },
      { key: 'a', value: '3' },
    ],
  });
  expect((await get(id)).info.tags).toEqual([
    { key: 'a', value: '3' },
    { key: 'b/c d', value: '2' },
  ]);
  expect((await models('DELETE', `/${id}/tags/${encodeURIComponent('b/c d')}`)).body).toEqual({});
  expect(await models('DELETE', `/${id}/tags/b`)).toMatchObject({
    status: 404,
    body: { message: `No tag with key 'b' found for model with ID '${id}'.` },
  });

  await models('POST', `/${id}/params`, { params: [{ key: 'p', value: '1' }] });
  expect(
    (
      await models('POST', `/${id}/params`, {
        params: [
          { key: 'p', value: '1' },
          { key: 'q', value: '' },
        ],
      })
    ).status,
  ).toBe(200);
  const changed = await models('POST', `/${id}/params`, {
    params: [
      { key: 'r', value: '1' },
      { key: 'p', value: '2' },
    ],
  });
  expect(changed).toMatchObject({ status: 400, body: { message: expect.stringContaining('Changing param values is not allowed') } });
  expect((await get(id)).data.params).toEqual([
    { key: 'p', value: '1' },
    { key: 'q', value: '' },
  ]);
  for (const params of [
    [{ key: 'k'.repeat(256), value: '' }],
    [{ key: 'k' }],
    [{ value: 'v' }],
    'text',
    [
      { key: 'x', value: '1' },
      { key: 'x', value: '2' },
    ],
  ]) {
    expect((await models('POST', `/${id}/params`, { params })).status).toBe(400);
  }
});

test('points that name a model are kept beside it, each once, NaN and large steps too', async () => {
  const runId = await newRun();
  const { model_id: id } = (await create()).info;
  const point = { key: 'loss', timestamp: 5, model_id: id, dataset_name: 'iris', dataset_digest: 'd' };
  const log = (metrics: unknown[]) => app.mlflow('POST', '2.0/mlflow/runs/log-batch', { run_id: runId, metrics });
  expect(
    (
      await log([
        { ...point, value: 'NaN', step: '9007199254740993' },
        { ...point, value: 0.5, step: 1 },
        { ...point, value: 0.5, step: 1 },
      ])
    ).status,
  ).toBe(200);
  await app.mlflow('POST', '2.0/mlflow/runs/log-metric', { run_id: runId, ...point, value: 0.5, step: 1 });
  const answer = await fetch(`${app.url}/api/2.0/mlflow/logged-models/${id}`, { headers: { authorization: `Bearer ${'A'.repeat(40)}` } });
  const text = await answer.text();
  expect(text).toContain('"step":9007199254740993');
  expect(JSON.parse(text).model.data.metrics).toMatchObject([
    { ...point, value: 0.5, step: 1, run_id: runId },
    { ...point, value: 'NaN', run_id: runId },
  ]);
  const unknown = await log([
    { ...point, value: 1, step: 2 },
    { ...point, value: 1, step: 3, model_id: `m-${'f'.repeat(32)}` },
  ]);
  expect(unknown).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  // Not compressible, so that it would not fit into an index entry.
  const strange = Array.from({ length: 500 }, (_, index) => String.fromCodePoint(0x20000 + ((index * 7919) % 40000))).join('');
  for (const over of [{ dataset_name: 'n'.repeat(501) }, { dataset_digest: 'n'.repeat(37) }, { dataset_name: strange, key: strange.slice(0, 500) }]) {
    expect((await log([{ ...point, value: 1, step: 9, ...over }])).status).toBe(400);
  }
  expect((await log([{ ...point, value: 1, step: 9, model_id: 'm-1' }])).status).toBe(404);
  expect((await get(id)).data.metrics).toHaveLength(2);
});

test('what is deleted is gone, except for those who ask for deleted ones', async () => {
  const { model_id: id } = (await create()).info;
  expect((await models('DELETE', `/${id}`)).body).toEqual({});
  expect((await models('DELETE', `/${id}`)).status).toBe(200);
  const refused = [
    await models('GET', `/${id}`),
    await models('PATCH', `/${id}`, { status: 'LOGGED_MODEL_READY' }),
    await models('PATCH', `/${id}/tags`, { tags: [{ key: 'a', value: 'b' }] }),
    await models('POST', `/${id}/params`, { params: [{ key: 'a', value: 'b' }] }),
  ];
  const body = { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `Logged model with ID '${id}' not found.` };
  for (const answer of refused) expect(answer).toMatchObject({ status: 404, body });
  expect((await models('GET', `/${id}`, { allow_deleted: true })).body.model.info.model_id).toBe(id);
  const found = await models('POST', '/search', { experiment_ids: [experimentId], filter: `model_id = '${id}'` });
  expect(found.body).toEqual({});
});

test("another team's model, and what can't be an id, answer like what doesn't exist", async () => {
  const { model_id: id } = (await create({ name: 'private' })).info;
  const { token } = await app.seedTeam();
  for (const answer of [
    await models('GET', `/${id}`, {}, { token }),
    await models('DELETE', `/${id}`, {}, { token }),
    await models('PATCH', `/${id}/tags`, { tags: [{ key: 'a', value: 'b' }] }, { token }),
    await models('GET', '/m-123'),
    await models('GET', `/${id.slice(2)}`),
    await models('GET', '/search'),
  ]) {
    expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
  }
  expect((await models('POST', '/search', { experiment_ids: [experimentId, '0'] }, { token })).body).toEqual({});
  expect((await get(id)).info.name).toBe('private');
});

test('viewers read and write nothing', async () => {
  const { token } = await app.seedTeam(undefined, 'VIEWER');
  expect((await models('POST', '/search', { experiment_ids: ['0'] }, { token })).status).toBe(200);
  expect(await models('POST', '', { experiment_id: '0' }, { token })).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
});

describe('search', () => {
  let scope: string;
  const search = (body: Record<string, unknown> = {}) => models('POST', '/search', { experiment_ids: [scope], ...body });
  const names = async (body: Record<string, unknown> = {}) => {
    const { status, body: found } = await search(body);
    expect(found.message, JSON.stringify(body)).toBeUndefined();
    expect(status).toBe(200);
    return (found.models ?? []).map((model: { info: { name: string } }) => model.info.name);
  };

  beforeAll(async () => {
    scope = (await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'searched' })).body.experiment_id;
    const runId = (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: scope })).body.run.info.run_id;
    for (const [name, loss, dataset] of [
      ['one', 0.1, 'train'],
      ['two', 0.2, 'train'],
      ['three', 0.3, 'test'],
      ['four', null, ''],
    ] as const) {
      const { info } = await create({ experiment_id: scope, name, params: [{ key: 'b', value: '5' }], tags: [{ key: 'team', value: name }] });
      if (loss === null) continue;
      const metric = { run_id: runId, key: 'loss', value: loss, timestamp: 1, model_id: info.model_id, dataset_name: dataset, dataset_digest: 'd' };
      expect((await app.mlflow('POST', '2.0/mlflow/runs/log-metric', metric)).status).toBe(200);
    }
  });

  test('newest first, by pages of the size asked for, following the token', async () => {
    expect(await names()).toEqual(['four', 'three', 'two', 'one']);
    const first = await search({ max_results: 3 });
    expect(first.body.models).toHaveLength(3);
    const second = await search({ max_results: 3, page_token: first.body.next_page_token });
    expect(second.body.models.map((model: { info: { name: string } }) => model.info.name)).toEqual(['one']);
    expect(second.body.next_page_token).toBeUndefined();
    expect((await search({ page_token: first.body.next_page_token, filter: "name = 'one'" })).status).toBe(400);
    expect((await search({ page_token: 'x' })).status).toBe(400);
    expect((await search({ max_results: -1 })).status).toBe(400);
    expect((await models('POST', '/search', {})).body.message).toContain("Missing value for required parameter 'experiment_ids'");
    expect((await search({ experiment_ids: [] })).body).toEqual({});
  });

  test('filters by attributes, params, tags and metrics', async () => {
    expect(await names({ filter: "name LIKE 't%'" })).toEqual(['three', 'two']);
    expect(await names({ filter: "tags.team = 'one' AND params.b = 5" })).toEqual(['one']);
    expect(await names({ filter: 'metrics.loss < 0.25' })).toEqual(['two', 'one']);
    expect(await names({ filter: "status = 'LOGGED_MODEL_PENDING'" })).toHaveLength(4);
    expect((await search({ filter: 'metrics.loss ~ 1' })).status).toBe(400);
  });

  test('narrows metrics to datasets', async () => {
    expect(await names({ datasets: [{ dataset_name: 'train' }] })).toEqual(['two', 'one']);
    expect(await names({ datasets: [{ dataset_name: 'train' }], filter: 'metrics.loss > 0.1' })).toEqual(['two']);
    expect(await names({ datasets: [{ dataset_name: 'train', dataset_digest: 'other' }] })).toEqual([]);
    expect((await search({ datasets: [{}] })).status).toBe(400);
  });

  test('orders by attributes and metrics, those without a value last', async () => {
    expect(await names({ order_by: [{ field_name: 'metrics.loss', ascending: false }] })).toEqual(['three', 'two', 'one', 'four']);
    expect(await names({ order_by: [{ field_name: 'metrics.loss', dataset_name: 'test' }] })).toEqual(['three', 'four', 'two', 'one']);
    expect(await names({ order_by: [{ field_name: 'creation_timestamp' }] })).toEqual(['one', 'two', 'three', 'four']);
    expect((await search({ order_by: [{ field_name: 'params.b' }] })).status).toBe(400);
    expect((await search({ order_by: [{ field_name: 'nonsense' }] })).status).toBe(400);
  });
});
