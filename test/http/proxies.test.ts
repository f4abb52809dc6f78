// What proxies say is believed from those that are trusted; the page and its links hold under a path; other sites' pages are kept away.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseTrust } from '../../src/lib/proxies.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { data, signIn } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ env: { RUNLEDGER_TRUST_PROXY: 'loopback, 10.0.0.0/8', RUNLEDGER_CORS_ORIGINS: 'https://dash.example.com' } });
});
afterAll(() => app.close());

/** fetch sends no Host of one's own. */
const ask = (url: string, headers: Record<string, string>, method = 'GET', body?: string) =>
  new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>((resolve, reject) => {
    const request = http.request(url, { method, headers }, async (answer) => {
      resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(await answer.toArray()).toString() });
    });
    request.on('error', reject).end(body);
  });
const json = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` };
const address = async (of: TestApp, headers: Record<string, string>): Promise<string> => {
  const query = `mutation { createTeam(input: {slug: "t${Math.random().toString(36).slice(2)}"}) { team { slug } } }`;
  await ask(`${of.url}/graphql`, { ...json, ...headers }, 'POST', JSON.stringify({ query }));
  return (await data(of, '{ auditLog(where: {actions: [TEAM_CREATED]}, first: 1) { nodes { address } } }')).auditLog.nodes[0].address;
};
const uploadUrl = async (of: TestApp, headers: Record<string, string>, base = of.url) => {
  const { createRun } = await data(of, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
  const query = `mutation { createArtifactUpload(input: {runId: "${createRun.run.runId}", path: "a"}) { url } }`;
  const { text } = await ask(`${base}/graphql`, { ...json, ...headers }, 'POST', JSON.stringify({ query }));
  return JSON.parse(text).data.createArtifactUpload.url as string;
};

describe('addresses', () => {
  it('are those before the proxies that are trusted, and no more', async () => {
    expect(await address(app, { 'x-forwarded-for': '203.0.113.7' })).toBe('203.0.113.7');
    expect(await address(app, { 'x-forwarded-for': '1.2.3.4, 203.0.113.7, 10.1.2.3' })).toBe('203.0.113.7');
    const plain = await startApp();
    expect(await address(plain, { 'x-forwarded-for': '203.0.113.7' })).toMatch(/127\.0\.0\.1$/);
    expect(await uploadUrl(plain, { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/x' })).toMatch(
      plain.url,
    );
    await plain.close();
  });

  it('are counted by hops or by network', () => {
    expect(parseTrust('2')).toBe(2);
    const trust = parseTrust('10.0.0.0/8, ::1, uniquelocal') as (address: string) => boolean;
    expect(['10.9.9.9', '::ffff:10.1.1.1', '::1', 'fd00::1', '192.168.3.4', '11.0.0.1', '::2', 'nonsense'].map(trust)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

/** Sends everything on, with the path or without it, and says where it was asked. */
async function proxy(target: string, prefix: string, strips: boolean) {
  const pass = (request: http.IncomingMessage) => ({
    path: strips ? request.url!.slice(prefix.length) || '/' : request.url!,
    headers: {
      ...request.headers,
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': request.headers.host,
      'x-forwarded-prefix': prefix,
    },
  });
  const server = http.createServer((request, response) => {
    const on = http.request(target, { method: request.method, ...pass(request) } as http.RequestOptions, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(on);
  });
  server.on('upgrade', (request, socket) => {
    const on = http.request(target, { method: 'GET', ...pass(request) } as http.RequestOptions);
    on.on('upgrade', (answer, other) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\n${Object.entries(answer.headers)
          .map(([name, value]) => `${name}: ${value}`)
          .join('\r\n')}\r\n\r\n`,
      );
      other.pipe(socket).pipe(other);
      other.on('error', () => socket.destroy());
      socket.on('error', () => other.destroy());
    });
    on.on('response', () => socket.destroy());
    on.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.each([
  ['strips', true],
  ['leaves', false],
])('under a path that the proxy %s', (_name, strips) => {
  it('page, GraphiQL, MLflow, links and live events work', async () => {
    const front = await proxy(app.url, '/ml/runs', strips);
    try {
      for (const path of ['', '/', '/some/where', '/graphql'])
        expect((await ask(front.url + path, { accept: 'text/html' })).text, path).toContain('<base href="/ml/runs/"');
      expect((await ask(`${front.url}/health`, {})).text).toBe('OK');
      expect((await ask(`${front.url}/t/default/api/2.0/mlflow/experiments/get?experiment_id=0`, json)).status).toBe(200);
      const url = await uploadUrl(app, {}, front.url);
      expect(url).toMatch(`${front.url}/artifacts/signed`);
      expect((await ask(url, {}, 'PUT', 'x')).status).toBe(200);
      const client = createClient({
        url: `${front.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { token: ADMIN_TOKEN },
        retryAttempts: 0,
      });
      // Whoever is told so is connected, and known.
      await expect(client.iterate({ query: '{ viewer { kind } }' }).next()).rejects.toMatchObject([
        { message: expect.stringContaining('Only subscriptions run over a web socket') },
      ]);
      await client.dispose();
    } finally {
      front.close();
    }
  });
});

it('a configured address with a path holds without any header', async () => {
  const under = await startApp({ env: { RUNLEDGER_PUBLIC_URL: 'https://ml.example.com/runs' } });
  for (const path of ['/runs/graphql', '/graphql', '/runs', '/runs/t/default'])
    expect((await ask(under.url + path, { accept: 'text/html' })).text, path).toContain('<base href="/runs/"');
  expect((await ask(`${under.url}/runs/api/2.0/mlflow/experiments/get?experiment_id=0`, json)).status).toBe(200);
  expect(await uploadUrl(under, { 'x-forwarded-host': 'evil.example.com' })).toMatch('https://ml.example.com/runs/artifacts/');
  await under.close();
});

describe('browsers', () => {
  it('of pages elsewhere get answers for origins that are configured alone', async () => {
    const allowed = await ask(`${app.url}/graphql`, { ...json, origin: 'https://dash.example.com' }, 'POST', '{"query":"{ viewer { kind } }"}');
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://dash.example.com',
      'cross-origin-resource-policy': 'cross-origin',
    });
    const preflight = {
      origin: 'https://dash.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const answer = await ask(`${app.url}/graphql`, preflight, 'OPTIONS');
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('authorization');
    for (const origin of ['https://evil.example.com', 'https://dash.example.com.evil.com', 'http://dash.example.com', 'null']) {
      const refused = await ask(`${app.url}/graphql`, { ...json, origin }, 'POST', '{"query":"{ viewer { kind } }"}');
      expect(refused.headers['access-control-allow-origin']).toBeUndefined();
      expect(refused.headers['cross-origin-resource-policy']).toBe('same-origin');
    }
    const anyone = await startApp({ env: { RUNLEDGER_CORS_ORIGINS: '*' } });
    const star = await ask(`${anyone.url}/version`, { origin: 'https://evil.example.com' });
    expect(star.headers['access-control-allow-origin']).toBe('*');
    expect(star.headers['access-control-allow-credentials']).toBeUndefined();
    await anyone.close();
  });

  it('that were sent to this machine by another name are refused on loopback', async () => {
    const plain = await startApp();
    for (const host of ['evil.example.com', 'evil.example.com:5000', '127.0.0.1.evil.com', 'localhost.evil.com'])
      expect((await ask(`${plain.url}/health`, { host })).status, host).toBe(403);
    for (const host of ['localhost:5000', '127.0.0.1', '[::1]:5000', 'app.localhost'])
      expect((await ask(`${plain.url}/health`, { host })).status, host).toBe(200);
    await plain.close();
  });

  it('take no artifact for a script, a style sheet or a page of ours', async () => {
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
    for (const name of ['a.html', 'a.svg', 'a.xml', 'a.js', 'a.mjs', 'a.css', 'a.xhtml', 'a.wasm']) {
      const url = `${app.url}/api/2.0/mlflow-artifacts/artifacts/0/${createRun.run.runId}/artifacts/${name}`;
      await ask(url, { authorization: json.authorization }, 'PUT', '<x/>');
      for (const method of ['GET', 'HEAD']) {
        const { headers } = await ask(url, { authorization: json.authorization }, method);
        expect(headers['content-disposition'], name).toMatch(/^attachment/);
        expect(headers['content-security-policy'], name).toBe('sandbox');
        expect(headers['x-content-type-options'], name).toBe('nosniff');
        expect(headers['content-type'], name).not.toMatch(/javascript|css|wasm/);
      }
    }
  });

  it('and programs get 404 for names that no file of the page has', async () => {
    for (const path of ['..%2f', '..%2f..%2fpackage.json', '%2e%2e/x', '..%5c', '%00', '%', '%ff', 'a'.repeat(5_000), '.', 'x/..%2f', '%2f', ''])
      expect([400, 404], path.slice(0, 20)).toContain((await ask(`${app.url}/assets/${path}`, {})).status);
  });
});

it('a session has the address of its person', async () => {
  expect((await signIn(app)).accessToken).toBeTruthy();
  const { auditLog } = await data(app, '{ auditLog(where: {actions: [SIGNED_IN]}, first: 1) { nodes { address } } }');
  expect(auditLog.nodes[0].address).toMatch(/127\.0\.0\.1$/);
});
