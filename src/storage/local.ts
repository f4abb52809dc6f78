// Artifacts in a folder of this machine. A file appears by rename, whole or not at all; what is unfinished lies in `.tmp` beside the teams' folders.
// Verifies once more, on resolved paths, that nothing leads out of the folder (symlinks made by others included).
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, lstat, mkdir, open, opendir, readdir, realpath, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { invalid } from '../lib/errors.ts';
import { counted, firstByBytes, isAfter } from './bytes.ts';
import { asFileSystemFault, onFileSystem, storeUnavailable } from './faults.ts';
import { LocalUploads } from './localUploads.ts';
import { type ObjectKey, objectKeyBelow } from './objectKeys.ts';
import type { ByteRange, Entry, EntryPage, OpenedFile, PutOptions, Removed, Store, StoredFile } from './store.ts';

/** Read ahead for each download, also for one that nobody takes: 200 of those hold 50 MB. */
const READ_CHUNK = 256 * 1024;
const WRITE_BUFFER = 1024 * 1024;
const FLUSH_EVERY = 16 * 1024 * 1024;
/** With less a store counts as full: the next file would not go in. */
const LEAST_FREE = 1024 * 1024;
/** Whatever is in .tmp after a day was left by a process that died. */
const STALE_MS = 24 * 3600 * 1000;

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException | null)?.code ?? '');
const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error));

/** Faults that come from the name a client chose, as sentences. */
function asNameFault(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOTDIR' || code === 'EEXIST') return invalid('Invalid path: one of its folders is a file.');
  if (code === 'EISDIR' || code === 'ENOTEMPTY') return invalid('Invalid path: a folder of that name exists.');
  if (code === 'ENAMETOOLONG') return invalid('Invalid path: it is too long.');
  return asFileSystemFault(error);
}

const etagOf = (info: { mtimeNs: bigint; size: bigint; ino: bigint }) =>
  `"${info.mtimeNs.toString(36)}-${info.size.toString(36)}-${info.ino.toString(36)}"`;

export class LocalStore implements Store {
  readonly kind = 'local';
  readonly direct = null;
  readonly uploads: LocalUploads;
  private readonly root: string;
  private readonly temporary: string;

  private constructor(root: string) {
    this.root = root;
    this.temporary = path.join(root, '.tmp');
    this.uploads = new LocalUploads(this.temporary, (key, file) => this.take(key, file));
  }

  /** Makes the folder if need be, and clears uploads that a crash left. */
  static async open(folder: string): Promise<LocalStore> {
    await mkdir(path.join(folder, '.tmp'), { recursive: true, mode: 0o700 });
    const store = new LocalStore(await realpath(folder));
    for (const name of await readdir(store.temporary)) {
      const file = path.join(store.temporary, name);
      const info = await stat(file).catch(() => null);
      if (info && Date.now() - info.mtimeMs > STALE_MS) await rm(file, { force: true });
    }
    return store;
  }

  async put(key: ObjectKey, source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const target = this.pathOf(key);
    await onFileSystem(() => this.checkPlace(target));
    const unfinished = path.join(this.temporary, randomUUID());
    try {
      const { body, size } = counted(source, options.size);
      const handle = await open(unfinished, 'wx', 0o600);
      await pipeline(flushed(body, handle), handle.createWriteStream({ highWaterMark: WRITE_BUFFER, flush: true }));
      const info = await stat(unfinished, { bigint: true });
      await this.moveInto(unfinished, target);
      return { size: size(), etag: etagOf(info) };
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw asNameFault(error);
    }
  }

  /** Makes a finished file that lies in `.tmp` the one at `key`. */
  private async take(key: ObjectKey, file: string): Promise<void> {
    const target = this.pathOf(key);
    try {
      await this.checkPlace(target);
      await this.moveInto(file, target);
    } catch (error) {
      throw asNameFault(error);
    }
  }

  async get(key: ObjectKey, options: { range?: ByteRange } = {}): Promise<OpenedFile | null> {
    const handle = await onFileSystem(() => this.openFile(key));
    if (!handle) return null;
    const file = await describe(handle).catch(() => null);
    if (!file) {
      await handle.close();
      return null;
    }
    // Closes the file at its end, or when it is destroyed.
    return { ...file, body: handle.createReadStream({ ...options.range, highWaterMark: READ_CHUNK }) };
  }

  async head(key: ObjectKey): Promise<StoredFile | null> {
    const handle = await onFileSystem(() => this.openFile(key));
    if (!handle) return null;
    try {
      return await describe(handle);
    } finally {
      await handle.close();
    }
  }

  list(folder: ObjectKey, page: { limit: number; after?: string }): Promise<EntryPage> {
    return onFileSystem(() => this.listFolder(folder, page));
  }

  private async listFolder(folder: ObjectKey, page: { limit: number; after?: string }): Promise<EntryPage> {
    const directory = await this.resolveExisting(this.pathOf(folder));
    if (directory === null) return { entries: [], next: null };
    const found = await readdir(directory, { withFileTypes: true }).catch((error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const marked = found.flatMap((one) => {
      const mark = one.isDirectory() ? `${one.name}/` : one.name;
      return (one.isFile() || one.isDirectory()) && isAfter(mark, page.after) ? [{ one, mark }] : [];
    });
    const { first: shown, more } = firstByBytes(marked, ({ mark }) => mark, page.limit);
    const entries = await Promise.all(
      shown.map(async ({ one }): Promise<Entry> => {
        if (one.isDirectory()) return { name: one.name, isDir: true, size: null };
        const info = await lstat(path.join(directory, one.name)).catch(() => null);
        return { name: one.name, isDir: false, size: info?.size ?? 0 };
      }),
    );
    return { entries, next: more ? shown.at(-1)!.mark : null };
  }

  async *walk(folder: ObjectKey): AsyncIterable<{ key: ObjectKey; size: number }> {
    const directory = await this.resolveExisting(this.pathOf(folder));
    const opened = directory === null ? null : await opendir(directory).catch(() => null);
    if (!opened || directory === null) return;
    for await (const one of opened) {
      const key = objectKeyBelow(folder, one.name);
      if (one.isDirectory()) yield* this.walk(key);
      else if (one.isFile()) yield { key, size: (await lstat(path.join(directory, one.name)).catch(() => null))?.size ?? 0 };
    }
  }

  remove(key: ObjectKey): Promise<Removed> {
    return onFileSystem(() => this.removeAll(key));
  }

  private async removeAll(key: ObjectKey): Promise<Removed> {
    const target = this.pathOf(key);
    const parent = await this.resolveExisting(path.dirname(target));
    const removed: Removed = { files: 0, bytes: 0 };
    if (parent === null) return removed;
    for await (const { size } of this.walk(key)) {
      removed.files += 1;
      removed.bytes += size;
    }
    await rm(path.join(parent, path.basename(target)), { recursive: true, force: true }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    // Folders exist only as long as something is in them, as on S3.
    for (let folder = path.dirname(target); folder !== this.root && folder.startsWith(this.root); folder = path.dirname(folder)) {
      const emptied = await rmdir(folder).then(
        () => true,
        (error) => isMissing(error),
      );
      if (!emptied) break;
    }
    return removed;
  }

  async ready(): Promise<void> {
    await this.checkRoot();
    await onFileSystem(async () => {
      await access(this.temporary, constants.R_OK | constants.W_OK | constants.X_OK);
      const { bavail, bsize } = await statfs(this.temporary);
      if (bavail * bsize < LEAST_FREE) throw storeUnavailable('full', new Error(`${bavail * bsize} bytes are free in ${this.root}`));
    });
  }

  /** The folder was taken away, or what was mounted there is not. Without this all that is in it would seem never to have been. */
  private async checkRoot(): Promise<void> {
    const there = await onFileSystem(() => stat(this.temporary)).catch((error) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (!there?.isDirectory()) throw storeUnavailable('missing', new Error(`${this.root}, or .tmp in it, is not there`));
  }

  close(): void {}

  private pathOf(key: ObjectKey): string {
    const target = path.resolve(this.root, key);
    if (!this.isInside(target)) throw invalid('Invalid path: it leads out of the artifact folder.');
    return target;
  }

  private isInside(target: string): boolean {
    return target.startsWith(this.root + path.sep) && !`${target}${path.sep}`.startsWith(this.temporary + path.sep);
  }

  /** The path with symlinks resolved; null if nothing is there, INVALID_ARGUMENT if it lies outside. */
  private async resolveExisting(target: string): Promise<string | null> {
    const real = await realpath(target).catch((error) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (real === null) await this.checkRoot();
    if (real !== null && real !== this.root && !this.isInside(real)) throw invalid('Invalid path: it leads out of the artifact folder.');
    return real;
  }

  /** Finds out before any byte is read that a file can't go there. */
  private async checkPlace(target: string): Promise<void> {
    for (let place = target; ; place = path.dirname(place)) {
      const real = await this.resolveExisting(place);
      if (real === null) continue;
      const isFolder = (await stat(real)).isDirectory();
      if (place === target && isFolder) throw invalid('Invalid path: a folder of that name exists.');
      if (place !== target && !isFolder) throw invalid('Invalid path: one of its folders is a file.');
      return;
    }
  }

  /** A concurrent remove may take an empty parent away between the two steps, so it tries again. */
  private async moveInto(unfinished: string, target: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      try {
        await rename(unfinished, target);
        break;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === 10) throw error;
      }
    }
    // The name survives a power cut only once the folder is synced too.
    const folder = await open(path.dirname(target), 'r').catch(() => null);
    await folder?.sync().catch(() => {});
    await folder?.close();
  }

  private async openFile(key: ObjectKey): Promise<FileHandle | null> {
    const real = await this.resolveExisting(this.pathOf(key));
    if (real === null) return null;
    try {
      // O_NONBLOCK: opening a pipe that someone left in the folder must not hang.
      return await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (isMissing(error) || codeOf(error) === 'ELOOP') return null;
      throw error;
    }
  }
}

/** Passes `body` on to be written to the file, which is flushed meanwhile: at its end little is left to wait for. */
async function* flushed(body: AsyncIterable<Uint8Array>, handle: FileHandle): AsyncGenerator<Uint8Array> {
  let flushing = Promise.resolve();
  let since = 0;
  for await (const chunk of body) {
    since += chunk.length;
    if (since >= FLUSH_EVERY) {
      since = 0;
      // Awaited, since Linux tells a fault of the disk just once.
      await flushing;
      flushing = handle.datasync();
      flushing.catch(() => {});
    }
    yield chunk;
  }
  await flushing;
}

async function describe(handle: FileHandle): Promise<StoredFile | null> {
  const info = await handle.stat({ bigint: true });
  return info.isFile() ? { size: Number(info.size), etag: etagOf(info), lastModified: new Date(Number(info.mtimeMs)) } : null;
}
