// Who may change which files. What a registered version is made of can't change. What others made takes the role that the policy's table says.
import { can, requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type ArtifactHome, findHolders, findOverlap, type Holder } from '../../db/artifacts/locations.ts';
import { failedPrecondition } from '../../lib/errors.ts';
import { type ObjectKey, objectKeyOf } from '../../storage/objectKeys.ts';

/** The path and every folder that it lies in. */
export const withFolders = (path: string): string[] => path.split('/').map((_part, depth, parts) => parts.slice(0, depth + 1).join('/'));

const held = (path: string, { name, version }: Holder) =>
  failedPrecondition(
    `Version ${version} of the model '${name}' is made of '${path}', and a version's files can't change. Log a new model and register that, or delete the version first.`,
    { reason: 'files-of-version', name, version },
  );

/** Throws FAILED_PRECONDITION where a version holds the path, a folder that it lies in, or something in it. */
export async function requireUnheld(ctx: TeamCtx, path: string): Promise<void> {
  const [holder] = await findHolders(ctx.db, ctx.team.teamId, withFolders(path), path);
  if (holder) throw held(path, holder);
}

/**
 * The same for a file to write. A version that was made before its files were there takes new ones. With a stage or an alias it takes them only
 * while it has none yet.
 */
export async function requireWritable(ctx: TeamCtx, { key, path }: { key: ObjectKey; path: string }): Promise<void> {
  const holders = await findHolders(ctx.db, ctx.team.teamId, withFolders(path), null);
  const [first] = holders;
  if (!first) return;
  if (!first.takesFiles || (await ctx.store.head(key))) throw held(path, first);
  for (const holder of holders) if (holder.promoted && !(await isEmptyFolder(ctx, holder.path))) throw held(path, holder);
}

export async function isEmptyFolder({ store, team }: TeamCtx, folder: string): Promise<boolean> {
  const key = objectKeyOf(team.teamId, folder);
  return (await store.head(key)) === null && (await store.list(key, { limit: 1 })).entries.length === 0;
}

/**
 * One's own: what one's run or logged model holds. What lies outside every experiment is nobody's, and open to all who log.
 * `owner`: null where neither a run nor a logged model has it.
 */
async function isOwn(ctx: TeamCtx, path: string, owner: ArtifactHome | null): Promise<boolean> {
  if (owner) return owner.createdBy === ctx.viewer.userId;
  if (/^\d+(\/|$)/.test(path)) return false;
  return (await findOverlap(ctx.db, ctx.team.teamId, { paths: [path], folder: path, inside: true })) === undefined;
}

/** A file that is there already is replaced by whoever made its run or logged model, or with the role for others'. Throws FORBIDDEN. */
export async function requireReplace(ctx: TeamCtx, { key, path }: { key: ObjectKey; path: string }, owner: ArtifactHome | null): Promise<void> {
  if (can(ctx.team.role, 'artifact:change-any') || (await isOwn(ctx, path, owner))) return;
  if (await ctx.store.head(key)) requireCan(ctx, 'artifact:change-any');
}

/** Throws FORBIDDEN. */
export async function requireRemove(ctx: TeamCtx, path: string, owner: ArtifactHome | null): Promise<void> {
  if (can(ctx.team.role, 'artifact:change-any')) return;
  requireCan(ctx, (await isOwn(ctx, path, owner)) ? 'artifact:delete-own' : 'artifact:change-any');
}
