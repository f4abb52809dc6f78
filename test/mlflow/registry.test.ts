// The model registry through MLflow's protocol, and what a version was made from.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import { requireTeam } from '../../src/auth/team.ts';
import { versionLineage } from '../../src/domain/registry/lineage.ts';
import { getModelVersion } from '../../src/domain/registry/versions.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const call = (method: string, path: string, body: Record<string, unknown>, token = ADMIN_TOKEN) =>
  app.mlflow(method, `2.0/mlflow/${path}`, body, { token });
const createModel = (name: string, token?: string) => call('POST', 'registered-models/create', { name }, token);
const createVersion = (name: string, more: Record<string, unknown> = {}, token?: string) =>
  call('POST', 'model-versions/create', { name, source: 's3://bucket/model', ...more }, token);
const getVersion = async (name: string, version: string) => (await call('GET', 'model-versions/get', { name, version })).body.model_version;
const downloadUri = async (name: string, version: string) =>
  (await call('GET', 'model-versions/get-download-uri', { name, version })).body.artifact_uri;

async function createRun(token?: string) {
  const { body } = await call('POST', 'runs/create', { experiment_id: '0', start_time: 1 }, token);
  return body.run.info as { run_id: string; artifact_uri: string };
}
async function createLoggedModel(fields: Record<string, unknown>, token?: string) {
  const { body } = await call('POST', 'logged-models', { experiment_id: '0', ...fields }, token);
  return body.model.info as { model_id: string; artifact_uri: string };
}

test('a version number is given once, also to clients that ask at the same time and after a delete', async () => {
  await createModel('numbers');
  const made = await Promise.all(Array.from({ length: 20 }, () => createVersion('numbers')));
  const numbers = made.map(({ body }) => Number(body.model_version.version)).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));

  expect((await call('DELETE', 'model-versions/delete', { name: 'numbers', version: '20' })).status).toBe(200);
  const gone = await call('GET', 'model-versions/get', { name: 'numbers', version: '20' });
  expect(gone).toMatchObject({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Model Version (name=numbers, version=20) not found' },
  });
  expect((await createVersion('numbers')).body.model_version.version).toBe('21');
});

test('a name is taken once, and a renamed model keeps its versions, tags and aliases', async () => {
  await call('POST', 'registered-models/create', { name: 'old name', tags: [{ key: 'a', value: 'b' }] });
  await createVersion('old name', { tags: [{ key: 'c', value: 'd' }], description: 'first' });
  await call('POST', 'registered-models/alias', { name: 'old name', alias: 'champion', version: '1' });
  expect(await createModel('old name')).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });

  expect((await call('POST', 'registered-models/rename', { name: 'old name', new_name: 'new name' })).status).toBe(200);
  const { body } = await call('GET', 'registered-models/get', { name: 'new name' });
  expect(body.registered_model).toMatchObject({ tags: [{ key: 'a', value: 'b' }], aliases: [{ alias: 'champion', version: '1' }] });
  expect(body.registered_model.latest_versions).toEqual([await getVersion('new name', '1')]);
  expect(await getVersion('new name', '1')).toMatchObject({ description: 'first', tags: [{ key: 'c', value: 'd' }], aliases: ['champion'] });
  expect((await call('GET', 'registered-models/get', { name: 'old name' })).status).toBe(404);
});

test('a stage can archive what was in it, in any case of letters, and only Staging and Production do', async () => {
  await createModel('stages');
  for (let made = 0; made < 3; made++) await createVersion('stages');
  const move = (version: string, stage: string, archive: boolean) =>
    call('POST', 'model-versions/transition-stage', { name: 'stages', version, stage, archive_existing_versions: archive });
  await move('1', 'production', false);
  await move('2', 'PRODUCTION', false);
  expect((await move('3', 'Production', true)).body.model_version.current_stage).toBe('Production');
  const { body } = await call('POST', 'registered-models/get-latest-versions', { name: 'stages', stages: ['archived', 'Production'] });
  expect(body.model_versions.map((one: { version: string; current_stage: string }) => [one.version, one.current_stage])).toEqual([
    ['2', 'Archived'],
    ['3', 'Production'],
  ]);
  expect((await move('3', 'None', true)).status).toBe(400);
  expect((await move('3', 'Shipping', false)).body.message).toBe(
    'Invalid Model Version stage: Shipping. Value must be one of None, Staging, Production, Archived.',
  );
  // Nothing is archived for a version that isn't there.
  expect((await move('9', 'Production', true)).status).toBe(404);
  expect((await getVersion('stages', '3')).current_stage).toBe('Production');
});

test('an alias moves, `latest` is the newest version, and reserved or odd names are refused', async () => {
  await createModel('aliases');
  await createVersion('aliases');
  await createVersion('aliases');
  const set = (alias: string, version = '1') => call('POST', 'registered-models/alias', { name: 'aliases', alias, version });
  const get = (alias: string) => call('GET', 'registered-models/alias', { name: 'aliases', alias });
  await set('Champion');
  await set('Champion', '2');
  expect((await get('Champion')).body.model_version).toMatchObject({ version: '2', aliases: ['Champion'] });
  expect((await get('champion')).status).toBe(400);
  expect((await get('LATEST')).body.model_version.version).toBe('2');
  for (const alias of ['latest', 'v1', 'a b', 'a/b', 'x'.repeat(256)]) expect((await set(alias)).status).toBe(400);
  expect((await set('champion', '7')).status).toBe(404);
  for (let times = 0; times < 2; times++) {
    expect((await call('DELETE', 'registered-models/alias', { name: 'aliases', alias: 'Champion' })).status).toBe(200);
  }
});

test('sources are resolved to where the files are', async () => {
  await createModel('sources');
  const run = await createRun();
  const model = await createLoggedModel({ name: 'net', source_run_id: run.run_id });
  const register = async (source: string, more = {}) => {
    const { body } = await createVersion('sources', { source, ...more });
    return { ...body.model_version, download: await downloadUri('sources', body.model_version.version) };
  };
  const ofModel = { download: model.artifact_uri, run_id: run.run_id, model_id: model.model_id };
  expect(await register(`models:/${model.model_id}`)).toMatchObject({ version: '1', source: `models:/${model.model_id}`, ...ofModel });
  expect(await register('models:/sources/1')).toMatchObject(ofModel);
  await call('POST', 'registered-models/alias', { name: 'sources', alias: 'best', version: '1' });
  expect(await register('models:/sources@best')).toMatchObject(ofModel);
  expect(await register(`runs:/${run.run_id}/net`)).toMatchObject(ofModel);
  expect(await register(`runs:/${run.run_id}/other/model`)).toMatchObject({ download: `${run.artifact_uri}/other/model`, run_id: run.run_id });
  expect(await register('runs:/my-run/model')).toMatchObject({ download: 'runs:/my-run/model', run_id: '' });
  expect(await register(`${run.artifact_uri}//model/`)).toMatchObject({ download: `${run.artifact_uri}/model` });

  const { body } = await call('GET', `logged-models/${model.model_id}`, {});
  const noted = body.model.info.tags.find((tag: { key: string }) => tag.key === 'mlflow.modelVersions').value;
  expect(noted).toBe(`[${[1, 2, 3, 4].map((version) => `{"name": "sources", "version": ${version}}`).join(', ')}]`);
});

test("sources on the server's disk, with ways out, or of things the team doesn't have are refused and write nothing", async () => {
  const other = await app.seedTeam();
  await createModel('refused');
  const run = await createRun(other.token);
  const model = await createLoggedModel({ name: 'net', source_run_id: run.run_id }, other.token);
  await createModel('theirs', other.token);
  await createVersion('theirs', {}, other.token);
  const cases: [Record<string, unknown>, number][] = [
    [{ source: '/etc/passwd' }, 400],
    [{ source: 'file:///etc/passwd' }, 400],
    [{ source: 'file://host/share' }, 400],
    [{ source: 'C:\\models' }, 400],
    [{ source: 'model' }, 400],
    [{ source: 'mlflow-artifacts:/0/../1' }, 400],
    [{ source: 'mlflow-artifacts:/0/%252e%252e/1' }, 400],
    [{ source: 'models:/a/b/c' }, 400],
    [{ source: 'prompt', tags: [{ key: 'k'.repeat(251), value: '' }] }, 400],
    [{ source: `s3://b/${'x'.repeat(3000)}` }, 400],
    [{ source: `runs:/${run.run_id}/net` }, 404],
    [{ source: run.artifact_uri }, 404],
    [{ source: model.artifact_uri }, 404],
    [{ source: `models:/${model.model_id}` }, 404],
    [{ source: 'models:/theirs/1' }, 404],
    [{ run_id: run.run_id }, 404],
    [{ model_id: model.model_id }, 404],
  ];
  for (const [fields, status] of cases) expect([fields, (await createVersion('refused', fields)).status]).toEqual([fields, status]);
  expect((await call('GET', 'model-versions/search', { filter: "name = 'refused'" })).body).toEqual({});
});

test('the registry of another team answers like an empty one, and a role promotes only what it may', async () => {
  const { token } = await app.seedTeam(undefined, 'CONTRIBUTOR');
  await createModel('mine');
  await createVersion('mine');
  expect((await call('GET', 'registered-models/search', {}, token)).body).toEqual({});
  for (const [method, path, body] of [
    ['GET', 'registered-models/get', {}],
    ['GET', 'model-versions/get', { version: '1' }],
    ['GET', 'model-versions/get-download-uri', { version: '1' }],
    ['POST', 'registered-models/set-tag', { key: 'a', value: 'b' }],
    ['PATCH', 'model-versions/update', { version: '1', description: 'stolen' }],
  ] as const) {
    expect((await call(method, path, { name: 'mine', ...body }, token)).body.error_code).toBe('RESOURCE_DOES_NOT_EXIST');
  }
  await createModel('theirs', token);
  expect((await createVersion('theirs', {}, token)).status).toBe(200);
  for (const [method, path, body] of [
    ['POST', 'registered-models/alias', { alias: 'a', version: '1' }],
    ['POST', 'model-versions/transition-stage', { version: '1', stage: 'Production' }],
    ['POST', 'registered-models/rename', { new_name: 'ours' }],
    ['DELETE', 'registered-models/delete', {}],
  ] as const) {
    expect((await call(method, path, { name: 'theirs', ...body }, token)).body.error_code).toBe('PERMISSION_DENIED');
  }
});

test('a page of models takes two statements, and pages meet without gaps while models are added', async () => {
  const { token } = await app.seedTeam();
  for (let made = 10; made < 20; made++) {
    await createModel(`paged-${made}`, token);
    await createVersion(`paged-${made}`, {}, token);
  }
  await call('POST', 'registered-models/create', { name: 'prompt', tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] }, token);
  const names: string[] = [];
  let pageToken: string | undefined;
  do {
    const statements: string[] = [];
    const off = app.deps.db.onStatement(({ name }) => statements.push(name));
    const page = await call('GET', 'registered-models/search', { max_results: 4, ...(pageToken && { page_token: pageToken }) }, token);
    off();
    expect(statements.filter((name) => /^(registered_models|model_versions)\./.test(name))).toHaveLength(2);
    names.push(...page.body.registered_models.map((model: { name: string }) => model.name));
    pageToken = page.body.next_page_token;
    if (names.length === 4) await createModel('paged-00', token);
  } while (pageToken);
  expect(names).toEqual(Array.from({ length: 10 }, (_, index) => `paged-${index + 10}`));
});

test('a version knows the run, data, code and params behind it', async () => {
  const run = await createRun();
  await call('POST', 'runs/log-batch', {
    run_id: run.run_id,
    params: [{ key: 'depth', value: '5' }],
    tags: [{ key: 'mlflow.source.git.commit', value: 'abc123' }],
  });
  const dataset = { name: 'train', digest: 'd1', source_type: 'local', source: '{}' };
  await call('POST', 'runs/log-inputs', { run_id: run.run_id, datasets: [{ dataset, tags: [] }] });
  await createModel('lineage');
  await createVersion('lineage', { source: `runs:/${run.run_id}/model` });
  await createVersion('lineage', { source: 'models:/lineage/1' });

  const viewer = await authenticate(app.deps, { authorization: `Bearer ${ADMIN_TOKEN}` });
  const ctx = requireTeam({ ...app.deps, viewer, requestId: 'test' }, undefined);
  const lineage = await versionLineage(ctx, await getModelVersion(ctx, 'lineage', 2));
  expect(lineage).toMatchObject({
    run: { runId: run.run_id },
    datasets: [{ dataset: { name: 'train', digest: 'd1' } }],
    params: [{ key: 'depth', value: '5' }],
    code: { gitCommit: 'abc123', gitBranch: null },
    parents: [],
    copyOf: { name: 'lineage', version: 1 },
  });
});
