// Up- and downloads by a signed address: the signature stands for the permission, so these routes ask for no other sign-in.
import type { FastifyPluginAsync } from 'fastify';
import type { Deps } from '../context.ts';
import { readLink, SIGNED_PATH } from '../domain/artifactLinks.ts';
import { receiveFile, sendFile } from './files.ts';
import { streamBodies } from './streams.ts';

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
    app.put(SIGNED_PATH, async (request, reply) => receiveFile(deps, request, reply, readLink(deps, 'PUT', tokenOf(request.query))));
  };
