// Folders of artifacts must not overlap. Whoever may write to an experiment's folder must not thereby write to another experiment's, a run's or a
// version's.
import type { Db, TeamCtx } from '../../context.ts';
import { findHolders, findHomes, findOverlap } from '../../db/artifacts/locations.ts';
import { invalid } from '../../lib/errors.ts';
import { pathOfUri } from './locations.ts';
import { withFolders } from './rights.ts';

const MAX_DECODINGS = 10;

function decoded(text: string): string {
  let now = text;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    try {
      const next = decodeURIComponent(now);
      if (next === now) break;
      now = next;
    } catch {
      break;
    }
  }
  return now;
}

/** The folder on this server that an address means, percent-decoded, without empty names; '' is the team's root. undefined for what is kept elsewhere. */
export function folderOfUri(uri: string): string | undefined {
  const path = pathOfUri(uri);
  if (path === undefined) return undefined;
  const parts = decoded(path.replace(/[?#].*$/s, '')).split('/');
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

/** Whether the folder is an experiment's, holds one, or is where all its logged models are. */
export const coversExperiment = async (ctx: TeamCtx, folder: string): Promise<boolean> =>
  folder === '' ||
  /^\d+(\/models)?$/.test(folder) ||
  (await findOverlap(ctx.db, ctx.team.teamId, { paths: [folder, folder.replace(/\/models$/, '')], folder, inside: false })) !== undefined;

const taken = (what: string) =>
  invalid(`This artifact location ${what}. Choose a folder of its own, or leave the location out.`, {
    reason: 'location-taken',
    argument: 'artifactLocation',
  });

/**
 * For a location that an experiment's creator chooses, within the transaction that makes it. Throws INVALID_ARGUMENT where it lies inside or above
 * the folder of another experiment, a run, a logged model or a version. The same for the server's own store, by its outer address.
 */
export async function requireNoOverlap(ctx: TeamCtx, tx: Db, location: string): Promise<void> {
  const { teamId } = ctx.team;
  const store = ctx.config.artifacts.replace(/\/+$/, '').toLowerCase();
  const given = decoded(location).replace(/\/+$/, '').toLowerCase();
  if (given === store || given.startsWith(`${store}/`) || store.startsWith(`${given}/`))
    throw taken("is in this server's own store, where every team has its folder");
  const folder = folderOfUri(location);
  if (folder === undefined) return;
  if (folder === '') throw taken("is the whole team's folder");
  if (/^\d+(\/|$)/.test(folder)) throw taken('begins with a number, and those folders are the experiments that the server places');
  const other = await findOverlap(tx, teamId, { paths: [folder], folder, inside: true });
  if (other) throw taken(`lies inside or above that of the experiment ${other.experimentId}`);
  const ids = folder.split('/').flatMap((part) => /^(?:m-)?([0-9a-f]{32})$/i.exec(part)?.[1]?.toLowerCase() ?? []);
  const homes = ids.length === 0 ? [] : await findHomes(tx, teamId, ids);
  const isInside = homes.some(({ artifactUri }) => `${folder}/`.startsWith(`${folderOfUri(artifactUri)?.replace(/\/artifacts$/, '')}/`));
  if (isInside) throw taken("lies inside a run's or logged model's folder");
  const [held] = await findHolders(tx, teamId, withFolders(folder), folder);
  if (held) throw taken(`lies inside or above the files of version ${held.version} of the model '${held.name}'`);
}
