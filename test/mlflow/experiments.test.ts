// What MLflow's clients rely on about experiments: names, numbers, deleting and restoring with their runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertRun } from '../../src/db/tracking/runs.ts';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const ask = (method: string, path: string, body: Record<string, unknown>) => app.mlflow(method, `2.0/mlflow/${path}`, body);
const call = async (method: string, path: string, body: Record<string, unknown>) => {
  const answer = await ask(method, path, body);
  expect([path, answer.status, answer.status === 200 ? '' : JSON.stringify(answer.body)]).toEqual([path, 200, '']);
  return answer.body;
};
const create = async (name: string, more = {}): Promise<string> => (await call('POST', 'experiments/create', { name, ...more })).experiment_id;
const get = async (experiment_id: string) => (await call('GET', 'experiments/get', { experiment_id })).experiment;
const code = async (method: string, path: string, body: Record<string, unknown>) => {
  const answer = await ask(method, path, body);
  return [answer.status, answer.body.error_code];
};

test('"0" is there from the start', async () => {
  expect(await get('0')).toMatchObject({ experiment_id: '0', name: 'Default', lifecycle_stage: 'active', artifact_location: 'mlflow-artifacts:/0' });
});

test('the codes on which set_experiment depends', async () => {
  expect(await code('GET', 'experiments/get-by-name', { experiment_name: 'new' })).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  const id = await create('new', {
    tags: [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ],
  });
  expect(await code('POST', 'experiments/create', { name: 'new' })).toEqual([400, 'RESOURCE_ALREADY_EXISTS']);
  const found = (await call('GET', 'experiments/get-by-name', { experiment_name: 'new' })).experiment;
  expect(found).toMatchObject({ experiment_id: id, tags: [{ key: 'a', value: '2' }], artifact_location: `mlflow-artifacts:/${id}` });
  await call('POST', 'experiments/delete', { experiment_id: id });
  expect(await code('POST', 'experiments/create', { name: 'new' })).toEqual([400, 'RESOURCE_ALREADY_EXISTS']);
  expect((await call('GET', 'experiments/get-by-name', { experiment_name: 'new' })).experiment.lifecycle_stage).toBe('deleted');
});

test('of many clients that create one name at once, one does', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => code('POST', 'experiments/create', { name: 'contended' })));
  expect(answers.filter(([status]) => status === 200)).toHaveLength(1);
  expect(answers.filter(([status]) => status !== 200).every(([, error]) => error === 'RESOURCE_ALREADY_EXISTS')).toBe(true);
  const ids = await Promise.all(Array.from({ length: 20 }, (_none, index) => create(`parallel ${index}`)));
  expect(new Set(ids).size).toBe(20);
});

test('renaming keeps the number, and takes no name that is taken', async () => {
  const id = await create('before');
  await create('taken');
  await call('POST', 'experiments/update', { experiment_id: id, new_name: 'after' });
  expect((await get(id)).name).toBe('after');
  expect(await code('POST', 'experiments/update', { experiment_id: id, new_name: 'taken' })).toEqual([400, 'RESOURCE_ALREADY_EXISTS']);
  expect(await code('POST', 'experiments/update', { experiment_id: id, new_name: ' ' })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  expect(await code('POST', 'experiments/update', { experiment_id: id })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  expect((await get(id)).name).toBe('after');
});

test('deleting takes the runs along, restoring brings all of them back', async () => {
  const id = await create('with runs');
  const newRun = async () => (await call('POST', 'runs/create', { experiment_id: id })).run.info.run_id;
  const [kept, deleted] = [await newRun(), await newRun()];
  await call('POST', 'runs/delete', { run_id: deleted });
  const stages = async () => {
    const runs = await Promise.all([kept, deleted].map((run_id) => call('GET', 'runs/get', { run_id })));
    return [(await get(id)).lifecycle_stage, ...runs.map(({ run }) => run.info.lifecycle_stage)];
  };
  for (let twice = 0; twice < 2; twice += 1) await call('POST', 'experiments/delete', { experiment_id: id });
  expect(await stages()).toEqual(['deleted', 'deleted', 'deleted']);
  expect(await code('POST', 'runs/create', { experiment_id: id })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  expect(await code('POST', 'runs/log-metric', { run_id: kept, key: 'm', value: 1, timestamp: 1 })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  expect(await code('POST', 'experiments/update', { experiment_id: id, new_name: 'x' })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  expect(await code('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'v' })).toEqual([400, 'INVALID_PARAMETER_VALUE']);
  await call('POST', 'experiments/restore', { experiment_id: id });
  expect(await stages()).toEqual(['active', 'active', 'active']);
});

test('a run that is being started while its experiment is deleted is deleted with it', async () => {
  const id = await create('race');
  const run = {
    runId: '0'.repeat(32),
    experimentId: Number(id),
    name: 'late',
    status: 'RUNNING' as const,
    userId: '',
    createdBy: 1,
    startTime: 1,
    artifactPath: '/x',
    tagKeyIds: [],
    tagValues: [],
  };
  let deleting: Promise<unknown> = Promise.resolve();
  await app.deps.db.tx(async (tx) => {
    await insertRun(tx, 1, run);
    deleting = call('POST', 'experiments/delete', { experiment_id: id });
    await sleep(150);
  });
  await deleting;
  expect(await call('POST', 'runs/search', { experiment_ids: [id], run_view_type: 'ACTIVE_ONLY' })).toEqual({});
  expect((await call('GET', 'runs/get', { run_id: run.runId })).run.info.lifecycle_stage).toBe('deleted');
});

test('tags are set, replaced and deleted', async () => {
  const id = await create('tagged');
  for (const value of ['1', '2']) await call('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'k', value });
  await call('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'mlflow.note.content', value: 'x'.repeat(5_000) });
  expect((await get(id)).tags[0]).toEqual({ key: 'k', value: '2' });
  expect(await code('POST', 'experiments/set-experiment-tag', { experiment_id: id, key: 'k', value: 'x'.repeat(5_001) })).toEqual([
    400,
    'INVALID_PARAMETER_VALUE',
  ]);
  await call('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'k' });
  expect(await code('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'k' })).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
});

test('places for artifacts that are no place are refused', async () => {
  const bad = ['runs:/x/y', 's3://b/x#y', 's3://b/p?x=../..', 's3://b/../../etc', 's3://b/%2e%2e/x', `s3://b/${'x'.repeat(2_048)}`];
  for (const [index, artifact_location] of bad.entries()) {
    expect([artifact_location.slice(0, 30), await code('POST', 'experiments/create', { name: `place ${index}`, artifact_location })]).toEqual([
      artifact_location.slice(0, 30),
      [400, 'INVALID_PARAMETER_VALUE'],
    ]);
  }
  const id = await create('elsewhere', { artifact_location: 's3://bucket/folder/' });
  expect((await call('POST', 'runs/create', { experiment_id: id })).run.info.artifact_uri).toMatch(
    /^s3:\/\/bucket\/folder\/[0-9a-f]{32}\/artifacts$/,
  );
});
