// MLflow's workspaces are teams: named by a header, by the address, and managed through the protocol.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const path = '3.0/mlflow/workspaces';

test('a server administrator makes, describes and removes one, with the statuses that the client demands', async () => {
  const made = await app.mlflow('POST', path, { name: 'vision', description: 'Cameras' });
  expect([made.status, made.body]).toEqual([201, { workspace: { name: 'vision', description: 'Cameras' } }]);
  expect(await app.mlflow('POST', path, { name: 'vision' })).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
  for (const name of ['Upper', 'a b', '-x', 'x'.repeat(64)]) expect((await app.mlflow('POST', path, { name })).status).toBe(400);
  expect((await app.mlflow('PATCH', `${path}/vision`, { description: 'Lenses' })).body).toEqual({
    workspace: { name: 'vision', description: 'Lenses' },
  });
  expect((await app.mlflow('GET', `${path}/vision`)).body).toEqual({ workspace: { name: 'vision', description: 'Lenses' } });
  expect((await app.mlflow('GET', path)).body.workspaces).toEqual([
    { name: 'default', description: 'Default' },
    { name: 'vision', description: 'Lenses' },
  ]);

  const inVision = { headers: { 'x-mlflow-workspace': 'vision' } };
  const run = await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' }, inVision);
  expect(run.status).toBe(200);
  const full = await app.mlflow('DELETE', `${path}/vision`);
  expect([full.status, full.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);

  await app.mlflow('POST', path, { name: 'empty' });
  const gone = await app.mlflow('DELETE', `${path}/empty`);
  expect([gone.status, gone.body]).toEqual([204, '']);
  expect((await app.mlflow('GET', `${path}/empty`)).status).toBe(404);
  expect((await app.mlflow('DELETE', `${path}/default`)).status).toBe(400);
});

test('the header and the address lead to the same team, and the address wins', async () => {
  await app.mlflow('POST', path, { name: 'speech' });
  const header = { headers: { 'x-mlflow-workspace': 'speech' } };
  const made = await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'only there' }, header);
  expect(made.status).toBe(200);
  const find = async (prefix: string, options = {}) => {
    const url = `${app.url}${prefix}/api/2.0/mlflow/experiments/get-by-name?experiment_name=only%20there`;
    return (await fetch(url, { headers: { authorization: `Bearer ${'A'.repeat(40)}`, ...options } })).status;
  };
  expect(await find('/t/speech')).toBe(200);
  expect(await find('')).toBe(404);
  expect(await find('/t/default', { 'x-mlflow-workspace': 'speech' })).toBe(404);
  expect(await find('/t/speech', { 'x-mlflow-workspace': 'default' })).toBe(200);
  expect(await find('/t/nobody')).toBe(404);
});

test('a token of one team knows that team alone', async () => {
  const { slug, token } = await app.seedTeam('narrow', 'CONTRIBUTOR');
  const mine = await app.mlflow('GET', path, {}, { token });
  expect(mine.body.workspaces.map((one: { name: string }) => one.name)).toEqual([slug]);
  expect((await app.mlflow('GET', `${path}/default`, {}, { token })).status).toBe(404);
  expect((await app.mlflow('POST', path, { name: 'more' }, { token })).body.error_code).toBe('PERMISSION_DENIED');
  expect((await app.mlflow('PATCH', `${path}/${slug}`, { description: 'x' }, { token })).body.error_code).toBe('PERMISSION_DENIED');
});

test('paths of clients before 2.0 and of MLflow’s page reach the same routes', async () => {
  const headers = { authorization: `Bearer ${'A'.repeat(40)}` };
  for (const address of [
    '/api/2.0/preview/mlflow/experiments/get',
    '/ajax-api/2.0/mlflow/experiments/get',
    '/ajax-api/2.0/preview/mlflow/experiments/get',
    '/t/default/api/2.0/preview/mlflow/experiments/get',
  ]) {
    const answer = await fetch(`${app.url}${address}?experiment_id=0`, { headers });
    expect([address, answer.status]).toEqual([address, 200]);
  }
  expect((await app.mlflow('GET', '3.0/mlflow/server-info')).body).toEqual({ store_type: 'SqlStore', workspaces_enabled: true });
});
