// Tells what a request's handler calls on whose behalf it works, and when its client has left.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { workFor } from '../lib/work.ts';

/** Holds for the routes registered on `app` after it. `callerOf`: who takes turns; called once the request is authenticated and read. */
export function workOnBehalf(app: FastifyInstance, callerOf: (request: FastifyRequest) => string): void {
  app.addHook('preHandler', (request, reply, done) => {
    const left = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort();
    });
    workFor({ caller: callerOf(request), signal: left.signal }, done);
  });
}
