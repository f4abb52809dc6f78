// For routes whose bodies are files: hands the handler the stream, whatever its type and size.
import type { FastifyInstance } from 'fastify';
import { leaveUnread } from './earlyAnswer.ts';

/** Holds for the routes registered on `app` after it; `app` must be a scope of its own. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode >= 400) leaveUnread(request, reply);
  });
}
