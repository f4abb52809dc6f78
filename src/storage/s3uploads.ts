// Uploads in parts to S3, through us. Part by part to presigned addresses of our own, since those bind no hash of the body: it streams, whatever its size.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, invalid } from '../lib/errors.ts';
import { counted } from './bytes.ts';
import { storeUnavailable } from './faults.ts';
import type { ObjectKey } from './objectKeys.ts';
import type { S3Direct } from './s3direct.ts';
import { SILENT_MS, sendingMs } from './s3times.ts';
import type { Part, PartRange, Store, Uploads } from './store.ts';

const PRESIGNED_SECONDS = 3600;
const ANSWER_MS = 1_000;

type Answer = { status: number; etag: string };

async function putTo(url: string, size: number, body: AsyncIterable<Uint8Array>): Promise<Answer> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const request = send(url, { method: 'PUT', headers: { 'content-length': size } });
  // Whoever falls silent, the store or the sender: the place is wanted by others.
  request.setTimeout(SILENT_MS, () => request.destroy(new Error('Nothing was sent for too long.')));
  const answered = new Promise<Answer>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode ?? 0, etag: response.headers.etag ?? '' }));
      response.once('error', reject);
    });
  });
  try {
    await pipeline(Readable.from(body, { objectMode: false }), request);
  } catch (error) {
    // A server that refuses doesn't wait for the body's end; then what it said counts, and not that it hung up.
    const answer = await Promise.race([answered.catch(() => null), sleep(ANSWER_MS, null, { ref: false })]);
    if (answer !== null) return answer;
    throw error;
  }
  request.setTimeout(sendingMs(0), () => request.destroy(new Error('The artifact store does not answer.')));
  return answered;
}

export class S3Uploads implements Uploads {
  private readonly direct: S3Direct;
  private readonly files: Pick<Store, 'head' | 'remove'>;

  constructor(direct: S3Direct, files: Pick<Store, 'head' | 'remove'>) {
    this.direct = direct;
    this.files = files;
  }

  create(key: ObjectKey, contentType?: string): Promise<string> {
    return this.direct.createUpload(key, contentType);
  }

  async put(key: ObjectKey, id: string, part: PartRange, source: AsyncIterable<Uint8Array>): Promise<string> {
    const url = await this.direct.partUrl(key, id, part.number, PRESIGNED_SECONDS);
    const { body } = counted(source, part.size);
    const { status, etag } = await putTo(url, part.size, body).catch((error: unknown) => {
      if (error instanceof AppError) throw error;
      throw storeUnavailable('away', error);
    });
    if (status === 404) throw new AppError('NOT_FOUND', 'No such multipart upload. It may have been completed or aborted.');
    if (status === 403) throw storeUnavailable('forbidden', new Error('S3 refused the part with 403.'));
    if (status !== 200 || etag === '') throw new AppError('UNAVAILABLE', `The artifact store refused the part (${status}). Try again in a moment.`);
    return etag;
  }

  async complete(key: ObjectKey, id: string, parts: Part[], size: number): Promise<void> {
    const wrong = (bytes: number) => invalid(`The parts have ${bytes} bytes together, not the ${size} that were announced.`, { argument: 'parts' });
    const arrived = await this.direct.sizeOfParts(key, id);
    if (arrived !== null && arrived !== size) throw wrong(arrived);
    await this.direct.completeUpload(key, id, parts);
    // For servers that can't tell before; what is wrong must not stay.
    const made = await this.files.head(key);
    if (made && made.size !== size) {
      await this.files.remove(key);
      throw wrong(made.size);
    }
  }

  async abort(key: ObjectKey, id: string): Promise<void> {
    await this.direct.abortUpload(key, id).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    });
  }
}
