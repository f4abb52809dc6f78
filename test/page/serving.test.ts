// How the page is served: headers, caching, what is a page and what isn't.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { ensureBuilt } from './browser.ts';

let app: TestApp;
beforeAll(async () => {
  ensureBuilt();
  app = await startApp();
});
afterAll(() => app?.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${app.url}${path}`, { headers });
const HTML = { accept: 'text/html' };

describe('the page', () => {
  it('is sent with a strict content security policy and is asked for anew each time', async () => {
    const answer = await get('/', HTML);
    expect(answer.status).toBe(200);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const html = await answer.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/https?:\/\//);
  });

  it('sends assets compressed and for good, since their names change with their content', async () => {
    const html = await (await get('/', HTML)).text();
    const [script] = /assets\/index-[\w-]+\.js/.exec(html)!;
    const answer = await get(`/${script}`, { 'accept-encoding': 'br' });
    expect(answer.headers.get('content-encoding')).toBe('br');
    expect(answer.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/);
    expect(answer.headers.get('content-type')).toContain('javascript');
  });

  it('loads with at most 280 kB', async () => {
    const html = await (await get('/', HTML)).text();
    let bytes = 0;
    for (const [name] of html.matchAll(/assets\/[\w.-]+\.(?:js|css)/g)) {
      const answer = await get(`/${name}`, { 'accept-encoding': 'gzip' });
      bytes += Number(answer.headers.get('content-length') ?? (await answer.arrayBuffer()).byteLength);
    }
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(280_000);
  });

  it('answers any other address that a person opens, and leaves the API its own "not found"', async () => {
    expect((await get('/some/where', HTML)).headers.get('content-type')).toContain('text/html');
    expect((await get('/t/default', HTML)).status).toBe(200);
    for (const path of ['/api/2.0/mlflow/nothing', '/graphql/nothing', '/assets/nothing.js', '/artifacts/nothing']) {
      const answer = await get(path, HTML);
      expect(answer.status, path).toBe(404);
      expect(answer.headers.get('content-type'), path).toContain('json');
    }
    expect((await get('/some/where', { accept: 'application/json' })).status).toBe(404);
  });

  it('shows HTML artifacts in a document that reaches nothing', async () => {
    const policy = (await get('/preview.html')).headers.get('content-security-policy')!;
    expect(policy).toContain('sandbox allow-scripts');
    expect(policy).not.toContain('allow-same-origin');
    expect(policy).toContain("default-src 'none'");
  });
});
