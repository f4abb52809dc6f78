// Any thrown thing as a fault, and the answer to it, which each door words for itself. What is no fault of a user's is our bug: logged, and answered without detail.
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ERROR_TABLE } from '../lib/errors.ts';
import { DatabaseFault, type FaultKind } from '../lib/faults.ts';
import { logFault, operatorFault } from '../lib/operatorFaults.ts';
import type { Door } from './door.ts';

const INTERNAL = 'Internal error. The server log has the details under this request id.';

/** Faults that Fastify itself finds, by its code; the rest of its 4xx are INVALID_ARGUMENT. */
const FASTIFY_CODES: Record<string, AppError['code']> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'TOO_LARGE',
};

/** What a caller is told of a database's fault, and seconds until it makes sense to try again. A rule of ours should have found what is refused before. */
const FAULTS: Record<FaultKind, [AppError['code'], string, number?]> = {
  refused: ['INVALID_ARGUMENT', 'A value in the request is too large, out of range or can not be stored.'],
  taken: ['ALREADY_EXISTS', 'The same was made by another request at the same time.'],
  gone: ['NOT_FOUND', 'What the request refers to does not exist any more.'],
  collision: ['UNAVAILABLE', 'Other requests change the same things right now. Try again in a moment.', 1],
  away: ['UNAVAILABLE', 'The database is not reachable right now. Try again in a moment.', 1],
  full: ['UNAVAILABLE', 'The database has no space or memory left. Try again once whoever runs the server has made room.', 10],
  readOnly: ['UNAVAILABLE', 'The database takes no writes right now. Try again in a moment.', 5],
  timeout: ['UNAVAILABLE', 'The database took too long to answer. Ask for less at once, or try again in a moment.', 1],
  misconfigured: ['UNAVAILABLE', 'The server can not sign in to its database. Tell whoever runs the server.', 10],
  outdated: ['UNAVAILABLE', 'This server is too old for its database, which a newer one has brought up to date. Try again in a moment.', 5],
  forbidden: ['UNAVAILABLE', 'The database does not let the server do this. Tell whoever runs the server.', 10],
  check: ['INTERNAL', INTERNAL],
  held: ['INTERNAL', INTERNAL],
  condition: ['INTERNAL', INTERNAL],
};

function told(fault: DatabaseFault): AppError {
  const [code, message, retryAfter] = FAULTS[fault.kind];
  const reason = operatorFault(fault)?.reason;
  return new AppError(code, message, { ...(reason && { reason }), ...(retryAfter && { retryAfter }) });
}

/** Any thrown thing as an AppError; `INTERNAL` and `UNAVAILABLE` ones are for the caller to log with `cause`. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const fastify = (error ?? {}) as Partial<FastifyError>;
  if (typeof fastify.code === 'string' && fastify.code.startsWith('FST_') && (fastify.statusCode ?? 500) < 500) {
    return new AppError(FASTIFY_CODES[fastify.code] ?? 'INVALID_ARGUMENT', `Bad Request. ${fastify.message}`);
  }
  if (error instanceof DatabaseFault) return told(error);
  return new AppError('INTERNAL', INTERNAL);
}

/** Messages repeat what was asked for, which may be megabytes. */
const MAX_MESSAGE = 2_000;
export const shortened = (message: string) => (message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE).toWellFormed()}…` : message);

/** What is answered at addresses of no door, and of doors that have no words of their own. */
export const plainError = (error: AppError) => ({ code: error.code, message: shortened(error.message) });

export const endpointNotFound = (method: string, url: string) =>
  new AppError('ENDPOINT_NOT_FOUND', `There is no ${method} ${url.split('?')[0]} here. Is the client newer than this server, or the address wrong?`);

/** `render`: the door's, plain unless given. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, render: NonNullable<Door['renderError']> = plainError): void {
  const known = toAppError(error);
  const { status } = ERROR_TABLE[known.code];
  const place = { method: request.method, path: request.url.split('?')[0] };
  // Whoever has left ended their own statements.
  if (status >= 500 && status !== 501 && request.raw.socket?.destroyed) request.log.debug({ err: error, ...place }, known.message);
  else if (status >= 500 && status !== 501) logFault(request.log, error, place, known.message);
  // A rule of ours should have found it before the database did.
  else if (error instanceof DatabaseFault) request.log.warn({ err: error }, known.message);
  else request.log.debug({ status, ...place }, known.message);
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  // Faults before routing have been through no hook.
  reply.header('x-content-type-options', 'nosniff');
  if (status === 503) reply.header('retry-after', String(known.detail.retryAfter ?? 1));
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(render(known, request)));
}

/** Answers what is no HTTP request, or has headers that are too long, and hangs up. */
export function refuseConnection(error: { code?: string }, socket: Socket, render: (error: AppError) => object): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = tooLong ? '431 Request Header Fields Too Large' : timedOut ? '408 Request Timeout' : '400 Bad Request';
  const message = tooLong
    ? 'The address and headers of a request may have 64 KiB. Send long searches by POST where the protocol has it, or ask for less at once.'
    : 'Bad Request. This is not a complete HTTP request.';
  const body = JSON.stringify(render(new AppError('INVALID_ARGUMENT', message)));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error as Error);
}
