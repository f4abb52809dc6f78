// MLflow's artifact routes: the proxy protocol (`mlflow-artifacts`), the listings, and the downloads of MLflow's page. Rules are in domain/artifact*.ts.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { TeamCtx } from '../context.ts';
import {
  type ArtifactPage,
  listArtifacts,
  listModelArtifacts,
  listRunArtifacts,
  modelFile,
  removeArtifacts,
  runFile,
  runFileToWrite,
  storeFile,
  versionFile,
} from '../domain/artifacts/files.ts';
import { type Place, placeToRead, placeToWrite } from '../domain/artifacts/locations.ts';
import { abortUpload, completeUpload, createUpload, presignRead, presignRunRead, presignRunWrite } from '../domain/artifacts/storeUploads.ts';
import { streamBodies } from '../http/fileBodies.ts';
import { announcedSize, bodyOf, receiveFile, sendFile } from '../http/files.ts';
import { invalid, limitExceeded } from '../lib/errors.ts';
import { int, list, message, required, string } from './codec.ts';
import { type Method, type Route, type RouteClass, route, serveRoutes } from './route.ts';

/** MLflow's own bound for `upload-artifact`. */
const MAX_SMALL_UPLOAD = 10 * 1024 * 1024;
/** 10,000 parts with their presigned addresses. */
const MAX_PARTS_BODY = 16 * 1024 * 1024;

// Page tokens are opaque to clients: the name after which to go on.
const toToken = (mark: string | null) => (mark === null ? undefined : Buffer.from(mark).toString('base64url'));
const fromToken = (token: string | undefined) => (token ? Buffer.from(token, 'base64url').toString() : undefined);

/** `is_dir` is printed even when false, which clients rely on; folders have no size. */
const fileInfo = (path: string, isDir: boolean, size: number | null) =>
  isDir ? { path, is_dir: true } : { path, is_dir: false, file_size: size ?? 0 };
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
const orNothing = <T>(items: T[]) => (items.length > 0 ? items : undefined);

const page = (found: ArtifactPage) => ({
  root_uri: found.rootUri,
  files: orNothing(found.artifacts.map((one) => fileInfo(one.path, one.isDir, one.size)).sort(byPath)),
  next_page_token: toToken(found.next),
});

/** The proxy's listing has no pages, so it is read to its end; names only, without their folder. */
async function listAll(ctx: TeamCtx, path: string) {
  const files: ReturnType<typeof fileInfo>[] = [];
  for (let after: string | undefined | null; after !== null; ) {
    const found = await listArtifacts(ctx, path, { after });
    for (const entry of found.entries) files.push(fileInfo(entry.name, entry.isDir, entry.size));
    after = found.next;
  }
  return { files: orNothing(files.sort(byPath)) };
}

const part = message({ part_number: required(int()), etag: required(string()), url: string() });
const upload = { '*': string(), path: required(string()) };
const proxy = '2.0/mlflow-artifacts';

const messages: Route[] = [
  route('GET', `${proxy}/artifacts`, 'P0', 'list artifacts', { path: string() }, (ctx, r) => listAll(ctx, r.path ?? '')),
  route('DELETE', `${proxy}/artifacts/*`, 'P1', 'delete a file or folder', { '*': string() }, (ctx, r) => removeArtifacts(ctx, r['*'] ?? '')),
  route('POST', `${proxy}/mpu/create/*`, 'P1', 'create multipart upload', { ...upload, num_parts: required(int()) }, async (ctx, r) => {
    const made = await createUpload(ctx, r['*'] ?? '', r.path, r.num_parts);
    return { upload_id: made.uploadId, credentials: made.parts.map(({ url, partNumber }) => ({ url, part_number: partNumber, headers: {} })) };
  }),
  route(
    'POST',
    `${proxy}/mpu/complete/*`,
    'P1',
    'complete multipart upload',
    { ...upload, upload_id: required(string()), parts: list(part) },
    async (ctx, r) => {
      const parts = r.parts.map((one) => ({ partNumber: one.part_number, etag: one.etag }));
      await completeUpload(ctx, r['*'] ?? '', r.path, r.upload_id, parts);
    },
  ),
  route('POST', `${proxy}/mpu/abort/*`, 'P1', 'abort multipart upload', { ...upload, upload_id: required(string()) }, (ctx, r) =>
    abortUpload(ctx, r['*'] ?? '', r.path, r.upload_id),
  ),
  route('GET', `${proxy}/presigned/*`, 'P1', 'presigned download address', { '*': string() }, async (ctx, r) => {
    const found = await presignRead(ctx, r['*'] ?? '');
    return { url: found.url, headers: {}, file_size: found.size };
  }),
  route(
    'POST',
    '2.0/mlflow/artifacts/presigned-upload-url',
    'P1',
    'presigned upload address',
    { run_id: required(string()), path: required(string()), expiration: int() },
    async (ctx, r) => ({ presigned_url: await presignRunWrite(ctx, r.run_id, r.path, r.expiration ?? 900), headers: {} }),
  ),
  route(
    'POST',
    '2.0/mlflow/artifacts/presigned-download-url',
    'P1',
    "presigned download address of a run's file",
    { run_id: required(string()), path: required(string()), expiration: int() },
    async (ctx, r) => {
      const found = await presignRunRead(ctx, r.run_id, r.path, r.expiration ?? 300);
      return { presigned_url: found.url, headers: {}, file_size: found.size };
    },
  ),
  route(
    'GET',
    '2.0/mlflow/artifacts/list',
    'P0',
    "list a run's artifacts",
    { run_id: string(), run_uuid: string(), path: string(), page_token: string() },
    async (ctx, r) => {
      const runId = r.run_id || r.run_uuid;
      if (!runId) throw missing('run_id');
      return page(await listRunArtifacts(ctx, runId, r.path, { after: fromToken(r.page_token) }));
    },
  ),
  route(
    'GET',
    '2.0/mlflow/logged-models/:model_id/artifacts/directories',
    'P1',
    "list a logged model's artifacts",
    { model_id: required(string()), artifact_directory_path: string(), page_token: string() },
    async (ctx, r) => page(await listModelArtifacts(ctx, r.model_id, r.artifact_directory_path, { after: fromToken(r.page_token) })),
  ),
];

const missing = (name: string) =>
  invalid(`Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`, { argument: name });

/** One text from the query string; the last, if it is repeated. */
const ask = (request: FastifyRequest, name: string): string | undefined =>
  [(request.query as Record<string, string | string[] | undefined>)[name]].flat().at(-1) || undefined;
function need(request: FastifyRequest, ...names: string[]): string {
  const value = names.map((name) => ask(request, name)).find((one) => one !== undefined);
  if (value === undefined) throw missing(names[0]!);
  return value;
}
const pathOf = (request: FastifyRequest) => (request.params as { '*': string })['*'];

async function uploadSmall(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const runId = ask(request, 'run_uuid') ?? ask(request, 'run_id');
  if (runId === undefined) throw invalid('Request must specify run_uuid.', { argument: 'run_uuid' });
  const path = ask(request, 'path');
  if (path === undefined) throw invalid('Request must specify path.', { argument: 'path' });
  const place = await runFileToWrite(request.ctx, runId, path);
  const size = announcedSize(request);
  if ((size ?? 0) > MAX_SMALL_UPLOAD) throw tooLarge();
  if (size === 0 || (size === undefined && request.headers['transfer-encoding'] === undefined)) throw invalid('Request must specify data.');
  await storeFile(request.ctx, place, atMost(MAX_SMALL_UPLOAD, bodyOf(request)), size);
  return reply.type('application/json; charset=utf-8').send('{}');
}

const tooLarge = () => limitExceeded('Artifact size is too large. Max size is 10MB.');

async function* atMost(limit: number, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    yield chunk;
  }
}

type Find = (request: FastifyRequest) => Promise<Place>;
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
type FileRoute = { method: Method; urls: string[]; path: string; class: RouteClass; purpose: string; handle: Handler };

const both = (path: string) => [`/api/${path}`, `/ajax-api/${path}`];
const download = (urls: string[], path: string, kind: RouteClass, purpose: string, find: Find): FileRoute => ({
  method: 'GET',
  urls,
  path,
  class: kind,
  purpose,
  handle: async (request, reply) => sendFile(request.ctx, request, reply, await find(request)),
});

const files: FileRoute[] = [
  download(both(`${proxy}/artifacts/*`), `${proxy}/artifacts/*`, 'P0', 'download artifact', (request) => placeToRead(request.ctx, pathOf(request))),
  {
    method: 'PUT',
    urls: both(`${proxy}/artifacts/*`),
    path: `${proxy}/artifacts/*`,
    class: 'P0',
    purpose: 'upload artifact',
    handle: async (request, reply) => receiveFile(request.ctx, request, reply, await placeToWrite(request.ctx, pathOf(request))),
  },
  download(['/get-artifact'], '/get-artifact', 'P1', 'stream one run artifact', (request) =>
    runFile(request.ctx, need(request, 'run_id', 'run_uuid'), need(request, 'path')),
  ),
  download(['/model-versions/get-artifact'], '/model-versions/get-artifact', 'P1', 'stream one model-version artifact', (request) =>
    versionFile(request.ctx, need(request, 'name'), need(request, 'version'), need(request, 'path')),
  ),
  download(
    ['/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files'],
    '/ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files',
    'P1',
    'stream one logged-model artifact',
    (request) => modelFile(request.ctx, (request.params as { model_id: string }).model_id, need(request, 'artifact_file_path')),
  ),
  {
    method: 'POST',
    urls: ['/ajax-api/2.0/mlflow/upload-artifact'],
    path: '/ajax-api/2.0/mlflow/upload-artifact',
    class: 'P1',
    purpose: 'upload one run artifact (10 MB)',
    handle: uploadSmall,
  },
];

/** For the coverage page: a path without a leading slash stands after `/api/` and `/ajax-api/`. */
export const artifactEndpoints: { method: Method; path: string; class: RouteClass; purpose: string }[] = [...messages, ...files].map(
  ({ method, path, class: kind, purpose }) => ({ method, path, class: kind, purpose }),
);

/** The scope must have been through `actInTeam`. */
export const artifactRoutes: FastifyPluginAsync = async (app) => {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_PARTS_BODY }, (_request, body, done) => done(null, body));
    serveRoutes(scope, messages);
  });
  await app.register(async (scope) => {
    streamBodies(scope);
    for (const row of files) serveFile(scope, row);
  });
};

function serveFile(app: FastifyInstance, row: FileRoute): void {
  // HEAD is ours: the one that Fastify would add reads the whole file.
  for (const url of row.urls) app.route({ method: row.method === 'GET' ? ['GET', 'HEAD'] : row.method, url, handler: row.handle });
}
