// Artifacts in an S3 bucket, or in anything that speaks its protocol (MinIO, Ceph, R2 …). Streams both ways.
import type { IncomingMessage } from 'node:http';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from '../lib/errors.ts';
import { inParallel } from '../lib/inParallel.ts';
import { s3Seconds } from '../lib/measures.ts';
import { counted, sortByBytes } from './bytes.ts';
import type { ObjectKey } from './objectKeys.ts';
import { removeBatch } from './s3batch.ts';
import { S3Direct } from './s3direct.ts';
import { cannotUse, isAbsent, isMissingBucket, s3Faults, statusOf } from './s3faults.ts';
import { ANSWER_MS, CONNECT_MS, endingWhenSilent, READY_MS } from './s3times.ts';
import { uploadInParts } from './s3upload.ts';
import { S3Uploads } from './s3uploads.ts';
import type { ByteRange, EntryPage, OpenedFile, PutOptions, Removed, Store, StoredFile } from './store.ts';

const DELETES_AT_ONCE = 16;
const SOCKETS = 256;
/** For so long a bucket that was there is taken to be. */
const BUCKET_MS = 10_000;
/** Sorts after every name a folder can hold, so that listing goes on behind the whole folder. */
const LAST_CHARACTER = '\u{10FFFF}';

type Listing = { files: { name: string; size: number }[]; folders: string[]; isTruncated: boolean };
export type S3Options = { bucket: string; prefix: string; endpoint?: string; region?: string };

export class S3Store implements Store {
  readonly kind = 's3';
  readonly direct: S3Direct;
  readonly uploads: S3Uploads;
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;
  private takesBatches = true;
  private bucketSeen = Number.NEGATIVE_INFINITY;

  private constructor(options: S3Options) {
    this.bucket = options.bucket;
    this.prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.client = new S3Client({
      endpoint: options.endpoint,
      // Servers other than AWS are rarely reachable as <bucket>.<host>, and mostly ignore the region, which the SDK insists on.
      forcePathStyle: options.endpoint !== undefined,
      region: options.region ?? (options.endpoint === undefined ? undefined : 'us-east-1'),
      // The SDK's newer default adds checksum trailers that other servers refuse.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Three tries with a pause that grows. `requestTimeout` ends with the answer's headers; some requests are given more (s3times.ts).
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
        httpAgent: { maxSockets: SOCKETS },
        httpsAgent: { maxSockets: SOCKETS },
      },
    });
    this.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const started = performance.now();
          const done = (outcome: string) => s3Seconds.observe({ operation: commandName ?? '', outcome }, (performance.now() - started) / 1_000);
          try {
            const answer = await next(args);
            done('ok');
            return answer;
          } catch (error) {
            done(isAbsent(error) ? 'absent' : 'failed');
            throw error;
          }
        },
      { step: 'initialize', name: 'measured' },
    );
    this.direct = new S3Direct(this.client, this.bucket, (key) => this.nameOf(key));
    this.uploads = new S3Uploads(this.direct, this);
  }

  /** Makes the bucket if it is missing. Throws if the server can't be reached or refuses the credentials. */
  static async open(options: S3Options): Promise<S3Store> {
    const store = new S3Store(options);
    const where = `s3://${store.bucket}${options.endpoint ? ` at ${options.endpoint}` : ''}`;
    try {
      await store.findBucket();
    } catch (error) {
      if (!isMissingBucket(error)) throw cannotUse(where, error);
      await s3Faults(() => store.createBucket(options)).catch((cause) => {
        throw cannotUse(where, cause);
      });
    }
    return store;
  }

  /** Throws where it isn't there, or the keys are refused. A role that may use objects but not look at buckets passes: what it may do shows with the first object. */
  private async findBucket(abortSignal?: AbortSignal): Promise<void> {
    await s3Faults(async () => {
      try {
        await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }), { abortSignal });
      } catch (error) {
        if (isAbsent(error))
          throw Object.assign(new Error('The bucket does not exist.'), { name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } });
        if (statusOf(error) !== 403) throw error;
        // An answer without a body doesn't say why. This one has one.
        await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, MaxKeys: 1 }), { abortSignal }).catch((cause: unknown) => {
          if ((cause as Error).name !== 'AccessDenied') throw cause;
        });
      }
    });
  }

  async put(key: ObjectKey, source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { body, size } = counted(source, options.size);
    const target = { Bucket: this.bucket, Key: this.nameOf(key), ContentType: options.contentType };
    let broken: { error: unknown } | undefined;
    async function* remembered() {
      try {
        yield* body;
      } catch (error) {
        broken = { error };
        throw error;
      }
    }
    try {
      const etag = await s3Faults(() => uploadInParts(this.client, target, remembered(), options.size));
      return { size: size(), etag };
    } catch (error) {
      // A fault of the source is the caller's own, not to be read as one of S3.
      throw broken ? broken.error : error;
    }
  }

  async get(key: ObjectKey, options: { range?: ByteRange } = {}): Promise<OpenedFile | null> {
    const Range = options.range && `bytes=${options.range.start}-${options.range.end}`;
    const found = await this.unlessAbsent(() => this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.nameOf(key), Range })));
    if (!found?.Body) return null;
    const whole = found.ContentRange ? Number(found.ContentRange.split('/')[1]) : found.ContentLength;
    return { ...describe({ ...found, ContentLength: whole }), body: endingWhenSilent(found.Body as IncomingMessage) };
  }

  async head(key: ObjectKey): Promise<StoredFile | null> {
    const found = await this.unlessAbsent(() => this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: this.nameOf(key) })));
    if (found) return describe(found);
    // Its answer has no body, and says the same of an object and of the whole bucket.
    if (performance.now() - this.bucketSeen > BUCKET_MS) {
      await this.findBucket();
      this.bucketSeen = performance.now();
    }
    return null;
  }

  async list(folder: ObjectKey, page: { limit: number; after?: string }): Promise<EntryPage> {
    const Prefix = `${this.nameOf(folder)}/`;
    const after = page.after?.endsWith('/') ? page.after + LAST_CHARACTER : page.after;
    const found = await this.listObjects({ Prefix, Delimiter: '/', MaxKeys: Math.min(page.limit, 1000), StartAfter: after && Prefix + after });
    const files = found.files.map(({ name, size }) => ({ mark: name.slice(Prefix.length), isDir: false, size }));
    const folders = found.folders.map((name) => ({ mark: name.slice(Prefix.length), isDir: true, size: null }));
    // An object named like the folder itself is a marker that some tools leave.
    const marked = sortByBytes(
      [...files, ...folders].filter(({ mark }) => mark !== '' && mark !== page.after),
      ({ mark }) => mark,
    );
    const entries = marked.map(({ mark, isDir, size }) => ({ name: isDir ? mark.slice(0, -1) : mark, isDir, size }));
    return { entries, next: found.isTruncated ? (marked.at(-1)?.mark ?? null) : null };
  }

  async *walk(folder: ObjectKey): AsyncIterable<{ key: ObjectKey; size: number }> {
    let after: string | undefined;
    for (;;) {
      const found = await this.listObjects({ Prefix: `${this.nameOf(folder)}/`, StartAfter: after });
      for (const { name, size } of found.files) yield { key: name.slice(this.prefix.length) as ObjectKey, size };
      after = found.files.at(-1)?.name;
      if (!found.isTruncated || after === undefined) return;
    }
  }

  async remove(key: ObjectKey): Promise<Removed> {
    await this.removeOne(this.nameOf(key));
    const removed: Removed = { files: 0, bytes: 0 };
    // What was listed before is gone, so every page is the first. What shows up again (some servers mistake names in a batch) is removed by itself.
    let tries = new Map<string, number>();
    for (let found = await this.firstPage(key); found.files.length > 0; found = await this.firstPage(key)) {
      const before = tries;
      tries = new Map(found.files.map(({ name }) => [name, (before.get(name) ?? 0) + 1]));
      if (Math.max(...tries.values()) > 2) throw new AppError('UNAVAILABLE', 'The artifact store does not remove what it was asked to.');
      const fresh = found.files.filter(({ name }) => !before.has(name));
      await this.removeNames(fresh.map(({ name }) => name));
      await inParallel(before.keys(), DELETES_AT_ONCE, async (name) => (tries.has(name) ? this.removeOne(name) : undefined));
      removed.files += fresh.length;
      removed.bytes += fresh.reduce((sum, { size }) => sum + size, 0);
    }
    return removed;
  }

  private firstPage(key: ObjectKey): Promise<Listing> {
    return this.listObjects({ Prefix: `${this.nameOf(key)}/` });
  }

  private async removeOne(Key: string): Promise<void> {
    await s3Faults(() => this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key })));
  }

  /** At most 1,000, in one request. Servers that refuse that request (they disagree about its checksums) are sent one for each file, from then on. */
  private async removeNames(names: string[]): Promise<void> {
    if (names.length === 0) return;
    const refused = this.takesBatches ? await removeBatch(this.client, this.bucket, names) : names;
    if (refused === 'not understood') this.takesBatches = false;
    await inParallel(refused === 'not understood' ? names : refused, DELETES_AT_ONCE, (name) => this.removeOne(name));
  }

  async ready(): Promise<void> {
    await this.findBucket(AbortSignal.timeout(READY_MS));
  }

  close(): void {
    this.client.destroy();
  }

  private nameOf(key: ObjectKey): string {
    return this.prefix + key;
  }

  /** Names come URL-encoded where the server can, since XML can't carry all of them as they are. */
  private async listObjects(input: { Prefix: string; Delimiter?: string; MaxKeys?: number; StartAfter?: string }): Promise<Listing> {
    const command = new ListObjectsV2Command({ Bucket: this.bucket, EncodingType: 'url', ...input });
    const found = await s3Faults(() => this.client.send(command));
    const decode = (name: string) => (found.EncodingType === 'url' ? decodeURIComponent(name.replaceAll('+', ' ')) : name);
    return {
      files: (found.Contents ?? []).map((one) => ({ name: decode(one.Key!), size: one.Size ?? 0 })),
      folders: (found.CommonPrefixes ?? []).map((one) => decode(one.Prefix!)),
      isTruncated: found.IsTruncated ?? false,
    };
  }

  private async unlessAbsent<R>(ask: () => Promise<R>): Promise<R | null> {
    return s3Faults(() =>
      ask().catch((error) => {
        if (isAbsent(error)) return null;
        throw error;
      }),
    );
  }

  private async createBucket(options: S3Options): Promise<void> {
    const region = await this.client.config.region();
    // us-east-1 is the one region that must not be named; other servers take any bucket as it comes.
    const place = options.endpoint === undefined && region !== 'us-east-1' ? { LocationConstraint: region as 'eu-west-1' } : undefined;
    try {
      await this.client.send(new CreateBucketCommand({ Bucket: this.bucket, CreateBucketConfiguration: place }));
    } catch (error) {
      // Another server was started at the same moment.
      if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }
}

const describe = (found: { ContentLength?: number; ETag?: string; LastModified?: Date }): StoredFile => ({
  size: found.ContentLength ?? 0,
  etag: found.ETag ?? '""',
  lastModified: found.LastModified ?? new Date(0),
});
