// Uploads of a run's files as GraphQL clients make them: in one request, or, beyond 64 MiB, in parts with an address each. On every store alike;
// where clients are sent to S3 itself, so are the parts. The upload's id is ours, signed: it says for which file it is and what was announced.
import { requireCan } from '../../auth/policy.ts';
import { seal, unseal } from '../../auth/seal.ts';
import type { Deps, TeamCtx } from '../../context.ts';
import { invalid, limitExceeded, notFound } from '../../lib/errors.ts';
import type { Long } from '../../lib/long.ts';
import { type ObjectKey, objectKeyOf } from '../../storage/objectKeys.ts';
import type { Part, PartRange } from '../../storage/store.ts';
import { mediaType, runFile, runFileToWrite } from './files.ts';
import { addressOf, ctxOfMaker, type LinkFacts, type Maker, makerOf, placeOfLink, refusedLink, signUpload, type Upload } from './links.ts';
import type { Place } from './locations.ts';

const MiB = 1024 * 1024;
/** Beyond, a file is offered to be sent in parts. */
const SINGLE_BYTES = 64 * MiB;
/** S3's own bound. */
const MAX_BYTES = 5 * 1024 ** 4;
const MAX_PARTS = 10_000;
const PART_BYTES = 32 * MiB;
const PART_SECONDS = 3600;
const UPLOADS = 'artifact uploads';
const PARTS = 'artifact parts';

export const PART_PATH = '/artifacts/signed/part';

export type PartAddress = { partNumber: number; offset: number; sizeBytes: number; url: string };
export type Multipart = { uploadId: string; partSizeBytes: number; parts: PartAddress[] };
type Announced = { id: string; size: number; partSize: number };

function readSize(size: Long | undefined): number | undefined {
  if (size === undefined) return undefined;
  if (size < 0) throw invalid(`A file can't have ${size} bytes.`, { argument: 'sizeBytes' });
  if (size > MAX_BYTES) throw limitExceeded(`A file may have ${MAX_BYTES} bytes (5 TiB), not ${size}.`, { argument: 'sizeBytes', limit: MAX_BYTES });
  return Number(size);
}

/** S3's parts are equal but for the last, and no more than 10,000. */
const partSizeFor = (size: number) => Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS / MiB) * MiB);

/** Throws as runFileToWrite does, LIMIT_EXCEEDED beyond 5 TiB. `uploadId`: new addresses for one under way. */
export async function createArtifactUpload(
  ctx: TeamCtx,
  runId: string,
  path: string,
  { size, uploadId }: { size?: Long; uploadId?: string },
): Promise<Upload & { multipart: Multipart | null }> {
  const place = await runFileToWrite(ctx, runId, path);
  const known = uploadId === undefined ? undefined : readUpload(ctx, place, uploadId);
  const bytes = readSize(size);
  if (known && bytes !== undefined && bytes !== known.size)
    throw invalid(`This upload was announced with ${known.size} bytes, not ${bytes}.`, { argument: 'sizeBytes' });
  const upload = await signUpload(ctx, place, known?.size ?? bytes);
  if (!known && (bytes === undefined || bytes <= SINGLE_BYTES)) return { ...upload, multipart: null };
  const announced = known ?? (await begin(ctx, place, bytes!));
  const parts: PartAddress[] = [];
  for (const part of partsOf(announced))
    parts.push({ partNumber: part.number, offset: part.offset, sizeBytes: part.size, url: await partUrl(ctx, place, announced.id, part) });
  return { ...upload, multipart: { uploadId: uploadId ?? sealUpload(ctx, place, announced), partSizeBytes: announced.partSize, parts } };
}

async function begin(ctx: TeamCtx, place: Place, size: number): Promise<Announced> {
  return { id: await ctx.store.uploads.create(place.key, mediaType(place.name)), size, partSize: partSizeFor(size) };
}

function partsOf({ size, partSize }: Announced): PartRange[] {
  const count = Math.ceil(size / partSize);
  return Array.from({ length: count }, (_none, index) => {
    const offset = index * partSize;
    return { number: index + 1, offset, size: Math.min(partSize, size - offset) };
  });
}

const sealUpload = (ctx: TeamCtx, place: Place, { id, size, partSize }: Announced): string =>
  seal(ctx.config, UPLOADS, [ctx.team.teamId, place.path, id, size, partSize]);

/** Throws NOT_FOUND for an id that isn't ours, or of another file. */
function readUpload(ctx: TeamCtx, place: Place, uploadId: string): Announced {
  const [teamId, path, id, size, partSize] = (unseal(ctx.config, UPLOADS, uploadId) ?? []) as [number?, string?, string?, number?, number?];
  if (teamId !== ctx.team.teamId || path !== place.path)
    throw notFound(`There is no such upload of '${place.path}'. Give the 'uploadId' of the same run and path.`);
  return { id: id!, size: size!, partSize: partSize! };
}

async function partUrl(ctx: TeamCtx, place: Place, id: string, part: PartRange): Promise<string> {
  if (ctx.config.artifactRedirect && ctx.store.direct) return ctx.store.direct.partUrl(place.key, id, part.number, PART_SECONDS);
  const expires = Math.floor(ctx.now() / 1000) + PART_SECONDS;
  return addressOf(
    ctx,
    PART_PATH,
    seal(ctx.config, PARTS, [ctx.team.teamId, expires, place.path, makerOf(ctx), id, part.number, part.offset, part.size]),
  );
}

export type LinkedPart = { key: ObjectKey; id: string; part: PartRange };

/** The part that a signed address stands for. Throws FORBIDDEN if it is expired, or not one that we signed; else as openLink does for PUT. */
export async function openPartLink(facts: LinkFacts, token: string): Promise<LinkedPart> {
  const signed = unseal(facts.config, PARTS, token) as [number, number, string, Maker, string, number, number, number] | undefined;
  if (!signed || signed[1] * 1000 < facts.now() || !Array.isArray(signed[3])) throw refusedLink();
  const [teamId, , path, maker, id, number, offset, size] = signed;
  await placeOfLink(await ctxOfMaker(facts, maker, teamId), path);
  return { key: objectKeyOf(teamId, path), id, part: { number, offset, size } };
}

/** Keeps a part; its etag. Throws INVALID_ARGUMENT for a body of another length, NOT_FOUND when the upload is over. */
export async function storePart(
  { store }: Pick<Deps, 'store'>,
  { key, id, part }: LinkedPart,
  body: AsyncIterable<Uint8Array>,
  announced: number | undefined,
): Promise<string> {
  if (announced !== undefined && announced !== part.size)
    throw invalid(`Part ${part.number} has ${part.size} bytes, not ${announced}: send the bytes from ${part.offset} on.`);
  return store.uploads.put(key, id, part, body);
}

/** The size of the file that is there then. */
export async function completeArtifactUpload(ctx: TeamCtx, runId: string, path: string, uploadId: string, parts: Part[]): Promise<number> {
  const place = await runFileToWrite(ctx, runId, path);
  const announced = readUpload(ctx, place, uploadId);
  const expected = partsOf(announced).length;
  const numbers = new Set(parts.map((part) => part.partNumber));
  const missing = Array.from({ length: expected }, (_none, index) => index + 1).find((number) => !numbers.has(number));
  if (missing !== undefined || parts.length !== expected)
    throw invalid(`This upload has the parts 1 to ${expected}, each once; ${missing === undefined ? 'there are others' : `${missing} is missing`}.`, {
      argument: 'parts',
    });
  await place.recheck?.();
  await ctx.store.uploads.complete(place.key, announced.id, parts, announced.size);
  return announced.size;
}

/** Also when the run was deleted meanwhile. */
export async function abortArtifactUpload(ctx: TeamCtx, runId: string, path: string, uploadId: string): Promise<void> {
  requireCan(ctx, 'artifact:write');
  const place = await runFile(ctx, runId, path);
  await ctx.store.uploads.abort(place.key, readUpload(ctx, place, uploadId).id);
}
