// The artifact routes as clients meet them: real HTTP, on a local folder and on S3.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import type { TeamCtx } from '../../src/context.ts';
import { openRunArtifact, readModelFile, runFile } from '../../src/domain/artifacts/files.ts';
import { signArtifactUrl } from '../../src/domain/artifacts/links.ts';
import { createArtifactUpload } from '../../src/domain/artifacts/multipartUploads.ts';
import { ADMIN_TOKEN, startApp } from '../support/app.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

const MiB = 1024 * 1024;
const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
type Options = {
  method?: string;
  token?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | ReadableStream;
  redirect?: 'manual';
};

/** A server with an experiment, a run and a logged model, and short ways to talk about them. */
async function startScene(settings: Parameters<typeof startApp>[0] = {}) {
  const app = await startApp(settings);
  const made = await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'artifacts' });
  const experiment: string = made.body.experiment_id;
  const newRun = async (): Promise<string> => {
    const run = await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experiment });
    expect(run.body.run.info.artifact_uri).toBe(`mlflow-artifacts:/${experiment}/${run.body.run.info.run_id}/artifacts`);
    return run.body.run.info.run_id;
  };
  const model = await app.mlflow('POST', '2.0/mlflow/logged-models', { experiment_id: experiment, name: 'm' });
  const run = await newRun();
  const ask = (path: string, { token = ADMIN_TOKEN, headers, ...options }: Options = {}) =>
    fetch(app.url + path, { duplex: 'half', ...options, headers: { authorization: `Bearer ${token}`, ...headers } } as RequestInit);
  return {
    app,
    experiment,
    run,
    newRun,
    modelId: model.body.model.info.model_id as string,
    folder: `${PROXY}/${experiment}/${run}/artifacts`,
    ask,
    put: (path: string, body: Options['body'], options: Options = {}) => ask(path, { method: 'PUT', body, ...options }),
    json: async (path: string, options?: Options) => {
      const answer = await ask(path, options);
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
      return { status: answer.status, body: (await answer.json()) as any };
    },
  };
}
async function adminOf(scene: Scene) {
  const viewer = await authenticate(scene.app.deps, { authorization: `Bearer ${ADMIN_TOKEN}` });
  return { viewer, team: viewer.memberships.find((one) => one.slug === 'default')! };
}

/** fetch resolves `..` and `%2e%2e` itself, so paths that shall arrive as they are go by another way. */
async function askRaw(scene: Scene, method: string, path: string, body?: string) {
  const request = http.request(scene.app.url, { method, path, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: answer.statusCode, text: (await answer.toArray()).join('') };
}
type Scene = Awaited<ReturnType<typeof startScene>>;

describe.each(['local', 's3'])('artifacts on %s', (driver) => {
  let scene: Scene;
  let s3: TestS3 | undefined;
  beforeAll(async () => {
    if (driver === 's3') s3 = await startS3();
    scene = await startScene({ config: s3?.config });
  });
  afterAll(async () => {
    await scene?.app.close();
    await s3?.close();
  });

  test('a file comes back as it went in, as a download that never runs as a page', async () => {
    const { put, ask, folder } = scene;
    const up = await put(`${folder}/plots/page.html`, '<script>1</script>', { headers: { 'content-type': 'text/html' } });
    expect([up.status, await up.text()]).toEqual([200, '{}']);
    const down = await ask(`${folder}/plots/page.html`);
    expect(await down.text()).toBe('<script>1</script>');
    expect(Object.fromEntries(down.headers)).toMatchObject({
      'content-type': 'text/html',
      'content-length': '18',
      'content-disposition': `attachment; filename="page.html"; filename*=UTF-8''page.html`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
    for (const [name, type] of Object.entries({
      'c.txt': 'text/plain',
      'c.pkl': 'application/octet-stream',
      MLmodel: 'text/plain',
      'c.png': 'image/png',
    })) {
      await put(`${folder}/types/${name}`, 'x');
      expect((await ask(`${folder}/types/${name}`)).headers.get('content-type')).toBe(type);
    }
  });

  test('names keep their spaces, accents, quotes and percent signs', async () => {
    const { put, ask, json, run, folder } = scene;
    for (const name of ['two words.txt', 'größe ✓.txt', 'a"b.txt', 'x%step%23%timestamp%17.png']) {
      const address = `${folder}/odd/${encodeURIComponent(name)}`;
      expect((await put(address, name)).status).toBe(200);
      const down = await ask(address);
      expect(await down.text()).toBe(name);
      expect(down.headers.get('content-disposition')).toContain(`filename*=UTF-8''${encodeURIComponent(name)}`);
      expect(await (await ask(`/get-artifact?run_id=${run}&path=${encodeURIComponent(`odd/${name}`)}`)).text()).toBe(name);
    }
    const listed = await json(`/api/2.0/mlflow/artifacts/list?run_id=${run}&path=odd`);
    expect(listed.body.files).toHaveLength(4);
  });

  test('listings: names in the proxy, paths in the run, nothing for files and missing folders', async () => {
    const { put, json, newRun, experiment } = scene;
    const run = await newRun();
    const root = `${experiment}/${run}/artifacts`;
    for (const path of ['model/MLmodel', 'model/data/x.bin', 'a.txt', 'model.txt']) await put(`${PROXY}/${root}/${path}`, path);
    expect((await json(`${PROXY}?path=${root}`)).body).toEqual({
      files: [
        { path: 'a.txt', is_dir: false, file_size: 5 },
        { path: 'model', is_dir: true },
        { path: 'model.txt', is_dir: false, file_size: 9 },
      ],
    });
    expect((await json(`/ajax-api/2.0/mlflow/artifacts/list?run_uuid=${run}&path=model`)).body).toEqual({
      root_uri: `mlflow-artifacts:/${root}`,
      files: [
        { path: 'model/MLmodel', is_dir: false, file_size: 13 },
        { path: 'model/data', is_dir: true },
      ],
    });
    for (const path of ['a.txt', 'nothing', 'model/MLmodel/below']) {
      expect(await json(`${PROXY}?path=${root}/${path}`)).toEqual({ status: 200, body: {} });
      expect((await json(`/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${path}`)).body).toEqual({ root_uri: `mlflow-artifacts:/${root}` });
    }
    expect((await json(`${PROXY}?path=${root}/`)).body.files).toHaveLength(3);
  });

  test('downloads answer ranges, conditions and HEAD', async () => {
    const { put, ask, folder } = scene;
    await put(`${folder}/digits`, '0123456789');
    const get = async (headers: Record<string, string>, method = 'GET') => {
      const answer = await ask(`${folder}/digits`, { method, headers });
      return [answer.status, await answer.text(), answer.headers.get('content-range'), answer.headers.get('content-length')];
    };
    const etag = (await ask(`${folder}/digits`)).headers.get('etag')!;
    expect(await get({ range: 'bytes=2-4' })).toEqual([206, '234', 'bytes 2-4/10', '3']);
    expect(await get({ range: 'bytes=7-' })).toEqual([206, '789', 'bytes 7-9/10', '3']);
    expect(await get({ range: 'bytes=-2' })).toEqual([206, '89', 'bytes 8-9/10', '2']);
    expect(await get({ range: 'bytes=5-99' })).toEqual([206, '56789', 'bytes 5-9/10', '5']);
    expect(await get({ range: 'bytes=0-1,4-5' })).toEqual([200, '0123456789', null, '10']);
    expect(await get({ range: 'nonsense' })).toEqual([200, '0123456789', null, '10']);
    const outside = await ask(`${folder}/digits`, { headers: { range: 'bytes=10-' } });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect((await get({ 'if-none-match': `"x", ${etag}` }))[0]).toBe(304);
    expect((await get({ 'if-none-match': '"x"' }))[0]).toBe(200);
    const now = new Date(Date.now() + 1_000).toUTCString();
    expect((await get({ 'if-modified-since': now }))[0]).toBe(304);
    expect((await get({ 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }))[0]).toBe(200);
    expect((await get({ 'if-modified-since': now, 'if-none-match': '"x"' }))[0]).toBe(200);
    expect((await get({ range: 'bytes=0-0', 'if-range': etag }))[0]).toBe(206);
    expect((await get({ range: 'bytes=0-0', 'if-range': '"x"' }))[0]).toBe(200);
    expect(await get({}, 'HEAD')).toEqual([200, '', null, '10']);
    expect((await get({ range: 'bytes=0-0' }, 'HEAD')).slice(0, 2)).toEqual([200, '']);
  });

  test('empty files, with and without a length', async () => {
    const { put, ask, folder } = scene;
    expect((await put(`${folder}/empty`, '', { headers: { 'content-length': '0' } })).status).toBe(200);
    expect((await put(`${folder}/empty-chunked`, new ReadableStream({ start: (stream) => stream.close() }))).status).toBe(200);
    for (const name of ['empty', 'empty-chunked']) {
      const down = await ask(`${folder}/${name}`);
      expect([down.status, await down.text(), down.headers.get('content-length')]).toEqual([200, '', '0']);
      expect((await ask(`${folder}/${name}`, { headers: { range: 'bytes=0-' } })).status).toBe(416);
    }
  });

  test('an upload of any size streams through, however its length is told', async () => {
    const { put, ask, folder } = scene;
    const block = new Uint8Array(MiB).fill(7);
    let sent = 0;
    const body = new ReadableStream({
      pull(stream) {
        if (sent++ === 40) stream.close();
        else stream.enqueue(block);
      },
    });
    expect((await put(`${folder}/big.bin`, body, { headers: { 'content-type': 'application/json' } })).status).toBe(200);
    expect((await (await ask(`${folder}/big.bin`)).arrayBuffer()).byteLength).toBe(40 * MiB);
  });

  test('a client that goes away in the middle leaves nothing', async () => {
    const { app, folder, ask } = scene;
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(`PUT ${folder}/half.bin HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-length: ${12 * MiB}\r\n\r\n`);
    socket.write(Buffer.alloc(9 * MiB));
    await sleep(300);
    socket.destroy();
    await sleep(300);
    expect((await ask(`${folder}/half.bin`)).status).toBe(404);
    expect((await ask(`${folder}/big.bin`, { method: 'HEAD' })).status).toBe(200);
  });

  test('Expect: 100-continue is answered before the body', async () => {
    const { app, folder } = scene;
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(
      `PUT ${folder}/expected HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n`,
    );
    const [first] = await once(socket, 'data');
    expect(String(first)).toContain('100 Continue');
    socket.write('hi');
    const [second] = await once(socket, 'data');
    expect(String(second)).toContain('200 OK');
    socket.destroy();
  });

  test('deleting takes files and trees, and is the same twice', async () => {
    const { put, ask, json, folder, run } = scene;
    for (const name of ['t/1', 't/u/2', 't2']) await put(`${folder}/gone/${name}`, 'x');
    for (const _time of [1, 2]) expect(await json(`${folder}/gone/t/`, { method: 'DELETE' })).toEqual({ status: 200, body: {} });
    expect((await ask(`${folder}/gone/t/u/2`)).status).toBe(404);
    expect((await json(`/api/2.0/mlflow/artifacts/list?run_id=${run}&path=gone`)).body.files).toEqual([
      { path: 'gone/t2', is_dir: false, file_size: 1 },
    ]);
    expect((await askRaw(scene, 'DELETE', `${PROXY}/%2E%2F`)).status).toBe(400);
  });

  test("MLflow's page: one run file, one model file, one version's file, and small uploads", async () => {
    const { app, put, ask, json, run, modelId, experiment } = scene;
    await put(`${PROXY}/${experiment}/models/${modelId}/artifacts/MLmodel`, `model_id: ${modelId}`);
    await put(`${PROXY}/${experiment}/models/${modelId}/artifacts/data/w.bin`, 'w');
    const directories = await json(`/api/2.0/mlflow/logged-models/${modelId}/artifacts/directories`);
    expect(directories.body).toEqual({
      root_uri: `mlflow-artifacts:/${experiment}/models/${modelId}/artifacts`,
      files: [
        { path: 'MLmodel', is_dir: false, file_size: 10 + modelId.length },
        { path: 'data', is_dir: true },
      ],
    });
    const file = await ask(`/ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files?artifact_file_path=MLmodel`);
    expect(await file.text()).toContain(modelId);

    await app.mlflow('POST', '2.0/mlflow/registered-models/create', { name: 'registered' });
    const version = await app.mlflow('POST', '2.0/mlflow/model-versions/create', { name: 'registered', source: `models:/${modelId}` });
    expect(version.status).toBe(200);
    expect(await (await ask('/model-versions/get-artifact?name=registered&version=1&path=data/w.bin')).text()).toBe('w');
    for (const query of ['name=registered&version=2&path=MLmodel', 'name=registered&version=1&path=no', 'name=other&version=1&path=x']) {
      expect((await ask(`/model-versions/get-artifact?${query}`)).status).toBe(404);
    }

    const upload = (query: string, body?: string | Uint8Array) => json(`/ajax-api/2.0/mlflow/upload-artifact?${query}`, { method: 'POST', body });
    expect((await upload(`run_uuid=${run}&path=small/test.txt`, 'hello world')).status).toBe(200);
    expect(await (await ask(`/get-artifact?run_uuid=${run}&path=small/test.txt`)).text()).toBe('hello world');
    expect((await upload('', 'x')).body.message).toContain('Request must specify run_uuid.');
    expect((await upload(`run_uuid=${run}&path=`, 'x')).body.message).toContain('Request must specify path.');
    expect((await upload(`run_uuid=${run}&path=../x`, 'x')).body.message).toContain('Invalid path');
    expect((await upload(`run_uuid=${run}&path=x`)).body.message).toContain('Request must specify data.');
    const tooLarge = await upload(`run_uuid=${run}&path=large`, new Uint8Array(10 * MiB + 1));
    expect([tooLarge.status, tooLarge.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect((await ask('/get-artifact?path=x')).status).toBe(400);
    expect((await ask(`/get-artifact?run_id=${run}&path=small`)).status).toBe(404);
  });

  test('unsafe paths are refused in every route, and write nothing', async () => {
    const { run, folder, modelId } = scene;
    const bad = ['../x', 'a/../../x', '%2e%2e/x', '%252e%252e/x', '..%2fx', '%2Fetc/passwd', 'a%5c..%5cb', 'a%23b', 'a%00b', 'x'.repeat(256)];
    for (const path of bad) {
      const routes: [string, string, string?][] = [
        ['PUT', `${folder}/${path}`, 'x'],
        ['GET', `${folder}/${path}`],
        ['DELETE', `${folder}/${path}`],
        ['GET', `${PROXY}?path=${path}`],
        ['GET', `/get-artifact?run_id=${run}&path=${path}`],
        ['GET', `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${path}`],
        ['GET', `/ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files?artifact_file_path=${path}`],
        ['POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=${path}`, 'x'],
        ['GET', `/api/2.0/mlflow-artifacts/presigned/${path}`],
      ];
      for (const [method, address, body] of routes) {
        // Behind a folder, a slash more is an empty name, which MLflow's helpers make and which means nothing.
        if (path.startsWith('%2F') && address.startsWith(folder)) continue;
        const answer = await askRaw(scene, method, address, body);
        expect([method, address, answer.status]).toEqual([method, address, 400]);
        expect(JSON.parse(answer.text)).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
        if (!path.includes('%00')) expect(answer.text).toContain('Invalid path');
      }
    }
    expect((await askRaw(scene, 'PUT', `${folder}/%2Fetc/passwd`, 'x')).status).toBe(200);
    expect((await askRaw(scene, 'GET', `/get-artifact?run_id=${run}&path=etc/passwd`)).text).toBe('x');
    expect((await askRaw(scene, 'PUT', `${PROXY}/%ff`, 'x')).status).toBe(400);
  });

  test("nobody writes or reads under runs and models that aren't the team's", async () => {
    const { app, put, ask, json, experiment, run, modelId, folder } = scene;
    const unknown = '0'.repeat(32);
    const foreign = [
      `${experiment}/${unknown}/artifacts/x`,
      `99/${run}/artifacts/x`,
      `0${experiment}/${run}/artifacts/x`,
      `${experiment}/${run.toUpperCase()}/artifacts/x`,
      `${experiment}/models/m-${unknown}/artifacts/x`,
      `99/models/${modelId}/artifacts/x`,
    ].filter((path) => !path.includes(`/${run}/`) || !path.startsWith(`${experiment}/`));
    for (const path of foreign) {
      for (const answer of [
        await put(`${PROXY}/${path}`, 'x'),
        await ask(`${PROXY}/${path}`),
        await ask(`${PROXY}?path=${path}`),
        await ask(`${PROXY}/${path}`, { method: 'DELETE' }),
      ]) {
        expect([path, answer.status]).toEqual([path, 404]);
        await answer.text();
      }
    }
    await put(`${folder}/secret`, 'secret');
    const stranger = await app.seedTeam();
    const routes = [
      `${folder}/secret`,
      `/get-artifact?run_id=${run}&path=secret`,
      `/api/2.0/mlflow/artifacts/list?run_id=${run}`,
      `/api/2.0/mlflow/logged-models/${modelId}/artifacts/directories`,
      `/ajax-api/2.0/mlflow/logged-models/${modelId}/artifacts/files?artifact_file_path=MLmodel`,
      `/api/2.0/mlflow-artifacts/presigned/${experiment}/${run}/artifacts/secret`,
    ];
    for (const route of routes) expect([route, (await ask(route, { token: stranger.token })).status]).toEqual([route, 404]);
    // A path of no run's is inside the team's own root, so both may use the same one.
    expect((await put(`${PROXY}/shared/file`, 'theirs', { token: stranger.token })).status).toBe(200);
    expect((await ask(`${PROXY}/shared/file`)).status).toBe(404);
    expect((await json(PROXY, { token: stranger.token })).body.files).toEqual([{ path: 'shared', is_dir: true }]);
    expect((await ask(`${folder}/secret`, { token: 'B'.repeat(40) })).status).toBe(401);
  });

  test('a viewer reads only; an experiment’s whole folder takes a maintainer', async () => {
    const { app, ask, put } = scene;
    const { slug, token: contributor } = await app.seedTeam(undefined, 'CONTRIBUTOR');
    const made = await app.graphql('mutation($s: String!) { createApiToken(input: {team: $s, name: "v", role: VIEWER}) { secret } }', { s: slug });
    const viewer: string = made.body.data.createApiToken.secret;
    expect((await put(`${PROXY}/notes/a`, 'x', { token: contributor })).status).toBe(200);
    expect((await ask(`${PROXY}/notes/a`, { token: viewer })).status).toBe(200);
    expect((await put(`${PROXY}/notes/a`, 'y', { token: viewer })).status).toBe(403);
    expect((await ask(`${PROXY}/notes/a`, { token: viewer, method: 'DELETE' })).status).toBe(403);
    for (const path of ['1', '1/models']) expect((await ask(`${PROXY}/${path}`, { token: contributor, method: 'DELETE' })).status).toBe(403);
    expect((await ask(`${PROXY}/notes`, { token: contributor, method: 'DELETE' })).status).toBe(200);
  });

  test('a deleted run keeps its files and takes no more', async () => {
    const { app, put, ask, experiment, newRun } = scene;
    const run = await newRun();
    const file = `${PROXY}/${experiment}/${run}/artifacts/kept`;
    await put(file, 'kept');
    await app.mlflow('POST', '2.0/mlflow/runs/delete', { run_id: run });
    for (const answer of [
      await put(file, 'new'),
      await ask(`/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=kept`, { method: 'POST', body: 'new' }),
    ]) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    }
    expect(await (await ask(file)).text()).toBe('kept');
  });

  test('signed addresses work without signing in, for one file, one method and ten minutes', async () => {
    const { app, put, run, folder } = scene;
    await put(`${folder}/linked.txt`, 'linked');
    const { viewer, team } = await adminOf(scene);
    const ctx: TeamCtx = { ...app.deps, viewer, team, requestId: 'test' };
    const url = signArtifactUrl(ctx, await runFile(ctx, run, 'linked.txt'));
    expect(await (await fetch(url)).text()).toBe('linked');
    expect((await fetch(url, { headers: { range: 'bytes=0-1' } })).status).toBe(206);
    const upload = await createArtifactUpload(ctx, run, 'by link.txt', { size: 5 });
    expect((await fetch(upload.url, { method: upload.method, headers: upload.headers, body: 'bytes' })).status).toBe(200);
    const opened = await openRunArtifact(ctx, run, 'by link.txt');
    expect(String(Buffer.concat(await opened.body.toArray()))).toBe('bytes');

    const token = new URL(url).searchParams.get('token')!;
    const forged = Buffer.from(JSON.stringify(['GET', team.teamId, 4e9, 'x'])).toString('base64url');
    const later = signArtifactUrl({ ...ctx, now: () => Date.now() - 601_000 }, await runFile(ctx, run, 'linked.txt'));
    for (const bad of [
      `${token}x`,
      token.replace(/^.{8}/, 'AAAAAAAA'),
      `${forged}.${token.split('.')[1]}`,
      forged,
      '',
      new URL(later).searchParams.get('token')!,
    ]) {
      expect((await fetch(`${app.url}/artifacts/signed?token=${bad}`)).status).toBe(403);
    }
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(upload.url)).status).toBe(403);
  });

  test('the server reads small files of a model itself', async () => {
    const { app, put, experiment } = scene;
    // Not the one that a version is made of: its files can't change.
    const made = await app.mlflow('POST', '2.0/mlflow/logged-models', { experiment_id: experiment, name: 'small files' });
    const modelId: string = made.body.model.info.model_id;
    await put(`${PROXY}/${experiment}/models/${modelId}/artifacts/conda.yaml`, 'name: env');
    const ctx: TeamCtx = { ...app.deps, ...(await adminOf(scene)), requestId: 'test' };
    expect(String(await readModelFile(ctx, modelId, 'conda.yaml'))).toBe('name: env');
    expect(await readModelFile(ctx, modelId, 'none')).toBeNull();
    await expect(readModelFile(ctx, modelId, 'conda.yaml', 4)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('a refused upload is answered, even while gigabytes are being sent', async () => {
    const { app } = scene;
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(
      `PUT ${PROXY}/1/${'0'.repeat(32)}/artifacts/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-length: ${2 ** 31}\r\n\r\n`,
    );
    let sent = 0;
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const block = Buffer.alloc(MiB);
    while (!socket.destroyed && !socket.readableEnded && sent < 2 ** 31 / MiB) {
      sent++;
      if (!socket.write(block)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    }
    await closed;
    expect(answer).toContain('404 Not Found');
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(sent).toBeLessThan(100);
  });

  if (driver === 'local')
    test('multipart and presigned addresses are refused in the words that clients fall back from', async () => {
      const { json, experiment, run } = scene;
      const base = `/api/2.0/mlflow-artifacts/mpu`;
      const post = (path: string, body: object) =>
        json(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
      const answers = [
        await post(`${base}/create/${experiment}/${run}/artifacts`, { path: '/home/me/big.bin', num_parts: 2 }),
        await post(`${base}/complete/${experiment}/${run}/artifacts`, {
          path: 'big.bin',
          upload_id: 'u',
          parts: [{ part_number: 1, etag: 'e', url: 'u' }],
        }),
        await post(`${base}/abort/${experiment}/${run}/artifacts`, { path: 'big.bin', upload_id: 'u' }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(501);
        expect(answer.body.message).toMatch(/^Multipart upload is not supported for the current artifact repository/);
      }
      expect((await json(`/api/2.0/mlflow-artifacts/presigned/${experiment}/${run}/artifacts/x`)).status).toBe(501);
      const presigned = await post('/api/2.0/mlflow/artifacts/presigned-upload-url', { run_id: run, path: 'x' });
      expect([presigned.status, presigned.body.error_code]).toEqual([501, 'NOT_IMPLEMENTED']);
    });
  else
    test('multipart and presigned addresses lead to the store and nowhere else', async () => {
      const { json, ask, experiment, run, folder } = scene;
      const post = (path: string, body: object) =>
        json(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
      const base = '/api/2.0/mlflow-artifacts/mpu';
      const home = `${experiment}/${run}/artifacts/parts`;
      const made = await post(`${base}/create/${home}`, { path: '/home/me/big.bin', num_parts: 2 });
      expect(made.body.credentials.map((one: { part_number: number }) => one.part_number)).toEqual([1, 2]);
      const parts = await Promise.all(
        made.body.credentials.map(async (one: { url: string; part_number: number }, index: number) => {
          const sent = await fetch(one.url, { method: 'PUT', body: new Uint8Array(index === 0 ? 5 * MiB : 3) });
          return { part_number: one.part_number, etag: sent.headers.get('etag'), url: one.url };
        }),
      );
      expect(await post(`${base}/complete/${home}`, { path: 'big.bin', upload_id: made.body.upload_id, parts })).toEqual({ status: 200, body: {} });
      expect((await (await ask(`${folder}/parts/big.bin`)).arrayBuffer()).byteLength).toBe(5 * MiB + 3);

      const presigned = await json(`/api/2.0/mlflow-artifacts/presigned/${home}/big.bin`);
      expect(presigned.body).toEqual({ url: expect.stringContaining('X-Amz-Signature'), headers: {}, file_size: 5 * MiB + 3 });
      expect((await (await fetch(presigned.body.url)).arrayBuffer()).byteLength).toBe(5 * MiB + 3);
      expect((await json(`/api/2.0/mlflow-artifacts/presigned/${home}/none`)).status).toBe(404);

      const upload = await post('/api/2.0/mlflow/artifacts/presigned-upload-url', { run_id: run, path: 'by/address.txt' });
      expect((await fetch(upload.body.presigned_url, { method: 'PUT', body: 'direct' })).status).toBe(200);
      expect(await (await ask(`${folder}/by/address.txt`)).text()).toBe('direct');
      for (const bad of [
        { run_id: '0'.repeat(32), path: 'x' },
        { run_id: run, path: '../x' },
        { run_id: run, path: 'x', expiration: 10 ** 9 },
      ]) {
        expect((await post('/api/2.0/mlflow/artifacts/presigned-upload-url', bad)).status).toBeLessThan(500);
      }
      for (const path of ['..', '../..', '']) expect((await post(`${base}/create/${home}/${path}`, { path: '..', num_parts: 1 })).status).toBe(400);
      expect((await post(`${base}/create/${home}`, { path: 'x', num_parts: 10_001 })).status).toBe(400);
      if (process.env.RUNLEDGER_TEST_S3) {
        expect((await post(`${base}/complete/${home}`, { path: 'x', upload_id: 'unknown', parts })).status).toBe(404);
        const abandoned = await post(`${base}/create/${home}`, { path: 'abandoned', num_parts: 1 });
        const abort = { path: 'abandoned', upload_id: abandoned.body.upload_id };
        expect(await post(`${base}/abort/${home}`, abort)).toEqual({ status: 200, body: {} });
      }
    });
});

describe('artifacts on s3 that clients can reach', () => {
  let scene: Scene;
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startS3();
    scene = await startScene({ config: { ...s3.config, artifactRedirect: true } });
  });
  afterAll(async () => {
    await scene?.app.close();
    await s3?.close();
  });

  test('up- and downloads are sent to the store, with the checks done here', async () => {
    const { put, ask, folder } = scene;
    const sent = await put(`${folder}/a b.txt`, 'redirected', { redirect: 'manual' });
    expect(sent.status).toBe(307);
    const location = new URL(sent.headers.get('location')!);
    expect(location.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect((await fetch(location, { method: 'PUT', body: 'redirected', headers: { 'content-type': 'any/thing' } })).status).toBe(200);
    const back = await ask(`${folder}/a b.txt`, { redirect: 'manual' });
    expect(back.status).toBe(307);
    const file = await fetch(back.headers.get('location')!);
    expect([await file.text(), file.headers.get('content-type')]).toEqual(['redirected', 'text/plain']);
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect((await ask(`${folder}/a b.txt`, { method: 'HEAD', redirect: 'manual' })).status).toBe(200);
    expect((await ask(`${folder}/none`, { redirect: 'manual' })).status).toBe(404);
    expect((await put(`${PROXY}/1/${'0'.repeat(32)}/artifacts/x`, 'x', { redirect: 'manual' })).status).toBe(404);
  });

  test('bodies without a length, and empty ones, are taken here', async () => {
    const { put, ask, folder } = scene;
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(Buffer.from('chunked'));
        stream.close();
      },
    });
    expect((await put(`${folder}/chunked`, body, { redirect: 'manual' })).status).toBe(200);
    expect((await put(`${folder}/nothing`, '', { redirect: 'manual', headers: { 'content-length': '0' } })).status).toBe(200);
    expect(await (await ask(`${folder}/chunked`)).text()).toBe('chunked');
  });

  test('a large body is not read before the redirect', async () => {
    const { app, folder } = scene;
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`PUT ${folder}/huge HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-length: ${200 * MiB}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 307/);
    expect(String(answer).toLowerCase()).toContain('connection: close');
    await once(socket, 'close');
  });
});
