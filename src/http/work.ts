// Tells what a request's handler calls on whose behalf it works, and when its client has left; and gives callers fair turns on the thread.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { threadTurns } from '../lib/turns/threadTurns.ts';
import { presentWork, workFor } from '../lib/work.ts';

/** Holds for the routes registered on `app` after it. `callerOf`: who takes turns; called once the request is authenticated and read. */
export function workOnBehalf(app: FastifyInstance, callerOf: (request: FastifyRequest) => string): void {
  app.addHook('preHandler', (request, reply, done) => {
    const left = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort();
    });
    const work = { caller: callerOf(request), signal: left.signal };
    threadTurns.take(work.caller, () => workFor(work, done));
  });
  // Requests that log together are answered together: their answers too go out one a turn.
  app.addHook('onSend', (_request, _reply, _payload, done) => {
    const work = presentWork();
    if (work) threadTurns.take(work.caller, () => done());
    else done();
  });
}
