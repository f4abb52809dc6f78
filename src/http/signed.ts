// Up- and downloads by a signed address, of files and of folders: the signature stands for the permission, so these routes ask for no other sign-in.
import type { FastifyPluginAsync } from 'fastify';
import type { Deps } from '../context.ts';
import { ARCHIVE_PATH, openArchive } from '../domain/artifacts/archives.ts';
import { disposition, readLink, SIGNED_PATH } from '../domain/artifacts/links.ts';
import { PART_PATH, readPartLink, storePart } from '../domain/artifacts/partUploads.ts';
import { streamBodies } from './fileBodies.ts';
import { announcedSize, bodyOf, receiveFile, sendFile } from './files.ts';

export const signedArtifactRoutes =
  (deps: Deps): FastifyPluginAsync =>
  async (app) => {
    streamBodies(app);
    const tokenOf = (query: unknown) => String((query as { token?: string }).token ?? '');
    app.route({
      method: ['GET', 'HEAD'],
      url: SIGNED_PATH,
      handler: async (request, reply) => sendFile(deps, request, reply, readLink(deps, 'GET', tokenOf(request.query))),
    });
    app.get(ARCHIVE_PATH, async (request, reply) => {
      const { name, size, body } = await openArchive(deps, tokenOf(request.query));
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
    app.put(SIGNED_PATH, async (request, reply) => receiveFile(deps, request, reply, readLink(deps, 'PUT', tokenOf(request.query))));
    app.put(PART_PATH, async (request, reply) => {
      const part = readPartLink(deps, tokenOf(request.query));
      const etag = await storePart(deps, part, bodyOf(request), announcedSize(request));
      return reply.header('etag', etag).send({ etag });
    });
  };
