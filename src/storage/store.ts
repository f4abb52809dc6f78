// What artifact storage can do, whichever kind keeps the bytes. Knows nothing of teams' rules, HTTP or the database.
import type { Readable } from 'node:stream';
import type { ObjectKey } from './objectKeys.ts';

/** Positions of bytes, both included. */
export type ByteRange = { start: number; end: number };

/** `etag` is quoted, as HTTP prints it, and changes whenever the content does. `size` in bytes. */
export type StoredFile = { size: number; etag: string; lastModified: Date };

/** `size` is the whole file's, whatever the range. Whoever gets a body must read it to the end or destroy it. */
export type OpenedFile = StoredFile & { body: Readable };

export type Entry = { name: string; isDir: boolean; size: number | null };

/** `next` goes back in as `after`; null on the last page. */
export type EntryPage = { entries: Entry[]; next: string | null };

export type PutOptions = { size?: number; contentType?: string };

/** `bytes` is what could be learned of it: not of a single file. */
export type Removed = { files: number; bytes: number };

export type Part = { partNumber: number; etag: string };

export type Store = {
  readonly kind: 'local' | 's3';

  /**
   * Keeps the bytes under `key`, all or nothing. Until it resolves, others see the old content. A body that breaks off, or whose length isn't
   * `size`, leaves nothing behind. Never destroys what `body` reads from.
   */
  put(key: ObjectKey, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ size: number; etag: string }>;

  /** null when there is no such file; a folder is no file. `range` must lie within the file. */
  get(key: ObjectKey, options?: { range?: ByteRange }): Promise<OpenedFile | null>;
  head(key: ObjectKey): Promise<StoredFile | null>;

  /** One level of a folder, in the byte order of names (a folder sorts as `name/`). Empty for files and for what doesn't exist. */
  list(folder: ObjectKey, page: { limit: number; after?: string }): Promise<EntryPage>;

  /** Every file under a folder, in no promised order. */
  walk(folder: ObjectKey): AsyncIterable<{ key: ObjectKey; size: number }>;

  /** Removes the file at `key` and everything below it, and says how much that was. Removing what doesn't exist is fine. */
  remove(key: ObjectKey): Promise<Removed>;

  /** Files that arrive in parts, in any order and side by side, and appear whole. */
  readonly uploads: Uploads;

  /** Throws unless the store can take and give bytes now. */
  ready(): Promise<void>;
  close(): void;

  /** How clients can reach the bytes without us; null when they can't (a local folder). */
  readonly direct: DirectAccess | null;
};

/** Addresses are signed for the `host` header alone, so clients may send any other header. `ttl` in seconds, at most 604,800. */
export type DirectAccess = {
  getUrl(key: ObjectKey, ttl: number, as?: { disposition: string; contentType: string }): Promise<string>;
  putUrl(key: ObjectKey, ttl: number): Promise<string>;
  createUpload(key: ObjectKey, contentType?: string): Promise<string>;
  partUrl(key: ObjectKey, uploadId: string, partNumber: number, ttl: number): Promise<string>;
  completeUpload(key: ObjectKey, uploadId: string, parts: Part[]): Promise<void>;
  abortUpload(key: ObjectKey, uploadId: string): Promise<void>;
};

/** `offset`: where in the file it belongs. Parts but the last are equally long. */
export type PartRange = { number: number; offset: number; size: number };

/** `id` is what `create` gave for this key. Throws NOT_FOUND for an upload that was completed or aborted. */
export type Uploads = {
  create(key: ObjectKey, contentType?: string): Promise<string>;
  /** Keeps a part, again if it was sent before; its etag. A body of another length than `size` leaves nothing behind. */
  put(key: ObjectKey, id: string, part: PartRange, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** The file appears. Throws INVALID_ARGUMENT for parts that didn't arrive, or don't make `size` bytes; then nothing appears. */
  complete(key: ObjectKey, id: string, parts: Part[], size: number): Promise<void>;
  /** Forgets an upload; one that isn't there is fine. */
  abort(key: ObjectKey, id: string): Promise<void>;
};
