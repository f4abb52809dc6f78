// Files over HTTP, both ways: ranges, conditional requests and the headers that keep a file from running as a page of ours.
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../context.ts';
import { type ByteRange, mediaType, openFile, type StoredFile, statFile, storeFile } from '../domain/artifacts/files.ts';
import { directReadUrl, directWriteUrl, disposition } from '../domain/artifacts/links.ts';
import type { Place } from '../domain/artifacts/locations.ts';
import { AppError } from '../lib/errors.ts';
import { leaveUnread } from './earlyAnswer.ts';

type Parts = Pick<Deps, 'store' | 'config'>;

/** The one range asked for. 'none' if the header is absent, malformed or asks for several: then the whole file is sent (RFC 9110). */
export function parseRange(header: string | undefined, size: number): ByteRange | 'none' | 'outside' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'none';
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? 'outside' : { start: size - length, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < start) return 'none';
  return start >= size ? 'outside' : { start, end };
}

const weak = (etag: string) => etag.trim().replace(/^W\//, '');
const matches = (header: string, etag: string) => header.trim() === '*' || header.split(',').some((one) => weak(one) === weak(etag));

/** Whether the client has what there is: by its etags if it names any, else by the second in which the file was written. */
function isKnown(file: StoredFile, headers: FastifyRequest['headers']): boolean {
  const { 'if-none-match': etags, 'if-modified-since': since } = headers;
  if (etags !== undefined) return matches(etags, file.etag);
  return since !== undefined && Math.floor(file.lastModified.getTime() / 1000) * 1000 <= Date.parse(since);
}

/** If-Range: the range holds only for the version that the client has the rest of. */
function rangeHolds(header: string | undefined, file: StoredFile): boolean {
  if (header === undefined) return true;
  if (header.startsWith('"')) return header === file.etag;
  return Date.parse(header) === Math.floor(file.lastModified.getTime() / 1000) * 1000;
}

/** No script tag, style sheet or worker may take a file of a run for the page's own. So what would run is sent as text. */
function harmlessType(name: string): string {
  const type = mediaType(name);
  return /javascript|ecmascript|text\/css|wasm|xslt|\/xsl|x-shockwave|java-archive/i.test(type) ? 'text/plain; charset=utf-8' : type;
}

function describe(reply: FastifyReply, place: Place, file: StoredFile): void {
  reply.headers({
    etag: file.etag,
    'last-modified': file.lastModified.toUTCString(),
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    'content-type': harmlessType(place.name),
    'content-disposition': disposition(place.name),
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
}

/** Answers GET and HEAD for a file: 200, 206, 304, 307 to the store, or throws NOT_FOUND or RANGE_NOT_SATISFIABLE. */
export async function sendFile(ctx: Parts, request: FastifyRequest, reply: FastifyReply, place: Place): Promise<FastifyReply> {
  const { range: rangeHeader, 'if-none-match': etags, 'if-modified-since': since, 'if-range': ifRange } = request.headers;
  const plain = request.method === 'GET' && !rangeHeader && !etags && !since && !ctx.config.artifactRedirect;
  if (plain) {
    const file = await openFile(ctx, place);
    describe(reply, place, file);
    return reply.header('content-length', file.size).send(file.body);
  }
  const file = await statFile(ctx, place);
  if (isKnown(file, request.headers)) {
    describe(reply, place, file);
    return reply.code(304).send();
  }
  const direct = request.method === 'GET' ? await directReadUrl(ctx, place) : null;
  if (direct !== null) return reply.header('cache-control', 'no-store').redirect(direct, 307);
  const range = rangeHolds(ifRange as string | undefined, file) ? parseRange(rangeHeader, file.size) : 'none';
  if (range === 'outside') {
    reply.header('content-range', `bytes */${file.size}`);
    throw new AppError('RANGE_NOT_SATISFIABLE', `The file has ${file.size} bytes, and the range lies outside.`);
  }
  if (request.method === 'HEAD') {
    describe(reply, place, file);
    return reply.header('content-length', file.size).send();
  }
  const opened = await openFile(ctx, place, range === 'none' ? undefined : range);
  describe(reply, place, opened);
  if (range === 'none') return reply.header('content-length', opened.size).send(opened.body);
  reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${opened.size}`);
  return reply.header('content-length', range.end - range.start + 1).send(opened.body);
}

/** The body as it arrives. Stopping to read it leaves the connection open, so that the client still gets its answer. */
export async function* bodyOf(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  const stream = (request.body as Readable | undefined) ?? request.raw;
  yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

export function announcedSize(request: FastifyRequest): number | undefined {
  const header = request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
}

/** Stores the request's body, or sends the client to the store with it. */
export async function receiveFile(ctx: Parts, request: FastifyRequest, reply: FastifyReply, place: Place): Promise<FastifyReply> {
  const size = announcedSize(request);
  const direct = await directWriteUrl(ctx, place, size ?? 0);
  if (direct !== null) {
    leaveUnread(request, reply);
    return reply.header('cache-control', 'no-store').redirect(direct, 307);
  }
  await storeFile(ctx, place, bodyOf(request), size);
  return reply.type('application/json; charset=utf-8').send('{}');
}
