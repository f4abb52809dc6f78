// Folders downloaded as a zip, unpacked by a real unzip: on a local folder and on S3.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import type { TeamCtx } from '../../src/context.ts';
import { createArchive } from '../../src/domain/artifacts/archives.ts';
import { runHome } from '../../src/domain/artifacts/locations.ts';
import { objectKeyBelow, objectKeyOf } from '../../src/storage/objectKeys.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

const MiB = 1024 * 1024;
const ARCHIVE = 'query($r: String!, $p: String) { run(runId: $r) { archive(path: $p) { url files bytes } } }';

function unpack(zip: string, into: string): void {
  if (existsSync('/usr/bin/unzip')) execFileSync('/usr/bin/unzip', ['-q', zip, '-d', into]);
  else execFileSync('python3', ['-m', 'zipfile', '-e', zip, into]);
}

describe.each(['local', 's3'])('a folder as a zip, from %s', (driver) => {
  let s3: TestS3 | undefined;
  let app: TestApp;
  let run: string;
  let root: string;
  let folder: string;
  const put = async (name: string, body: string | Uint8Array) => {
    const answer = await fetch(`${app.url}/api/2.0/mlflow-artifacts/artifacts/${root}/${encodeURIComponent(name).replaceAll('%2F', '/')}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      body: body as RequestInit['body'],
    });
    // A body that nobody reads keeps the connection, and the server waits for it when it closes.
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
  };
  const archive = async (at = ''): Promise<{ url: string; files: number; bytes: number }> =>
    (await data(app, ARCHIVE, { r: run, p: at })).run.archive;

  beforeAll(async () => {
    if (driver === 's3') s3 = await startS3();
    app = await startApp({ config: s3?.config });
    folder = await mkdtemp(path.join(tmpdir(), 'runledger-zip-'));
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0", name: "../bold: fox"}) { run { runId artifactUri } } }');
    run = createRun.run.runId;
    root = createRun.run.artifactUri.replace('mlflow-artifacts:/', '');
    await put('config.json', '{}');
    await put('plots/loss.png', new Uint8Array(3 * MiB).fill(7));
    await put('plots/deep/größe äöü.txt', 'umlauts');
    await put('empty.txt', '');
  });
  afterAll(async () => {
    await app?.close();
    await s3?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('unpacks into one folder with a harmless name, byte for byte, and says its length before', async () => {
    const { url, files, bytes } = await archive();
    expect([files, bytes]).toEqual([4, 3 * MiB + 9]);
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toContain('filename="__bold_ fox.zip"');
    const zip = Buffer.from(await answer.arrayBuffer());
    expect(zip.length).toBe(Number(answer.headers.get('content-length')));
    await writeFile(path.join(folder, 'all.zip'), zip);
    unpack(path.join(folder, 'all.zip'), path.join(folder, 'out'));
    const [top, ...others] = await readdir(path.join(folder, 'out'));
    expect(others).toEqual([]);
    const read = (name: string) => readFile(path.join(folder, 'out', top!, name));
    expect(Buffer.compare(await read('plots/loss.png'), Buffer.alloc(3 * MiB, 7))).toBe(0);
    expect(String(await read('plots/deep/größe äöü.txt'))).toBe('umlauts');
    expect((await read('empty.txt')).length).toBe(0);
  });

  it('packs a folder below, and nothing where there is nothing', async () => {
    const { url, files } = await archive('plots/deep');
    expect(files).toBe(1);
    const answer = await fetch(url);
    expect(answer.headers.get('content-disposition')).toContain('-plots-deep.zip');
    await answer.arrayBuffer();
    const missing = await app.graphql(ARCHIVE, { r: run, p: 'nowhere' });
    expect(missing.body.errors[0].extensions.code).toBe('NOT_FOUND');
    const outside = await app.graphql(ARCHIVE, { r: run, p: '../..' });
    expect(outside.body.errors[0].extensions.code).toBe('INVALID_ARGUMENT');
  });

  it('needs an address made for a folder, and names a limit before it is passed', async () => {
    const token = new URL((await archive()).url).searchParams.get('token')!;
    for (const address of [`signed?token=${token}`, `archive?token=x${token}`]) {
      const answer = await fetch(`${app.url}/artifacts/${address}`);
      expect(await answer.json()).toMatchObject({ code: 'FORBIDDEN' });
    }
    const viewer = await authenticate(app.deps, { authorization: `Bearer ${ADMIN_TOKEN}` });
    const ctx: TeamCtx = { ...app.deps, viewer, team: viewer.memberships[0]!, requestId: 'test' };
    const made = (limits: { files: number; bytes: number }) => runHome(ctx, run).then((home) => createArchive(ctx, home, '', 'x', limits));
    await expect(made({ files: 3, bytes: 1e12 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(made({ files: 9, bytes: MiB })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('stops reading when the client leaves', async () => {
    await put('large/weights.bin', new Uint8Array(48 * MiB));
    const { url } = await archive('large');
    const { store } = app.deps;
    const opened: Readable[] = [];
    const get = store.get.bind(store);
    store.get = async (...args) => {
      const file = await get(...args);
      if (file) opened.push(file.body);
      return file;
    };
    // Not by fetch, which after an abort opens a connection in advance that a closing server would wait for.
    const request = http.get(url);
    const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(answer, 'readable');
    request.destroy();
    await expect.poll(() => opened.map((body) => body.destroyed), { timeout: 120_000 }).toEqual([true]);
    store.get = get;
  });

  it.runIf(driver === 'local')('leaves out what another program named so that it would lead out of the folder', async () => {
    const key = objectKeyOf(1, `${root}/odd`);
    await app.deps.store.put(
      objectKeyBelow(key, 'good.txt'),
      (async function* () {
        yield Buffer.from('good');
      })(),
    );
    await app.deps.store.put(
      objectKeyBelow(key, 'c\\..\\bad.txt'),
      (async function* () {
        yield Buffer.from('bad');
      })(),
    );
    expect((await archive('odd')).files).toBe(1);
  });
});
