// Uploads in parts and presigned addresses: what clients ask for to move bytes to and from the S3 store themselves. A local folder has none of it.
import type { TeamCtx } from '../../context.ts';
import { AppError, invalid } from '../../lib/errors.ts';
import { joinPath } from '../../storage/objectKeys.ts';
import type { DirectAccess, Part } from '../../storage/store.ts';
import { mediaType, runFile, runFileToWrite, statFile } from './files.ts';
import { disposition } from './links.ts';
import { type Place, placeToRead, placeToWrite } from './locations.ts';

const MAX_PARTS = 10_000;
const PART_SECONDS = 3600;
const READ_SECONDS = 300;
const MAX_SECONDS = 7 * 24 * 3600;
/** See DIRECT_WRITE_SECONDS in links.ts: an upload has begun by then. */
const WRITE_SECONDS = 60;

/** Clients fall back from it to plain up- and downloads. */
function direct(ctx: TeamCtx, what: 'multipart upload' | 'presigned download' | 'presigned upload'): DirectAccess {
  if (ctx.store.direct) return ctx.store.direct;
  throw new AppError('NOT_IMPLEMENTED', `The artifacts are in a local folder, which has no ${what}. Send the bytes to this server.`, {
    reason: 'store-not-direct',
    what,
  });
}

/** Clients name the folder in the address, and their local file, of which the last part counts, in the message. */
const placeOf = (ctx: TeamCtx, folder: string, localPath: string): Promise<Place> =>
  placeToWrite(ctx, joinPath(folder, localPath.slice(localPath.lastIndexOf('/') + 1)));

export type PartUrl = { url: string; partNumber: number };

/** Begins an upload; each part is PUT to its address within the hour. Parts but the last have at least 5 MiB (S3's rule). */
export async function createUpload(ctx: TeamCtx, folder: string, localPath: string, parts: number): Promise<{ uploadId: string; parts: PartUrl[] }> {
  const place = await placeOf(ctx, folder, localPath);
  const store = direct(ctx, 'multipart upload');
  if (parts < 1 || parts > MAX_PARTS) throw invalid(`An upload has 1 to ${MAX_PARTS} parts, not ${parts}.`, { argument: 'numParts' });
  const uploadId = await store.createUpload(place.key, mediaType(place.name));
  const urls: PartUrl[] = [];
  for (let partNumber = 1; partNumber <= parts; partNumber++) {
    urls.push({ partNumber, url: await store.partUrl(place.key, uploadId, partNumber, PART_SECONDS) });
  }
  return { uploadId, parts: urls };
}

/** The file appears, whole. Throws NOT_FOUND for an unknown upload, INVALID_ARGUMENT for parts that S3 doesn't know. */
export async function completeUpload(ctx: TeamCtx, folder: string, localPath: string, uploadId: string, parts: Part[]): Promise<void> {
  const place = await placeOf(ctx, folder, localPath);
  const store = direct(ctx, 'multipart upload');
  if (parts.length === 0) throw invalid('An upload is completed with the list of its parts, and the list is empty.', { argument: 'parts' });
  await store.completeUpload(place.key, uploadId, parts);
}

export async function abortUpload(ctx: TeamCtx, folder: string, localPath: string, uploadId: string): Promise<void> {
  const place = await placeOf(ctx, folder, localPath);
  await direct(ctx, 'multipart upload').abortUpload(place.key, uploadId);
}

type Readable = { url: string; size: number };

async function presign(ctx: TeamCtx, place: Place, seconds: number): Promise<Readable> {
  const store = direct(ctx, 'presigned download');
  const { size } = await statFile(ctx, place);
  const url = await store.getUrl(place.key, seconds, { disposition: disposition(place.name), contentType: mediaType(place.name) });
  return { url, size };
}

/** An address to read a file from the store, for five minutes. `size` in bytes. */
export const presignRead = async (ctx: TeamCtx, path: string): Promise<Readable> => presign(ctx, await placeToRead(ctx, path), READ_SECONDS);

/** An address to read a run's file, valid for `seconds`. */
export async function presignRunRead(ctx: TeamCtx, runId: string, path: string, seconds: number): Promise<Readable> {
  const place = await runFile(ctx, runId, path);
  checkSeconds(seconds);
  return presign(ctx, place, seconds);
}

function checkSeconds(seconds: number): void {
  if (seconds < 1 || seconds > MAX_SECONDS) throw invalid(`'expiration' is 1 to ${MAX_SECONDS} seconds, not ${seconds}.`, { argument: 'expiration' });
}

/** An address to PUT a run's file to, valid for `seconds`, at most a minute. */
export async function presignRunWrite(ctx: TeamCtx, runId: string, path: string, seconds: number): Promise<string> {
  const place = await runFileToWrite(ctx, runId, path);
  const store = direct(ctx, 'presigned upload');
  checkSeconds(seconds);
  return store.putUrl(place.key, Math.min(seconds, WRITE_SECONDS));
}
