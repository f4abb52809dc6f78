// Reading, writing, listing and removing artifacts, by path under the team's root or inside a run, a model or a version.
// What may be named is decided in locations.ts; bytes only stream through here.
import type { Readable } from 'node:stream';
import { lookup } from 'mime-types';
import type { Deps, TeamCtx } from '../../context.ts';
import { AppError, notFound } from '../../lib/errors.ts';
import { checkFolder, checkPath, joinPath, type ObjectKey } from '../../storage/objectKeys.ts';
import type { ByteRange, EntryPage, OpenedFile, StoredFile } from '../../storage/store.ts';
import { record } from '../people/audit.ts';
import { folderIn, folderToRead, modelHome, type Place, placeIn, placeToRemove, runHome, runPlaceToWrite, versionHome } from './locations.ts';

export type { ByteRange, StoredFile };

const MAX_PAGE = 1000;
const MAX_SMALL_FILE = 4 * 1024 * 1024;

export type PageRequest = { limit?: number; after?: string };
/** `path` counts from the run's (or model's) folder. `size` in bytes, null for folders. */
export type Artifact = { path: string; isDir: boolean; size: number | null };
export type ArtifactPage = { rootUri: string; artifacts: Artifact[]; next: string | null };

/** The media type that a name suggests. MLflow's own files have no extension but are text. */
export const mediaType = (name: string): string => (/^(MLmodel|MLproject)$/.test(name) ? 'text/plain' : lookup(name) || 'application/octet-stream');

type Store = Pick<Deps, 'store'>;
type File = { key: ObjectKey; path: string };
const fileNotFound = (file: File) => notFound(`No such artifact: '${file.path}'`);

/** Size, etag and time of a file found by one of the `…ToRead` functions. Throws NOT_FOUND. */
export async function statFile(ctx: Store, file: File): Promise<StoredFile> {
  const found = await ctx.store.head(file.key);
  if (!found) throw fileNotFound(file);
  return found;
}

/** The same with its bytes. Whoever calls must read the body to its end or destroy it. */
export async function openFile(ctx: Store, file: File, range?: ByteRange): Promise<OpenedFile> {
  const found = await ctx.store.get(file.key, { range });
  if (!found) throw fileNotFound(file);
  return found;
}

/** Stores a body whole or not at all. `size`, where the sender announced one, is enforced. */
export async function storeFile(ctx: Store, file: Place, body: AsyncIterable<Uint8Array>, size?: number): Promise<{ size: number; etag: string }> {
  return ctx.store.put(file.key, whole(body, file), { size, contentType: mediaType(file.name) });
}

/** A version may have been made of it while it was sent: nothing appears then. */
async function* whole(body: AsyncIterable<Uint8Array>, { recheck }: Place): AsyncGenerator<Uint8Array> {
  yield* body;
  await recheck?.();
}

/** Everything below `path` too. What isn't there is already removed. Noted first: bytes that go can't be one with an entry. */
export async function removeArtifacts(ctx: TeamCtx, path: string): Promise<void> {
  const place = await placeToRemove(ctx, path);
  if (!place) return;
  await record(ctx, ctx.db, { action: 'ARTIFACTS_DELETED', target: `artifacts ${place.path}` });
  await ctx.store.remove(place.key);
}

/** One level under the team's root. A file or a missing folder has nothing in it. */
export async function listArtifacts(ctx: TeamCtx, path: string, page: PageRequest = {}): Promise<EntryPage> {
  const folder = await folderToRead(ctx, path);
  return ctx.store.list(folder.key, { limit: Math.min(page.limit ?? MAX_PAGE, MAX_PAGE), after: page.after });
}

async function listIn(ctx: TeamCtx, home: { uri: string; path: string }, path: string, page: PageRequest): Promise<ArtifactPage> {
  const folder = folderIn(ctx, home, path);
  const found = await ctx.store.list(folder.key, { limit: Math.min(page.limit ?? MAX_PAGE, MAX_PAGE), after: page.after });
  const base = checkFolder(path);
  const artifacts = found.entries.map(({ name, isDir, size }) => ({ path: joinPath(base, name), isDir, size }));
  return { rootUri: home.uri, artifacts, next: found.next };
}

/** One level of a home that was found before (runHome, modelHome). */
export const listHomeArtifacts = listIn;

/** A file or folder of a home by its path; null where there is none. */
export async function findHomeArtifact(ctx: TeamCtx, home: { uri: string; path: string }, path: string): Promise<Artifact | null> {
  const safe = checkPath(path);
  const file = await ctx.store.head(placeIn(ctx, home, safe).key);
  if (file) return { path: safe, isDir: false, size: file.size };
  const { entries } = await ctx.store.list(folderIn(ctx, home, safe).key, { limit: 1 });
  return entries.length > 0 ? { path: safe, isDir: true, size: null } : null;
}

export const listRunArtifacts = async (ctx: TeamCtx, runId: string, path = '', page: PageRequest = {}): Promise<ArtifactPage> =>
  listIn(ctx, await runHome(ctx, runId), path, page);

export const listModelArtifacts = async (ctx: TeamCtx, modelId: string, path = '', page: PageRequest = {}): Promise<ArtifactPage> =>
  listIn(ctx, await modelHome(ctx, modelId), path, page);

/** Files by owner, for statFile and openFile. */
export const runFile = async (ctx: TeamCtx, runId: string, path: string): Promise<Place> => placeIn(ctx, await runHome(ctx, runId), path);
export const modelFile = async (ctx: TeamCtx, modelId: string, path: string): Promise<Place> => placeIn(ctx, await modelHome(ctx, modelId), path);
export const versionFile = async (ctx: TeamCtx, name: string, version: string, path: string): Promise<Place> => {
  // An unsafe path is said to be one whether the version exists or not.
  const safe = checkPath(path);
  return placeIn(ctx, await versionHome(ctx, name, version), safe);
};
/** A place in a run for a file to come. Throws as placeToWrite does. */
export const runFileToWrite = runPlaceToWrite;

export const openRunArtifact = async (ctx: TeamCtx, runId: string, path: string): Promise<OpenedFile> =>
  openFile(ctx, await runFile(ctx, runId, path));

export async function removeRunArtifact(ctx: TeamCtx, runId: string, path: string): Promise<void> {
  const place = await runFile(ctx, runId, path);
  await removeArtifacts(ctx, place.path);
}

/** A small file of a model (MLmodel, conda.yaml), whole; null if there is none. Throws TOO_LARGE beyond `limit` bytes. */
export async function readModelFile(ctx: TeamCtx, modelId: string, path: string, limit = MAX_SMALL_FILE): Promise<Buffer | null> {
  const place = await modelFile(ctx, modelId, path);
  const found = await ctx.store.get(place.key);
  return found && readWhole(found, place, limit);
}

async function readWhole(found: OpenedFile, place: Place, limit: number): Promise<Buffer> {
  if (found.size > limit) {
    found.body.destroy();
    throw new AppError('TOO_LARGE', `'${place.path}' has ${found.size} bytes; it is shown only up to ${limit}. Download it.`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of found.body as Readable) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
