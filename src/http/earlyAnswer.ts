// Answering before a request's body has been read (an error, a redirect) without reading gigabytes and without losing the answer.
import type { FastifyReply, FastifyRequest } from 'fastify';

/** As much may still come on a connection that is kept; Node reads and drops it. */
const WORTH_DRAINING = 64 * 1024;
/**
 * A client that is still sending needs this long to see the answer. Closing at once would reset the connection, and what it hasn't
 * read of the answer can be lost with it. Measured with Python's requests at 200 MB: no upload failed.
 */
const LINGER_MS = 200;

const leftToRead = (request: FastifyRequest): number => {
  if (request.raw.complete) return 0;
  const length = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  return request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined ? 0 : length;
};

/** Call it before the answer is sent. If much of the body is unread, the answer ends the connection and no more of the body is read. */
export function leaveUnread(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (leftToRead(request) <= WORTH_DRAINING) return;
  reply.header('connection', 'close');
  // Node drains bodies that nobody began to read. This counts as beginning, and no more is read than fits the buffer.
  raw.pause();
  raw.read(0);
  const { socket } = raw;
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}
