// One body to one S3 object, in parts, while it is still arriving. Parts lie in buffers that are used again: an upload needs three of them, whatever
// its size. (Eight uploads of 200 MB side by side peaked at 352 MB; with @aws-sdk/lib-storage and its 8 MiB parts, made anew each time, at 461 MB.)
import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../lib/errors.ts';
import { openTurns } from '../lib/turns/turns.ts';
import { COMPLETE_MS, sendingMs } from './s3times.ts';

const MiB = 1024 * 1024;
const MAX_PARTS = 10_000;
/** 10,000 parts of this size are 62 GB. A known larger size gets larger parts. */
const PART_BYTES = 6 * MiB;
const PARTS_AT_ONCE = 2;
/** Buffers kept for later uploads. */
const SPARE_BUFFERS = 8;

type Target = { Bucket: string; Key: string; ContentType?: string };

const spare: Buffer[] = [];
const takeBuffer = (size: number) => (size === PART_BYTES && spare.pop()) || Buffer.allocUnsafeSlow(size);
function keepBuffer(buffer: Buffer): void {
  if (buffer.length === PART_BYTES && spare.length < SPARE_BUFFERS) spare.push(buffer);
}

export const partSizeFor = (size: number | undefined): number => Math.max(PART_BYTES, Math.ceil((size ?? 0) / MAX_PARTS / MiB) * MiB);

type Part = { buffer: Buffer; length: number; giveBack(): void };

/** What an upload holds before it has sent more than this: many that stall hold little. */
const FIRST_BYTES = 256 * 1024;
/** Parts that uploads hold together, 150 MB of the usual size; who wants another waits, and the client with it. */
const PARTS_HELD = 24;
const turns = openTurns({
  places: PARTS_HELD,
  each: PARTS_AT_ONCE + 1,
  patienceMs: 60_000,
  refusal: () => new AppError('UNAVAILABLE', 'More files are being uploaded than the server takes right now. Try again in a moment.'),
});

async function largePart(caller: string, size: number): Promise<Part> {
  const done = await turns.take(caller);
  const buffer = takeBuffer(size);
  let held = true;
  return {
    buffer,
    length: 0,
    giveBack() {
      if (!held) return;
      held = false;
      keepBuffer(buffer);
      done();
    },
  };
}

/** Full parts, then a shorter one (or none, if the body ends with a full part). Whoever takes a part gives it back. */
async function* inParts(body: AsyncIterable<Uint8Array>, partSize: number): AsyncGenerator<Part> {
  const caller = randomUUID();
  let part: Part | null = null;
  try {
    for await (const chunk of body) {
      for (let taken = 0; taken < chunk.length; ) {
        part ??= { buffer: Buffer.allocUnsafe(FIRST_BYTES), length: 0, giveBack() {} };
        if (part.length === part.buffer.length) {
          const larger: Part = await largePart(caller, partSize);
          part.buffer.copy(larger.buffer, 0, 0, part.length);
          larger.length = part.length;
          part = larger;
        }
        const count = Math.min(chunk.length - taken, part.buffer.length - part.length);
        part.buffer.set(chunk.subarray(taken, taken + count), part.length);
        taken += count;
        part.length += count;
        if (part.length < partSize) continue;
        const full: Part = part;
        part = null;
        yield full;
      }
    }
    if (part) {
      const last: Part = part;
      part = null;
      yield last;
    }
  } finally {
    part?.giveBack();
  }
}

/** Returns the etag. What fails first, the body or S3, is thrown, and an upload that had begun is aborted. */
export async function uploadInParts(client: S3Client, target: Target, body: AsyncIterable<Uint8Array>, size: number | undefined): Promise<string> {
  const partSize = partSizeFor(size);
  const sent: CompletedPart[] = [];
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let uploadId: string | undefined;
  let parts = 0;
  let failure: { error: unknown } | undefined;

  const sendPart = async (part: Part, number: number) => {
    try {
      const input = { Bucket: target.Bucket, Key: target.Key, UploadId: uploadId, PartNumber: number, Body: part.buffer.subarray(0, part.length) };
      const answer = await client.send(new UploadPartCommand(input), { abortSignal: stop.signal, requestTimeout: sendingMs(part.length) });
      sent.push({ PartNumber: number, ETag: answer.ETag });
    } catch (error) {
      failure ??= { error };
      stop.abort();
    } finally {
      part.giveBack();
    }
  };

  try {
    for await (const part of inParts(body, partSize)) {
      if (failure) {
        part.giveBack();
        break;
      }
      if (uploadId === undefined && part.length < partSize) return await putWhole(client, target, part);
      try {
        uploadId ??= (await client.send(new CreateMultipartUploadCommand(target))).UploadId!;
        if (++parts > MAX_PARTS) throw new AppError('TOO_LARGE', 'A file this large can only be stored if its size is announced.');
      } catch (error) {
        part.giveBack();
        throw error;
      }
      const sending: Promise<void> = sendPart(part, parts).finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= PARTS_AT_ONCE) await Promise.race(underWay);
    }
    if (uploadId === undefined) return await putWhole(client, target, { buffer: Buffer.alloc(0), length: 0, giveBack() {} });
    await Promise.all(underWay);
    if (failure) throw failure.error;
    const Parts = sent.sort((a, b) => a.PartNumber! - b.PartNumber!);
    const upload = { Bucket: target.Bucket, Key: target.Key, UploadId: uploadId };
    const done = await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }), { requestTimeout: COMPLETE_MS });
    return done.ETag ?? '""';
  } catch (error) {
    stop.abort();
    await Promise.allSettled(underWay);
    // Should this fail too, the bucket's rule for incomplete uploads clears it.
    if (uploadId !== undefined) {
      await client.send(new AbortMultipartUploadCommand({ Bucket: target.Bucket, Key: target.Key, UploadId: uploadId })).catch(() => {});
    }
    throw error;
  }
}

async function putWhole(client: S3Client, target: Target, part: Part): Promise<string> {
  try {
    const done = await client.send(new PutObjectCommand({ ...target, Body: part.buffer.subarray(0, part.length) }), {
      requestTimeout: sendingMs(part.length),
    });
    return done.ETag ?? '""';
  } finally {
    part.giveBack();
  }
}
