// Files sent to where createArtifactUpload says: whole, or in parts, on each kind of store, and what is refused on the way.
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { startS3 } from '../support/s3.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

const MiB = 1024 * 1024;
const CREATE = `mutation($input: CreateArtifactUploadInput!) { createArtifactUpload(input: $input) {
  method url headers { name value } multipart { uploadId partSizeBytes parts { partNumber offset sizeBytes url } } } }`;
const COMPLETE = 'mutation($input: CompleteArtifactUploadInput!) { completeArtifactUpload(input: $input) { path sizeBytes } }';
const ABORT = 'mutation($input: AbortArtifactUploadInput!) { abortArtifactUpload(input: $input) { path } }';

/** The last: clients are sent to the store itself. */
const backends = ['local', 's3', 's3, directly'];
const FILE = randomBytes(65 * MiB);
/** With another signature. */
const forged = (url: string) => url.replace(/(token=[^.]*\.)(.)/, (_all, start: string, first: string) => start + (first === 'A' ? 'B' : 'A'));
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe.each(backends)('uploads to the %s store', (backend) => {
  /** The little S3 server of these tests can't abort, and falls over parts and uploads that are missing. */
  const exact = backend === 'local' || process.env.RUNLEDGER_TEST_S3 !== undefined;
  let app: TestApp;
  let close: () => Promise<void>;
  let runId: string;
  beforeAll(async () => {
    const s3 = backend === 'local' ? null : await startS3();
    app = await startApp({ config: { ...s3?.config, artifactRedirect: backend === 's3, directly' } });
    runId = (await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }')).createRun.run.runId;
    close = async () => {
      await app.close();
      await s3?.close();
    };
  });
  afterAll(() => close());

  const create = async (input: Record<string, unknown>): Promise<Loose> =>
    (await data(app, CREATE, { input: { runId, ...input } })).createArtifactUpload;
  const fault = async (query: string, input: Record<string, unknown>): Promise<Loose> => {
    const { body } = await app.graphql(query, { input: { runId, ...input } });
    expect(body.errors).toHaveLength(1);
    return body.errors[0].extensions;
  };
  const put = (part: Loose, bytes = FILE.subarray(part.offset, part.offset + part.sizeBytes)) =>
    fetch(part.url, { method: 'PUT', body: new Uint8Array(bytes) });
  const send = async (part: Loose) => {
    const answer = await put(part);
    expect(answer.status).toBe(200);
    return { partNumber: part.partNumber, etag: answer.headers.get('etag') };
  };
  const read = async (name: string): Promise<Buffer | number> => {
    const address = `${app.url}/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/${name}`;
    const answer = await fetch(address, { headers: { authorization: `Bearer ${'A'.repeat(40)}` } });
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status;
  };

  it('take a small file in one request', async () => {
    const upload = await create({ path: 'small.txt', sizeBytes: 5 });
    expect(upload.multipart).toBeNull();
    const answer = await fetch(upload.url, { method: upload.method, body: 'hello', headers: { 'content-type': upload.headers[0].value } });
    expect(answer.status).toBe(200);
    expect(String(await read('small.txt'))).toBe('hello');
  });

  it('take a large one in parts, in any order, a part again, with new addresses half way', async () => {
    const { multipart } = await create({ path: 'big/file.bin', sizeBytes: FILE.length });
    expect(multipart).toMatchObject({ partSizeBytes: 32 * MiB });
    expect(multipart.parts.map((part: Loose) => [part.partNumber, part.offset, part.sizeBytes])).toEqual([
      [1, 0, 32 * MiB],
      [2, 32 * MiB, 32 * MiB],
      [3, 64 * MiB, MiB],
    ]);
    const [first, second] = await Promise.all([send(multipart.parts[0]), send(multipart.parts[1])]);
    await send(multipart.parts[0]);
    const input = { path: 'big/file.bin', uploadId: multipart.uploadId };
    expect(await fault(COMPLETE, { ...input, parts: [first, second] })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'parts' });
    const wrong = [first, second, { partNumber: 3, etag: first.etag }];
    if (exact) expect(await fault(COMPLETE, { ...input, parts: wrong })).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await read('big/file.bin')).toBe(404);
    const again = (await create(input)).multipart;
    expect(again.uploadId).toBe(multipart.uploadId);
    const third = await send(again.parts[2]);
    const { completeArtifactUpload } = await data(app, COMPLETE, { input: { runId, ...input, parts: [third, first, second] } });
    expect(completeArtifactUpload).toEqual({ path: 'big/file.bin', sizeBytes: FILE.length });
    expect(hashOf((await read('big/file.bin')) as Buffer)).toBe(hashOf(FILE));
    if (exact) expect(await fault(COMPLETE, { ...input, parts: [third, first, second] })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuse parts of another size, and ids of other files', async () => {
    const { multipart } = await create({ path: 'a', sizeBytes: FILE.length });
    const parts = [1, 2, 3].map((partNumber) => ({ partNumber, etag: '"x"' }));
    for (const input of [
      { path: 'b', uploadId: multipart.uploadId },
      { path: 'a', uploadId: `${multipart.uploadId}x` },
      { path: 'a', uploadId: 'x' },
    ]) {
      expect(await fault(COMPLETE, { ...input, parts })).toMatchObject({ code: 'NOT_FOUND' });
      expect(await fault(ABORT, input)).toMatchObject({ code: 'NOT_FOUND' });
      expect(await fault(CREATE, input)).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await fault(CREATE, { path: 'a', uploadId: multipart.uploadId, sizeBytes: 1 })).toMatchObject({ argument: 'sizeBytes' });
    if (backend === 's3, directly') return;
    const [part] = multipart.parts;
    expect((await put(part, FILE.subarray(0, MiB))).status).toBe(400);
    expect((await put({ ...part, url: forged(part.url) }, FILE.subarray(0, 1))).status).toBe(403);
  });

  it('are forgotten when aborted', async () => {
    const { multipart } = await create({ path: 'never', sizeBytes: FILE.length });
    await send(multipart.parts[2]);
    const input = { runId, path: 'never', uploadId: multipart.uploadId };
    if (!exact) return;
    for (let time = 0; time < 2; time++) expect((await data(app, ABORT, { input })).abortArtifactUpload).toEqual({ path: 'never' });
    expect((await put(multipart.parts[2])).status).toBe(404);
    if (backend !== 'local') return;
    const unfinished = await readdir(path.join(app.deps.config.dataDir, 'artifacts', '.tmp'));
    // Those of the test before: theirs was neither completed nor aborted.
    expect(unfinished).toHaveLength(1);
  });

  it('are bounded in what they take', async () => {
    expect(await fault(CREATE, { path: 'x', sizeBytes: -1 })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'sizeBytes' });
    expect(await fault(CREATE, { path: 'x', sizeBytes: '6000000000000' })).toMatchObject({ code: 'LIMIT_EXCEEDED', argument: 'sizeBytes' });
    expect(await fault(CREATE, { path: '../x', sizeBytes: FILE.length })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'path' });
    await data(app, 'mutation($r: [String!]!) { deleteRuns(input: {runIds: $r}) { runs { runId } } }', { r: [runId] });
    expect(await fault(CREATE, { path: 'x', sizeBytes: FILE.length })).toMatchObject({ code: 'FAILED_PRECONDITION' });
  });
});
