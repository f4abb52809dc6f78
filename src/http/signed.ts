// Up- and downloads of files and folders by a signed address. The signature stands for the permission: these routes ask for no other sign-in.

import type { FastifyRequest } from 'fastify';
import { ARCHIVE_PATH, openArchive } from '../domain/artifacts/archives.ts';
import { disposition, type LinkFacts, openLink, SIGNED_PATH } from '../domain/artifacts/links.ts';
import { openPartLink, PART_PATH, storePart } from '../domain/artifacts/multipartUploads.ts';
import type { Door } from './door.ts';
import { streamBodies } from './fileBodies.ts';
import { announcedSize, bodyOf, receiveFile, sendFile } from './files.ts';
import { configFor } from './reached.ts';

export const artifactsDoor: Door = {
  name: 'artifacts',
  owns: (path) => /^\/artifacts(\/|$)/.test(path),
  routes(app, { deps }) {
    streamBodies(app);
    const factsOf = (request: FastifyRequest): LinkFacts => ({
      ...deps,
      config: configFor(deps.config, request.raw),
      log: request.log,
      requestId: request.id,
      origin: { address: request.ip, userAgent: request.headers['user-agent'] ?? null },
    });
    const tokenOf = (query: unknown) => String((query as { token?: string }).token ?? '');
    app.route({
      method: ['GET', 'HEAD'],
      url: SIGNED_PATH,
      handler: async (request, reply) => {
        const { ctx, place } = await openLink(factsOf(request), 'GET', tokenOf(request.query));
        return sendFile(ctx, request, reply, place);
      },
    });
    app.get(ARCHIVE_PATH, async (request, reply) => {
      const { name, size, body } = await openArchive(factsOf(request), tokenOf(request.query));
      body.on('error', (error) => request.log.warn({ err: error }, 'a download of a folder broke off'));
      // Whoever leaves half way takes the file under way along.
      reply.raw.on('close', () => body.destroy());
      return reply
        .headers({
          'cache-control': 'no-store',
          'content-disposition': disposition(name),
          'content-length': String(size),
          'content-security-policy': 'sandbox',
          'x-content-type-options': 'nosniff',
        })
        .type('application/zip')
        .send(body);
    });
    app.put(SIGNED_PATH, async (request, reply) => {
      const { ctx, place } = await openLink(factsOf(request), 'PUT', tokenOf(request.query));
      return receiveFile(ctx, request, reply, place);
    });
    app.put(PART_PATH, async (request, reply) => {
      const part = await openPartLink(factsOf(request), tokenOf(request.query));
      const etag = await storePart(deps, part, bodyOf(request), announcedSize(request));
      return reply.header('etag', etag).send({ etag });
    });
  },
};
