// What a registered version is made of can't change, by no door; what others made takes the role that the table says; and the audit log tells of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { data, seedPerson } from '../support/people.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;
type Person = { token: string; userId: number };

let app: TestApp;
let ann: Person;
let bob: Person;
let boss: Person;
beforeAll(async () => {
  app = await startApp();
  await app.seedTeam('crew');
  ann = await seedPerson(app, 'ann@example.com', 'crew', 'CONTRIBUTOR');
  bob = await seedPerson(app, 'bob@example.com', 'crew', 'CONTRIBUTOR');
  boss = await seedPerson(app, 'boss@example.com', 'crew', 'ADMIN');
});
afterAll(() => app.close());

const files = (path: string) => `${app.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
const call = async (method: string, address: string, who: Person, body?: string) => {
  const answer = await fetch(address, { method, body, headers: { authorization: `Bearer ${who.token}` } });
  return answer.status;
};
const put = (path: string, who: Person, text = 'x') => call('PUT', files(path), who, text);
const remove = (path: string, who: Person) => call('DELETE', files(path), who);
const read = async (path: string, who: Person = boss) => (await fetch(files(path), { headers: { authorization: `Bearer ${who.token}` } })).text();
const mlflow = async (path: string, body: Record<string, unknown>, who: Person): Promise<Loose> =>
  (await app.mlflow('POST', `2.0/mlflow/${path}`, body, { token: who.token })).body;

let named = 0;
const newExperiment = async (who: Person, location?: string) =>
  mlflow('experiments/create', { name: `e${++named}`, artifact_location: location }, who);
const newRun = async (who: Person, experiment = '0') => {
  const { info } = (await mlflow('runs/create', { experiment_id: experiment }, who)).run;
  return { id: info.run_id as string, path: (info.artifact_uri as string).replace('mlflow-artifacts:/', '') };
};
const newVersion = async (source: string, who: Person, more: Record<string, unknown> = {}) => {
  const name = `m${++named}`;
  await mlflow('registered-models/create', { name }, who);
  const { model_version: made, ...fault } = await mlflow('model-versions/create', { name, source, ...more }, who);
  return made ? { name, version: made.version as string } : fault;
};
const audit = async (actions: string[]) => {
  const query =
    '($a: [AuditAction!]) { team(slug: "crew") { auditLog(where: {actions: $a}, first: 50) { nodes { action target actorName after } } } }';
  return (await data(app, `query${query}`, { a: actions }, { token: boss.token })).team.auditLog.nodes as Loose[];
};

describe('the files of a version', () => {
  it.each(['run', 'chosen location', 'logged model', 'whole run', 'copied', 'percent-encoded', 'by http'])('stay: %s', async (kind) => {
    const experiment = kind === 'chosen location' ? (await newExperiment(ann, `mlflow-artifacts:/chosen/${++named}`)).experiment_id : '0';
    const run = await newRun(ann, experiment);
    let folder = `${run.path}/model`;
    let source = `runs:/${run.id}/model`;
    let more: Record<string, unknown> = {};
    if (kind === 'whole run') source = `runs:/${run.id}/`;
    if (kind === 'percent-encoded') {
      folder = `${run.path}/my model`;
      source = `mlflow-artifacts:/${run.path}/my%20model`;
    }
    if (kind === 'by http') source = files(folder);
    if (kind === 'copied') {
      folder = `copies/${++named}`;
      source = `mlflow-artifacts:/${folder}`;
    }
    if (kind === 'logged model') {
      const { model } = await mlflow('logged-models', { experiment_id: '0', name: 'net', source_run_id: run.id }, ann);
      folder = (model.info.artifact_uri as string).replace('mlflow-artifacts:/', '');
      source = model.info.artifact_uri;
      more = { model_id: model.info.model_id };
    }
    expect(await put(`${folder}/weights`, ann, 'first')).toBe(200);
    expect(await put(`${folder}/weights`, ann, 'good')).toBe(200);
    const made = (await newVersion(source, ann, more)) as Loose;
    expect(made).toMatchObject({ version: '1' });

    for (const who of [ann, bob, boss]) {
      expect(await put(`${folder}/weights`, who, 'bad')).toBe(400);
      expect(await put(`${folder}/added.py`, who, 'bad')).toBe(400);
      const above = folder.split('/').map((_part, depth, parts) => parts.slice(0, depth + 1).join('/'));
      for (const path of [`${folder}/weights`, ...above]) expect([400, 403]).toContain(await remove(path, who));
      const graphql = await app.graphql(
        'mutation($i: CreateArtifactUploadInput!) { createArtifactUpload(input: $i) { url } }',
        { i: { runId: run.id, path: 'model/weights' } },
        { token: who.token },
      );
      if (['run', 'chosen location', 'whole run', 'by http'].includes(kind))
        expect(graphql.body.errors[0].extensions.code).toBe('FAILED_PRECONDITION');
    }
    expect(await read(`${folder}/weights`)).toBe('good');

    // Under another name, and from a version of the version: still the same files.
    await mlflow('registered-models/rename', { name: made.name, new_name: `${made.name} b` }, boss);
    const copy = (await newVersion(`models:/${made.name} b/1`, ann)) as Loose;
    const gone = await app.mlflow('DELETE', '2.0/mlflow/model-versions/delete', { name: `${made.name} b`, version: '1' }, { token: boss.token });
    expect(gone.status).toBe(200);
    expect(await put(`${folder}/weights`, ann, 'bad')).toBe(400);
    await app.mlflow('DELETE', '2.0/mlflow/registered-models/delete', { name: copy.name }, { token: boss.token });
    expect(await put(`${folder}/weights`, ann, 'new')).toBe(200);
  });

  it('stay though an address to write there was made before, and though bytes were under way', async () => {
    const run = await newRun(ann);
    const { createArtifactUpload: upload } = await data(
      app,
      'mutation($i: CreateArtifactUploadInput!) { createArtifactUpload(input: $i) { url } }',
      { i: { runId: run.id, path: 'model/weights' } },
      { token: ann.token },
    );
    expect((await fetch(upload.url, { method: 'PUT', body: 'good' })).status).toBe(200);
    let send: (text: string | null) => void = () => {};
    const body = new ReadableStream({
      start: (controller) => {
        send = (text) => (text === null ? controller.close() : controller.enqueue(new TextEncoder().encode(text)));
      },
    });
    const late = fetch(files(`${run.path}/model/weights`), {
      method: 'PUT',
      body,
      duplex: 'half',
      headers: { authorization: `Bearer ${ann.token}` },
    } as RequestInit);
    send('ba');
    await newVersion(`runs:/${run.id}/model`, ann);
    send('d');
    send(null);
    expect((await late).status).toBe(400);
    expect((await fetch(upload.url, { method: 'PUT', body: 'bad' })).status).toBe(400);
    expect(await read(`${run.path}/model/weights`)).toBe('good');
  });

  it('may come after it was made, once each, until it has a stage or an alias', async () => {
    const run = await newRun(ann);
    const { name } = (await newVersion(`runs:/${run.id}/later`, ann)) as Loose;
    expect(await put(`${run.path}/later/a`, ann, 'good')).toBe(200);
    expect(await put(`${run.path}/later/a`, ann, 'bad')).toBe(400);
    expect(await remove(`${run.path}/later/a`, ann)).toBe(400);
    expect(await put(`${run.path}/later/b`, ann)).toBe(200);
    await mlflow('registered-models/alias', { name, alias: 'champion', version: '1' }, boss);
    expect(await put(`${run.path}/later/c`, ann)).toBe(400);
  });

  it('are never a whole experiment: one version would stop its runs', async () => {
    const { experiment_id } = await newExperiment(ann, `mlflow-artifacts:/wide/${++named}`);
    for (const source of ['mlflow-artifacts:/0', 'mlflow-artifacts:/0/models/', 'mlflow-artifacts:/wide', 'mlflow-artifacts:/%30'])
      expect(await newVersion(source, ann)).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    expect(await put(`${(await newRun(ann, experiment_id)).path}/a`, ann)).toBe(200);
  });
});

describe('what others made', () => {
  it('is replaced and removed with the role for it, in runs and logged models; adding to it is for all who log', async () => {
    const run = await newRun(ann);
    const { model } = await mlflow('logged-models', { experiment_id: '0', name: 'net' }, ann);
    for (const folder of [run.path, (model.info.artifact_uri as string).replace('mlflow-artifacts:/', '')]) {
      expect(await put(`${folder}/a`, ann, 'one')).toBe(200);
      expect(await put(`${folder}/a`, ann, 'two')).toBe(200);
      expect(await put(`${folder}/a`, bob, 'three')).toBe(403);
      expect(await put(`${folder}/b`, bob, 'b')).toBe(200);
      expect(await remove(`${folder}/a`, bob)).toBe(403);
      expect(await remove(folder, bob)).toBe(403);
      expect(await read(`${folder}/a`)).toBe('two');
      expect(await remove(`${folder}/a`, ann)).toBe(200);
      expect(await remove(`${folder}/b`, boss)).toBe(200);
    }
    const deletion = `2.0/mlflow/logged-models/${model.info.model_id}`;
    expect((await app.mlflow('DELETE', deletion, {}, { token: bob.token })).status).toBe(403);
    expect((await app.mlflow('DELETE', deletion, {}, { token: ann.token })).status).toBe(200);
    const entries = await audit(['ARTIFACTS_DELETED', 'LOGGED_MODEL_DELETED']);
    expect(entries).toContainEqual(expect.objectContaining({ target: `artifacts ${run.path}/a`, actorName: 'ann@example.com' }));
    expect(entries).toContainEqual(expect.objectContaining({ target: `logged model ${model.info.model_id}`, actorName: 'ann@example.com' }));
    expect((await audit(['DENIED'])).filter(({ actorName }) => actorName === 'bob@example.com').length).toBeGreaterThan(0);
  });

  it('is not reached by the folder above it, at a chosen location either', async () => {
    const place = `shared/${++named}`;
    const { experiment_id } = await newExperiment(ann, `mlflow-artifacts:/${place}`);
    const run = await newRun(ann, experiment_id);
    await put(`${run.path}/a`, ann, 'one');
    await put(`${place}/notes`, ann, 'one');
    expect(await put(`${place}/notes`, bob, 'two')).toBe(403);
    for (const path of [place, `${place}/notes`, `${place}/${run.id}`, 'shared', run.path, `0/${run.id}`])
      expect([403, 404]).toContain(await remove(path, bob));
    expect(await put(`${run.path}/a`, bob, 'two')).toBe(403);
    expect(await read(`${run.path}/a`)).toBe('one');
  });
});

it("an experiment's location covers nobody else's files", async () => {
  const place = `apart/${++named}`;
  const { experiment_id } = await newExperiment(ann, `mlflow-artifacts:/${place}`);
  const run = await newRun(ann, experiment_id);
  const first = await newRun(ann);
  const bad = [
    '',
    '0',
    `0/${first.id}`,
    first.path,
    '9999',
    'apart',
    place,
    `${place}/x`,
    run.path,
    `${place}/models`,
    place.replace('/', '//'),
    `%61part`,
    './apart',
  ];
  for (const folder of bad)
    expect([folder, (await newExperiment(bob, `mlflow-artifacts:/${folder}`)).error_code]).toEqual([folder, 'INVALID_PARAMETER_VALUE']);
  for (const location of [`MLFLOW-ARTIFACTS:/${place}`, `mlflow-artifacts://host:5000/${place}`, `${app.deps.config.artifacts}/1/0`])
    expect([location, (await newExperiment(bob, location)).error_code]).toEqual([location, 'INVALID_PARAMETER_VALUE']);
  expect((await newExperiment(bob, `mlflow-artifacts:/${place}-b`)).experiment_id).toBeTruthy();
  expect((await newExperiment(bob, 's3://elsewhere/x')).experiment_id).toBeTruthy();
});

describe('a signed address', () => {
  const upload = (runId: string, token: string) =>
    data(app, 'mutation($i: CreateArtifactUploadInput!) { createArtifactUpload(input: $i) { url } }', { i: { runId, path: 'f' } }, { token });

  it('ends with the token, the session or the membership that made it', async () => {
    const cat = await seedPerson(app, 'cat@example.com', 'crew', 'CONTRIBUTOR');
    const run = await newRun(cat);
    const { createApiToken } = await data(
      app,
      'mutation { createApiToken(input: {name: "t"}) { secret apiToken { id } } }',
      {},
      { token: cat.token },
    );
    const byToken = (await upload(run.id, createApiToken.secret)).createArtifactUpload.url;
    const bySession = (await upload(run.id, cat.token)).createArtifactUpload.url;
    const use = async (url: string) => (await fetch(url, { method: 'PUT', body: 'x' })).status;
    expect(await use(byToken)).toBe(200);
    const revoke = 'mutation($i: ID!) { revokeApiToken(input: {id: $i}) { apiToken { id } } }';
    await data(app, revoke, { i: createApiToken.apiToken.id }, { token: cat.token });
    expect(await use(byToken)).toBe(403);
    expect(await use(bySession)).toBe(200);
    await data(
      app,
      'mutation($u: Int!, $r: Role!) { setMemberRole(input: {team: "crew", userId: $u, role: $r}) { membership { role } } }',
      { u: cat.userId, r: 'VIEWER' },
      { token: boss.token },
    );
    expect(await use(bySession)).toBe(403);
    await data(app, 'mutation { signOut { signedOut } }', {}, { token: cat.token });
    expect(await use(bySession)).toBe(403);
  });
});
