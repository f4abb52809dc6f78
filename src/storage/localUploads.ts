// Uploads in parts to a local folder. Parts are written where they belong in one file of `.tmp`, so that completing copies nothing. Beside it lies
// a file for each part that has arrived, with its etag and size. What is left for a day goes when the store is opened.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { invalid, notFound } from '../lib/errors.ts';
import { counted } from './bytes.ts';
import { onFileSystem, storeUnavailable } from './faults.ts';
import type { ObjectKey } from './objectKeys.ts';
import type { Part, PartRange, Uploads } from './store.ts';

const WRITE_BUFFER = 1024 * 1024;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const noUpload = () => notFound('No such multipart upload. It may have been completed or aborted.');

export class LocalUploads implements Uploads {
  private readonly folder: string;
  private readonly take: (key: ObjectKey, file: string) => Promise<void>;

  /** `take` makes a finished file the one at a key. */
  constructor(folder: string, take: (key: ObjectKey, file: string) => Promise<void>) {
    this.folder = folder;
    this.take = take;
  }

  async create(): Promise<string> {
    const id = randomUUID();
    await onFileSystem(() => writeFile(this.file(id), '', { flag: 'wx', mode: 0o600 })).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? storeUnavailable('missing', error) : error;
    });
    return id;
  }

  put(_key: ObjectKey, id: string, part: PartRange, source: AsyncIterable<Uint8Array>): Promise<string> {
    return onFileSystem(() => this.keep(id, part, source));
  }

  private async keep(id: string, part: PartRange, source: AsyncIterable<Uint8Array>): Promise<string> {
    const mark = path.join(this.folder, `${id}.${part.number}`);
    // While it is written anew it isn't there.
    await rm(mark, { force: true });
    const hash = createHash('md5');
    const { body } = counted(source, part.size);
    async function* hashed() {
      for await (const chunk of body) {
        hash.update(chunk);
        yield chunk;
      }
    }
    const target = createWriteStream(this.file(id), { flags: 'r+', start: part.offset, highWaterMark: WRITE_BUFFER, flush: true });
    await pipeline(hashed(), target).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? noUpload() : error;
    });
    const etag = `"${hash.digest('hex')}"`;
    const unfinished = path.join(this.folder, randomUUID());
    await writeFile(unfinished, JSON.stringify({ etag, size: part.size }), { mode: 0o600 });
    await rename(unfinished, mark);
    return etag;
  }

  complete(key: ObjectKey, id: string, parts: Part[], size: number): Promise<void> {
    return onFileSystem(() => this.finish(key, id, parts, size));
  }

  private async finish(key: ObjectKey, id: string, parts: Part[], size: number): Promise<void> {
    const file = this.file(id);
    if (!(await stat(file).catch(() => null))) throw noUpload();
    let total = 0;
    for (const { partNumber, etag } of parts) {
      const text = await readFile(path.join(this.folder, `${id}.${partNumber}`), 'utf8').catch(() => null);
      const arrived = text === null ? null : (JSON.parse(text) as { etag: string; size: number });
      if (arrived?.etag !== etag) throw invalid(`Part ${partNumber} has not arrived, or with another etag. Send it (again).`, { argument: 'parts' });
      total += arrived.size;
    }
    if (total !== size) throw invalid(`The parts have ${total} bytes together, not the ${size} that were announced.`, { argument: 'parts' });
    const handle = await open(file, 'r+');
    await handle.truncate(size);
    await handle.sync();
    await handle.close();
    await this.take(key, file);
    await this.forget(id);
  }

  async abort(_key: ObjectKey, id: string): Promise<void> {
    await onFileSystem(async () => {
      await rm(this.file(id), { force: true });
      await this.forget(id);
    });
  }

  private async forget(id: string): Promise<void> {
    for (const name of await readdir(this.folder)) if (name.startsWith(`${id}.`)) await rm(path.join(this.folder, name), { force: true });
  }

  private file(id: string): string {
    if (!ID.test(id)) throw noUpload();
    return path.join(this.folder, id);
  }
}
