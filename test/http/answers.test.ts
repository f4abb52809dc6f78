// Text answers over HTTP: pieces that are sent as they are written, compression for who asks, 304 for who has it.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseEncoding, tagAndCompress } from '../../src/http/compression.ts';
import { Written } from '../../src/http/streamedJson.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let experimentId: string;
const RUNS = 700;
beforeAll(async () => {
  app = await startApp();
  experimentId = (await app.mlflow('POST', '2.0/mlflow/experiments/create', { name: 'large' })).body.experiment_id;
  await app.deps.db.rows({
    text: `insert into runs (team_id, run_id, experiment_id, name, status, start_time, artifact_uri)
           select e.team_id, gen_random_uuid(), e.experiment_id, 'run ' || n, 'FINISHED', n, 'file:///x'
             from experiments e, generate_series(1, ${RUNS}) n where e.name = 'large'`,
  });
});
afterAll(() => app.close());

type Answer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };
function ask(url: string, headers: Record<string, string> = {}, json?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const more = json === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(url, { method: json === undefined ? 'GET' : 'POST', headers: { ...headers, ...more } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end(json === undefined ? undefined : JSON.stringify(json));
  });
}
const signedIn = { authorization: `Bearer ${ADMIN_TOKEN}` };
const search = (limit: number, headers = {}) =>
  ask(`${app.url}/api/2.0/mlflow/runs/search`, { ...signedIn, ...headers }, { experiment_ids: [experimentId], max_results: limit });

const DECODERS: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
  gzip: promisify<Buffer, Buffer>(zlib.gunzip),
  br: promisify<Buffer, Buffer>(zlib.brotliDecompress),
};

test.each(['gzip', 'br'])('%s is sent to who asks, of one piece and of several', async (encoding) => {
  for (const limit of [100, RUNS]) {
    const plain = await search(limit);
    const { runs } = JSON.parse(plain.body.toString());
    expect(runs).toHaveLength(limit);
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const packed = await search(limit, { 'accept-encoding': encoding });
    expect(packed.headers).toMatchObject({ 'content-encoding': encoding, vary: 'Accept-Encoding' });
    expect(packed.body.length).toBeLessThan(plain.body.length / 3);
    expect(JSON.parse((await DECODERS[encoding]!(packed.body)).toString()).runs).toEqual(runs);
    expect(plain.headers.vary).toBe('Accept-Encoding');
  }
  const query = { query: '{ team(slug: "default") { runs(first: 100) { nodes { runId name status } } } }' };
  const graphql = await ask(`${app.url}/graphql`, { ...signedIn, 'accept-encoding': encoding }, query);
  expect(graphql.headers['content-encoding']).toBe(encoding);
  expect(JSON.parse((await DECODERS[encoding]!(graphql.body)).toString()).data.team.runs.nodes).toHaveLength(100);
});

test('small answers and faults stay as they are', async () => {
  expect((await search(3, { 'accept-encoding': 'gzip' })).headers).not.toHaveProperty('content-encoding');
  const fault = await ask(`${app.url}/api/2.0/mlflow/runs/search`, { ...signedIn, 'accept-encoding': 'gzip' }, { filter: 'x'.repeat(9_000) });
  expect(fault.status).toBe(400);
  expect(fault.headers).not.toHaveProperty('content-encoding');
});

test('the client’s weights decide, then what packs best', () => {
  expect(chooseEncoding('gzip, deflate')).toBe('gzip');
  expect(chooseEncoding('gzip;q=1.0, br;q=0.5')).toBe('gzip');
  expect(chooseEncoding('br;q=0, *;q=0.1, gzip;q=0.05, zstd;q=0')).toBe('gzip');
  expect(chooseEncoding('GZIP')).toBe('gzip');
  for (const none of [undefined, '', 'identity', 'gzip;q=0', 'deflate']) expect(chooseEncoding(none)).toBeUndefined();
  expect(chooseEncoding('gzip, deflate, br')).toBe('br');
});

test('a page that the client has is answered by 304, until it changes', async () => {
  const created = (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: experimentId })).body.run.info.run_id;
  const get = (headers = {}) => ask(`${app.url}/api/2.0/mlflow/runs/get?run_id=${created}`, { ...signedIn, ...headers });
  const first = await get();
  const etag = first.headers.etag!;
  expect(etag).toMatch(/^W\/"/);
  expect(first.headers['cache-control']).toBe('private, no-cache');
  for (const known of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
    const again = await get({ 'if-none-match': known });
    expect([known, again.status, again.body.length, again.headers.etag]).toEqual([known, 304, 0, etag]);
  }
  await app.mlflow('POST', '2.0/mlflow/runs/set-tag', { run_id: created, key: 'a', value: 'b' });
  expect((await get({ 'if-none-match': etag })).status).toBe(200);
  expect((await ask(`${app.url}/api/2.0/mlflow/runs/get?run_id=${created}`, { 'if-none-match': '*' })).status).toBe(401);
});

test('an answer that fails on the way has no end; one that fails at its beginning is a fault', async () => {
  const server = Fastify();
  tagAndCompress(server);
  const failing = async function* (after: number) {
    for (let piece = 0; piece < after; piece += 1) yield `"${randomBytes(200_000).toString('base64')}",`;
    throw new Error('the database went away');
  };
  server.get('/:after', async (request, reply) => {
    reply.type('application/json');
    return new Written(failing(Number((request.params as { after: string }).after))).send(reply);
  });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  for (const encoding of ['identity', 'gzip', 'br']) {
    const headers = { 'accept-encoding': encoding };
    await expect(ask(`${url}/20`, headers)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    const fault = await ask(`${url}/1`, headers);
    expect([fault.status, fault.headers['content-encoding']]).toEqual([500, undefined]);
  }
  await server.close();
});
