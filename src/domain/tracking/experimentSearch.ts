// Finding experiments.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countExperiments, experimentPage, type Lifecycle } from '../../db/tracking/experimentPages.ts';
import type { Experiment } from '../../db/tracking/experiments.ts';
import { searchExperiments as prepare, type SearchRequest } from '../../search/search.ts';
import { checkPageSize } from '../limits.ts';
import { type Slice, type SliceRequest, toSlice } from './runSearch.ts';

export const EXPERIMENT_PAGE = { usual: 1_000, most: 50_000 } as const;

export type ExperimentSearch = { filter?: string | null; orderBy?: SearchRequest['orderBy']; lifecycle?: Lifecycle };

const prepared = (ctx: TeamCtx, given: ExperimentSearch, page: Pick<SearchRequest, 'dialect' | 'after' | 'before' | 'backward'>) =>
  prepare({ ...page, filter: given.filter, orderBy: given.orderBy, now: ctx.now(), scope: [ctx.team.teamId, given.lifecycle ?? 'ACTIVE'] });

/** MLflow's search. */
export async function searchExperiments(
  ctx: TeamCtx,
  given: ExperimentSearch & { limit?: number; token?: string },
): Promise<{ experiments: Experiment[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const limit = checkPageSize(given.limit, EXPERIMENT_PAGE.usual, EXPERIMENT_PAGE.most);
  const search = prepared(ctx, given, { dialect: 'mlflow', after: given.token });
  const { rows, more } = await experimentPage(ctx.db, ctx.team.teamId, given.lifecycle ?? 'ACTIVE', search, limit);
  return { experiments: rows, nextToken: more ? search.cursorOf(rows.at(-1)!) : undefined };
}

export async function listExperiments(ctx: TeamCtx, given: ExperimentSearch, slice: SliceRequest): Promise<Slice<Experiment>> {
  requireCan(ctx, 'team:read');
  const search = prepared(ctx, given, { dialect: 'widened', ...slice });
  return toSlice(search, await experimentPage(ctx.db, ctx.team.teamId, given.lifecycle ?? 'ACTIVE', search, slice.limit), slice);
}

export async function countMatchingExperiments(ctx: TeamCtx, given: ExperimentSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  return countExperiments(ctx.db, ctx.team.teamId, given.lifecycle ?? 'ACTIVE', prepared(ctx, given, { dialect: 'widened' }));
}
