// Addresses for artifacts that work without signing in. Either ours, signed for one file, one method and ten minutes; or the S3 store's own. Ours
// allow what their maker may do when they are used. They end with the maker's token or session, and writing is checked again.
import { viewerOfMaker } from '../../auth/authenticate.ts';
import { seal, unseal } from '../../auth/seal.ts';
import { findMembershipById, inTeam } from '../../auth/team.ts';
import type { Ctx, Deps, TeamCtx } from '../../context.ts';
import { AppError } from '../../lib/errors.ts';
import { objectKeyOf } from '../../storage/objectKeys.ts';
import { noteDenied } from '../people/audit.ts';
import { mediaType } from './files.ts';
import { type Place, placeToWrite } from './locations.ts';

const LINK_SECONDS = 600;
/** The store can't ask whether one still may write. So its addresses are good only for as long as a redirect takes. */
const DIRECT_WRITE_SECONDS = 60;
/** S3 takes at most this much in one PUT; larger files go through us, in parts. */
const MAX_SINGLE_PUT = 5 * 1024 ** 3;
const PURPOSE = 'artifact links';

export const SIGNED_PATH = '/artifacts/signed';

/** ZIP: a folder, packed. */
export type LinkMethod = 'GET' | 'PUT' | 'ZIP';
export type Upload = { method: 'PUT'; url: string; headers: Record<string, string> };
type Parts = Pick<Deps, 'store' | 'config'>;

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** An address for one place and one method. The name goes along where it isn't the path's last part. */
export function sign(ctx: TeamCtx, method: LinkMethod, place: Place, route = SIGNED_PATH): string {
  const expires = Math.floor(ctx.now() / 1000) + LINK_SECONDS;
  const name = place.name === lastPart(place.path) ? [] : [place.name];
  return addressOf(ctx, route, seal(ctx.config, PURPOSE, [method, ctx.team.teamId, expires, place.path, makerOf(ctx), ...name]));
}

export function addressOf({ config }: Pick<Deps, 'config'>, route: string, token: string): string {
  return `${config.publicUrl ?? `http://${config.host}:${config.port}`}${route}?token=${token}`;
}

/** An address that downloads the file for ten minutes, for whoever holds it. */
export const signArtifactUrl = (ctx: TeamCtx, place: Place): string => sign(ctx, 'GET', place);

/** Where to PUT a file: the store itself where redirects are on, else us. */
export async function signUpload(ctx: TeamCtx, place: Place, size?: number): Promise<Upload> {
  const url = (await directWriteUrl(ctx, place, size ?? 0)) ?? sign(ctx, 'PUT', place);
  return { method: 'PUT', url, headers: { 'content-type': mediaType(place.name) } };
}

/** As placeToWrite, with a refusal noted as every other door does. */
export const placeOfLink = (ctx: TeamCtx, path: string): Promise<Place> =>
  placeToWrite(ctx, path).catch(async (error: unknown) => {
    await noteDenied(ctx, `PUT ${SIGNED_PATH}`, error);
    throw error;
  });

/** Who made an address: the user, and the token or session. */
export type Maker = [userId: number, tokenId: string | null, sessionId: string | null];
export const makerOf = ({ viewer }: Ctx): Maker => [viewer.userId, viewer.token?.id ?? null, viewer.sessionId];

/** Of the request that uses an address. */
export type LinkFacts = Deps & Pick<Ctx, 'requestId' | 'origin'>;

/** The Ctx of whoever made an address, as they are now. Throws FORBIDDEN when their token or session has ended, or they have left the team. */
export async function ctxOfMaker(facts: LinkFacts, [userId, tokenId, sessionId]: Maker, teamId: number): Promise<TeamCtx> {
  const viewer = await viewerOfMaker(facts, { userId, tokenId, sessionId }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'UNAUTHENTICATED' ? refusedLink() : error;
  });
  const team = findMembershipById(viewer, teamId);
  if (!team) throw refusedLink();
  return inTeam({ ...facts, viewer }, team);
}

/**
 * The file that a signed address stands for, and the Ctx to use it in. Throws FORBIDDEN if it is expired, if we didn't sign it for this method, or
 * if its maker may no longer. For PUT it throws as placeToWrite does.
 */
export async function openLink(facts: LinkFacts, method: LinkMethod, token: string): Promise<{ ctx: TeamCtx; place: Place }> {
  const signed = unseal(facts.config, PURPOSE, token) as [LinkMethod, number, number, string, Maker, string?] | undefined;
  if (!signed || signed[0] !== method || signed[2] * 1000 < facts.now() || !Array.isArray(signed[4])) throw refusedLink();
  const [, teamId, , path, maker, name = lastPart(path)] = signed;
  const ctx = await ctxOfMaker(facts, maker, teamId);
  return { ctx, place: method === 'PUT' ? await placeOfLink(ctx, path) : { key: objectKeyOf(teamId, path), path, name } };
}

export const refusedLink = () => new AppError('FORBIDDEN', 'This address is not valid, or no longer. Ask for a new one.');

/** How browsers and clients shall name and treat a download: never shown in place, so that no artifact runs as a page. */
export function disposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}

/** An address at the store for reading, if clients are to go there; null when we stream. */
export async function directReadUrl(ctx: Parts, place: Place): Promise<string | null> {
  if (!ctx.config.artifactRedirect || !ctx.store.direct) return null;
  return ctx.store.direct.getUrl(place.key, LINK_SECONDS, { disposition: disposition(place.name), contentType: mediaType(place.name) });
}

/** Likewise for writing. S3 answers 411 to bodies without a length, and clients send empty files that way, so these are ours. */
export async function directWriteUrl(ctx: Parts, place: Place, size: number): Promise<string | null> {
  if (!ctx.config.artifactRedirect || !ctx.store.direct || size <= 0 || size > MAX_SINGLE_PUT) return null;
  return ctx.store.direct.putUrl(place.key, DIRECT_WRITE_SECONDS);
}
