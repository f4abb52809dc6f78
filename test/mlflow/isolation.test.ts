// What another team owns answers exactly like what doesn't exist, on every route of the MLflow door, and nothing of it changes.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { CASES, dumpTeam, type Endpoint, endpoints, nowhere, type Person, type Scene, type Sent, seedPerson, seedScene, send } from './cases.ts';

let app: TestApp;
let owner: Person;
let stranger: Person;
/** The owner's things, and the stranger's own. */
let scene: Scene;
let own: Scene;

beforeAll(async () => {
  app = await startApp({ env: { RUNLEDGER_WEBHOOK_ALLOW_PRIVATE: 'on' } });
  owner = await seedPerson(app);
  stranger = await seedPerson(app);
  scene = await seedScene(app, owner);
  own = await seedScene(app, stranger);
});
afterAll(() => app.close());

/** Every file of the artifact store, by a hash of its bytes. */
async function dumpFiles(folder = path.join(app.deps.config.dataDir, 'artifacts')): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true }).catch(() => [])).sort();
  const files: Record<string, string> = {};
  for (const name of names) {
    const file = path.join(folder, name);
    if ((await stat(file)).isFile())
      files[name] = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
  }
  return files;
}

/** The answer with the scene's ids replaced by their names, so that two scenes can be compared. */
function normal(sent: Sent, at: Scene): { status: number; text: string; type: string | null } {
  const ids = Object.entries(at).filter(([name]) => !['version', 'alias', 'file'].includes(name));
  let text = sent.text;
  for (const [name, id] of ids) text = text.replaceAll(id, `<${name}>`).replaceAll(id.replace(/^m-/, ''), `<${name}>`);
  return { status: sent.status, text, type: sent.headers.get('content-type') };
}

const namesNothing = (row: Endpoint, missing: Scene) => JSON.stringify(row.case.fields(scene, own)) === JSON.stringify(row.case.fields(missing, own));

test('every route has a request here, with every field that it reads', () => {
  expect(endpoints.filter((row) => !row.case).map((row) => row.key)).toEqual([]);
  const known = new Set(endpoints.map((row) => row.key));
  expect(Object.keys(CASES).filter((key) => !known.has(key))).toEqual([]);
  for (const row of endpoints)
    if (row.fields.length > 0) expect([row.key, Object.keys(row.case.fields(scene, own)).sort()]).toEqual([row.key, row.fields.sort()]);
});

test.each(endpoints)('$key: a stranger meets nothing', async (row: Endpoint) => {
  const before = { rows: await dumpTeam(app, owner.slug), files: await dumpFiles() };
  const missing = nowhere();
  const asked = await send(app, row, row.case.fields(scene, own), { token: stranger.token });
  const unknown = await send(app, row, row.case.fields(missing, own), { token: stranger.token });
  expect(asked.status).toBeLessThan(502);
  expect(asked.status).not.toBe(500);
  if (row.case.public) expect([asked.status, unknown.status]).toEqual([200, 200]);
  else if (namesNothing(row, missing)) expect(asked.text).toBe(unknown.text);
  else expect(normal(asked, scene)).toEqual(normal(unknown, missing));
  for (const id of [scene.otherRun, 'person-1']) expect(unknown.text).not.toContain(id);
  expect({ rows: await dumpTeam(app, owner.slug), files: await dumpFiles() }).toEqual({ ...before, files: expect.objectContaining(before.files) });
});

test.each(endpoints)('$key: without credentials it is 401, and another team by header or address is 404', async (row: Endpoint) => {
  const fields = row.case.fields(scene, own);
  const anonymous = await send(app, row, fields, { token: null });
  expect([anonymous.status, anonymous.body.error_code]).toEqual([401, 'UNAUTHENTICATED']);
  const wrong = await send(app, row, fields, { token: 'x'.repeat(40) });
  expect([wrong.status, wrong.body.error_code]).toEqual([401, 'UNAUTHENTICATED']);
  const byHeader = await send(app, row, fields, { token: stranger.token, headers: { 'x-mlflow-workspace': owner.slug } });
  expect([byHeader.status, byHeader.body.error_code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  const noTeam = await send(app, row, fields, { token: stranger.token, headers: { 'x-mlflow-workspace': 'no-such-team' } });
  expect(noTeam.text).toBe(byHeader.text.replaceAll(owner.slug, 'no-such-team'));
  const byAddress = await send(app, row, fields, { token: stranger.token, prefix: `/t/${owner.slug}` });
  expect(byAddress.text).toBe(byHeader.text);
});

/** Fields that name something of a team beside what the route is about. */
const REFERENCES: [string, (at: Scene, own: Scene) => Record<string, unknown>][] = [
  ['POST 2.0/mlflow/runs/log-metric', (at, own) => ({ run_id: own.run, key: 'k', value: 1, timestamp: 1, model_id: at.model })],
  ['POST 2.0/mlflow/runs/log-batch', (at, own) => ({ run_id: own.run, metrics: [{ key: 'k', value: 1, timestamp: 1, model_id: at.model }] })],
  ['POST 2.0/mlflow/runs/outputs', (at, own) => ({ run_id: own.run, models: [{ model_id: at.model, step: 1 }] })],
  ['POST 2.0/mlflow/runs/log-inputs', (at, own) => ({ run_id: own.run, models: [{ model_id: at.model }] })],
  ['POST 2.0/mlflow/model-versions/create', (at, own) => ({ name: own.registered, source: `models:/${at.model}` })],
  ['POST 2.0/mlflow/model-versions/create', (at, own) => ({ name: own.registered, source: `runs:/${at.run}/m` })],
  ['POST 2.0/mlflow/model-versions/create', (at, own) => ({ name: own.registered, source: `models:/${at.registered}/1` })],
  [
    'POST 2.0/mlflow/model-versions/create',
    (at, own) => ({ name: own.registered, source: `mlflow-artifacts:/${at.experiment}/${at.run}/artifacts/m` }),
  ],
  ['POST 2.0/mlflow/model-versions/create', (at, own) => ({ name: own.registered, source: 's3://elsewhere/m', model_id: at.model })],
  ['GET 2.0/mlflow/artifacts/list', (at, own) => ({ run_id: own.run, path: `../../${at.run}/artifacts` })],
];

test.each(REFERENCES)('%s (%#): a reference to what another team owns is a reference to nothing', async (key, fields) => {
  const row = endpoints.find((one) => one.key === key)!;
  const dump = async () => ({ owners: await dumpTeam(app, owner.slug), own: { ...(await dumpTeam(app, stranger.slug)), keys: 'may grow' } });
  const before = await dump();
  const missing = nowhere();
  const asked = await send(app, row, fields(scene, own), { token: stranger.token });
  const unknown = await send(app, row, fields(missing, own), { token: stranger.token });
  expect([400, 404]).toContain(asked.status);
  expect(normal(asked, scene)).toEqual(normal(unknown, missing));
  expect(await dump()).toEqual(before);
});

test("MLflow's GraphQL documents find nothing of another team", async () => {
  const documents = [
    '{ mlflowGetRun(input: {runId: "RUN"}) { run { info { runId } } } }',
    '{ mlflowGetExperiment(input: {experimentId: "EXPERIMENT"}) { experiment { name } } }',
    '{ mlflowListArtifacts(input: {runId: "RUN"}) { files { path } } }',
    '{ mlflowGetMetricHistoryBulkInterval(input: {runIds: ["RUN"], metricKey: "loss"}) { metrics { value } } }',
    'mutation { mlflowSearchRuns(input: {experimentIds: ["EXPERIMENT"]}) { runs { info { runId } } } }',
    `{ mlflowSearchModelVersions(input: {filter: "run_id = 'RUN'"}) { modelVersions { name } } }`,
  ];
  const missing = nowhere();
  for (const document of documents) {
    const ask = async (at: Scene, token: string | null) => {
      const query = document.replaceAll('RUN', at.run).replaceAll('EXPERIMENT', at.experiment);
      const { status, body } = await app.graphql(query, {}, { token });
      return { status, text: JSON.stringify(body).replaceAll(at.run, '<run>').replaceAll(at.experiment, '<experiment>') };
    };
    expect(await ask(scene, stranger.token)).toEqual(await ask(missing, stranger.token));
    expect((await ask(scene, owner.token)).text).not.toContain('"errors":["');
    expect((await ask(scene, null)).status).toBe(401);
  }
});

// Last, because it changes what it asks for.
test('the same requests succeed for their owner', async () => {
  const failed: unknown[] = [];
  const rest = [...endpoints];
  const worker = async () => {
    for (let row = rest.pop(); row; row = rest.pop()) {
      const mine = row.method === 'GET' ? scene : await seedScene(app, owner);
      const { status, text } = await send(app, row, row.case.fields(mine, mine), { token: owner.token });
      const expected = row.case.status ? status === row.case.status : status >= 200 && status < 300;
      if (!expected) failed.push([row.key, status, text.slice(0, 300)]);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  expect(failed).toEqual([]);
});
