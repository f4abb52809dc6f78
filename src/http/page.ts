// Serves the web page from web/dist, as it was built. Knows nothing of its content, and answers no API path.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { tagAndCompress } from './compression.ts';
import { type Door, doorOf, pathOf } from './door.ts';
import { isHealthPath } from './health.ts';
import { configFor } from './reached.ts';

// The same two steps up from src/http and from dist/http.
const PAGE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../web/dist');
const NOT_BUILT = 'The page is not built: run `npm run build` and start again. Programs are answered as ever.\n';
const HARDENING = {
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};
/** An HTML artifact may run scripts of its own, in an origin of its own. It reaches neither the page and its tokens, nor the network. */
const PREVIEW_POLICY = [
  'sandbox allow-scripts',
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  'media-src data: blob:',
  "frame-ancestors 'self'",
].join('; ');

const ASSET = /^\/assets\/(?:(?!\.+(?:\/|$))[\w.~-]{1,200}\/)*(?!\.+$)[\w.~-]{1,200}$/;

/** Where downloads are redirected to, if they are: the page fetches previews from there. */
function storeOrigin(config: Config): string {
  if (!config.artifactRedirect || !config.artifacts.startsWith('s3:')) return '';
  return ` ${config.s3.endpoint ? new URL(config.s3.endpoint).origin : 'https://*.amazonaws.com'}`;
}

function policy(config: Config, fonts = "'self'"): string {
  const store = storeOrigin(config);
  return [
    "default-src 'none'",
    "script-src 'self'",
    // The component library sets sizes and positions in style attributes and a style element.
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob:${store}`,
    `media-src 'self' blob:${store}`,
    `connect-src 'self'${store}`,
    `font-src ${fonts}`,
    "frame-src 'self' blob:",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Sends a page as it was built, told where the server is reached. GraphiQL's style sheet holds its fonts. */
export async function sendPage(config: Config, reply: FastifyReply, name: 'index.html' | 'graphiql.html'): Promise<FastifyReply> {
  const html = await readFile(path.join(PAGE, name), 'utf8').catch(() => null);
  if (html === null) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
  const base = config.publicUrl ? `${new URL(config.publicUrl).pathname.replace(/\/+$/, '')}/` : '/';
  return reply
    .headers({
      ...HARDENING,
      'content-security-policy': policy(config, name === 'graphiql.html' ? "'self' data:" : "'self'"),
      'cache-control': 'no-cache',
    })
    .type('text/html; charset=utf-8')
    .send(html.replace('<base href="/"', `<base href="${base}"`));
}

export const pageDoor: Door = {
  name: 'page',
  owns: (path) => path.startsWith('/assets/'),
  async routes(app, { deps, doors }) {
    tagAndCompress(app);
    const index = (request: FastifyRequest, reply: FastifyReply) => sendPage(configFor(deps.config, request.raw), reply, 'index.html');
    if (existsSync(PAGE)) {
      // What can be no name of theirs isn't looked for: the library answers some of it with a fault of its own.
      app.addHook('onRequest', (request, reply, done) => {
        if (!request.url.startsWith('/assets/') || ASSET.test(pathOf(request.url))) done();
        else reply.callNotFound();
      });
      await app.register(fastifyStatic, {
        root: path.join(PAGE, 'assets'),
        prefix: '/assets/',
        // The names hold a hash of the content.
        immutable: true,
        maxAge: '365d',
        preCompressed: true,
        index: false,
      });
    }
    const plain = (name: string, type: string, more: Record<string, string> = {}) =>
      app.get(`/${name}`, async (_request, reply) => {
        const bytes = await readFile(path.join(PAGE, name)).catch(() => null);
        if (bytes === null) return reply.callNotFound();
        return reply
          .headers({ 'cache-control': 'no-cache', ...more })
          .type(type)
          .send(bytes);
      });
    plain('theme.js', 'text/javascript; charset=utf-8');
    plain('favicon.svg', 'image/svg+xml');
    plain('preview.html', 'text/html; charset=utf-8', { 'content-security-policy': PREVIEW_POLICY });
    app.get('/', async (request, reply) => index(request, reply));
    // Any other address that a person opens shows the page, which says what isn't there.
    app.get('/*', async (request, reply) => (isPage(request, doors) ? index(request, reply) : reply.callNotFound()));
  },
};

/** What answers for itself does so where it answers "not found", too. */
const isPage = ({ headers, url }: FastifyRequest, doors: readonly Door[]): boolean =>
  (headers.accept ?? '').includes('text/html') && !doorOf(doors, url) && !isHealthPath(pathOf(url));
