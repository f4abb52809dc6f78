// Bodies of requests: how long they may be, and how slowly they may come.
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { leaveUnread } from './earlyAnswer.ts';

const tooLarge = (most: number) => new AppError('TOO_LARGE', `The body of this request may have at most ${most} bytes.`, { limit: most });

type Done = (error?: Error | null, payload?: RequestPayload) => void;

/** Fastify's preParsing: refuses a body that is announced to be longer before it is read, and one that turns out to be. */
export function limitBody(request: FastifyRequest, payload: RequestPayload, most: number, done: Done): void {
  const announced = request.headers['content-length'];
  if (announced !== undefined) {
    if (Number(announced) > most) done(tooLarge(most));
    else done(null, payload);
    return;
  }
  let received = 0;
  const counted: RequestPayload = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      received += chunk.length;
      counted.receivedEncodedLength = received;
      next(received > most ? tooLarge(most) : null, chunk);
    },
  });
  payload.once('error', (error) => counted.destroy(error));
  done(null, payload.pipe(counted as Transform));
}

const LOOK_MS = 10_000;
/** A body that comes more slowly holds a connection, and buffers, for the sake of nobody. */
const LEAST_BYTES = 10 * 1024;
/** While the server stops, what doesn't move for so long was never going to be accepted. */
const CLOSING_LOOK_MS = 2_000;

/**
 * Cuts connections whose request bodies trickle or have stopped. Those that wait because the server reads slowly are left alone. An answer that
 * leaves much of the body unread ends its connection.
 */
export function watchBodies(app: FastifyInstance): void {
  /** With the bytes that their connections had read at the last look. */
  const bodies = new Map<IncomingMessage, number>();
  const look = (least: number) => {
    for (const [raw, before] of bodies) {
      const { bytesRead } = raw.socket;
      const isSlow = bytesRead - before < least && raw.readableLength === 0 && !raw.isPaused();
      if (raw.complete || raw.destroyed) bodies.delete(raw);
      else {
        bodies.set(raw, bytesRead);
        if (isSlow) raw.socket.destroy();
      }
    }
  };
  let timer = setInterval(() => look(LEAST_BYTES), LOOK_MS).unref();
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
    if ((length !== undefined && length !== '0') || encoding !== undefined) bodies.set(raw, raw.socket.bytesRead);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (reply.statusCode >= 400 && !request.raw.complete) leaveUnread(request, reply);
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    bodies.delete(request.raw);
    done();
  });
  app.addHook('preClose', async () => {
    clearInterval(timer);
    timer = setInterval(() => look(1), CLOSING_LOOK_MS).unref();
    app.server.once('close', () => clearInterval(timer));
  });
}
