// Who may change which files: what a registered version is made of can't change, and what others made takes the role that the table says.
import { can, requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type ArtifactHome, findHolder, findOverlap } from '../../db/artifacts/locations.ts';
import { failedPrecondition } from '../../lib/errors.ts';
import type { Key } from '../../storage/keys.ts';

/** The path and every folder that it lies in. */
export const withFolders = (path: string): string[] => path.split('/').map((_part, depth, parts) => parts.slice(0, depth + 1).join('/'));

/** Throws FAILED_PRECONDITION where a version holds the path, a folder that it lies in, or (`below`) something in it. */
export async function requireUnheld(ctx: TeamCtx, path: string, below = false): Promise<void> {
  const held = await findHolder(ctx.db, ctx.team.teamId, withFolders(path), below ? path : null);
  if (!held) return;
  throw failedPrecondition(
    `Version ${held.version} of the model '${held.name}' is made of '${path}', and a version's files can't change. Log a new model and register that, or delete the version first.`,
    { reason: 'files-of-version', name: held.name, version: held.version },
  );
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
export async function requireReplace(ctx: TeamCtx, { key, path }: { key: Key; path: string }, owner: ArtifactHome | null): Promise<void> {
  if (can(ctx.team.role, 'artifact:change-any') || (await isOwn(ctx, path, owner))) return;
  if (await ctx.store.head(key)) requireCan(ctx, 'artifact:change-any');
}

/** Throws FORBIDDEN. */
export async function requireRemove(ctx: TeamCtx, path: string, owner: ArtifactHome | null): Promise<void> {
  if (can(ctx.team.role, 'artifact:change-any')) return;
  requireCan(ctx, (await isOwn(ctx, path, owner)) ? 'artifact:delete-own' : 'artifact:change-any');
}
