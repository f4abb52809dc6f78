// What a team keeps on this server, for its members to see.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countTeamExperiments, countTeamPoints, countTeamRuns } from '../../db/people/usage.ts';
import type { Long } from '../../lib/long.ts';
import { objectKeyOf } from '../../storage/objectKeys.ts';
import type { Store } from '../../storage/store.ts';

const LONGEST_MS = 5_000;
const KEPT_MS = 60_000;

export type ArtifactUsage = { files: number; bytes: number /** False when there was more than could be counted in 5 seconds. */; complete: boolean };

export async function teamExperiments(ctx: TeamCtx): Promise<Long> {
  requireCan(ctx, 'team:read');
  return countTeamExperiments(ctx.db, ctx.team.teamId);
}
export async function teamRuns(ctx: TeamCtx): Promise<Long> {
  requireCan(ctx, 'team:read');
  return countTeamRuns(ctx.db, ctx.team.teamId);
}
export async function teamPoints(ctx: TeamCtx): Promise<Long> {
  requireCan(ctx, 'team:read');
  return countTeamPoints(ctx.db, ctx.team.teamId);
}

/** Teams are few, and listing a store is dear: one count a team at a time, kept for a minute. */
const counts = new WeakMap<Store, Map<number, { at: number; usage: Promise<ArtifactUsage> }>>();

export async function teamArtifacts(ctx: TeamCtx): Promise<ArtifactUsage> {
  requireCan(ctx, 'team:read');
  const ofStore = counts.get(ctx.store) ?? new Map<number, { at: number; usage: Promise<ArtifactUsage> }>();
  counts.set(ctx.store, ofStore);
  const { teamId } = ctx.team;
  const known = ofStore.get(teamId);
  if (known && ctx.now() - known.at < KEPT_MS) return known.usage;
  const usage = countFiles(ctx);
  ofStore.set(teamId, { at: ctx.now(), usage });
  usage.catch(() => ofStore.delete(teamId));
  return usage;
}

async function countFiles(ctx: TeamCtx): Promise<ArtifactUsage> {
  const end = performance.now() + LONGEST_MS;
  let [files, bytes] = [0, 0];
  for await (const { size } of ctx.store.walk(objectKeyOf(ctx.team.teamId, ''))) {
    files += 1;
    bytes += size;
    if (performance.now() > end) return { files, bytes, complete: false };
  }
  return { files, bytes, complete: true };
}
