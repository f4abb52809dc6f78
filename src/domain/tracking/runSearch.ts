// Finding runs. One page is one statement, by keyset: what is created meanwhile neither repeats nor hides a run.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countRuns, type Lifecycle, type RunScope } from '../../db/tracking/experimentPages.ts';
import { runPage } from '../../db/tracking/runPages.ts';
import type { Run } from '../../db/tracking/runs.ts';
import { searchRuns as prepare, type Search, type SearchRequest } from '../../search/search.ts';
import { checkPageSize } from '../limits.ts';
import { parseExperimentId } from './experiments.ts';

export type { Lifecycle };

export const RUN_PAGE = { usual: 1_000, most: 50_000 } as const;

export type RunSearch = {
  /** Left out = every experiment of the team; an empty list finds nothing. */
  experimentIds?: string[] | null;
  filter?: string | null;
  orderBy?: SearchRequest['orderBy'];
  where?: SearchRequest['where'];
  lifecycle?: Lifecycle;
};

export type Prepared = { scope: RunScope; search: Search };

/** null = every experiment. What is no experiment's number finds nothing. */
export const experimentNumbers = (ids: string[] | null | undefined): number[] | null =>
  ids ? ids.flatMap((id) => parseExperimentId(id) ?? []) : null;

/** Throws INVALID_ARGUMENT for what the search language doesn't allow. Other statements over runs (groups, times) use it too. */
export function prepareRuns(ctx: TeamCtx, given: RunSearch, now = ctx.now()): Prepared {
  return prepared(ctx, given, { dialect: 'widened' }, now);
}

function prepared(ctx: TeamCtx, given: RunSearch, page: Pick<SearchRequest, 'dialect' | 'after' | 'before' | 'backward'>, now = ctx.now()): Prepared {
  const { experimentIds, filter, orderBy, where, lifecycle = 'ACTIVE' } = given;
  const scope = { experimentIds: experimentNumbers(experimentIds), lifecycle };
  return { scope, search: prepare({ ...page, filter, orderBy, where, now, scope: [ctx.team.teamId, scope] }) };
}

/** MLflow's search: `token` is the cursor of the page before. Throws INVALID_ARGUMENT with position for a bad filter. */
export async function searchRuns(
  ctx: TeamCtx,
  given: RunSearch & { limit?: number; token?: string },
): Promise<{ runs: Run[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const limit = checkPageSize(given.limit, RUN_PAGE.usual, RUN_PAGE.most);
  const { scope, search } = prepared(ctx, given, { dialect: 'mlflow', after: given.token });
  if (scope.experimentIds?.length === 0) return { runs: [], nextToken: undefined };
  const { rows, more } = await runPage(ctx.db, ctx.team.teamId, scope, search, limit);
  return { runs: rows, nextToken: more ? search.cursorOf(rows.at(-1)!) : undefined };
}

/** A page of a list, forward from `after` or backward from `before`, and a cursor for each row. */
export type Slice<T> = { rows: { row: T; cursor: string }[]; hasNext: boolean; hasPrevious: boolean };
export type SliceRequest = { limit: number; after?: string | null; before?: string | null; backward?: boolean };

/** The widened language's search. */
export async function listRuns(ctx: TeamCtx, given: RunSearch, slice: SliceRequest): Promise<Slice<Run>> {
  requireCan(ctx, 'team:read');
  const { scope, search } = prepared(ctx, given, { dialect: 'widened', ...slice });
  if (scope.experimentIds?.length === 0) return { rows: [], hasNext: false, hasPrevious: false };
  return toSlice(search, await runPage(ctx.db, ctx.team.teamId, scope, search, slice.limit), slice);
}

export async function countMatchingRuns(ctx: TeamCtx, given: RunSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  const { scope, search } = prepareRuns(ctx, given);
  return scope.experimentIds?.length === 0 ? 0 : countRuns(ctx.db, ctx.team.teamId, scope, search);
}

/** Turns a backward page round again and puts cursors beside the rows. */
export function toSlice<T extends Record<string, unknown>>(search: Search, page: { rows: T[]; more: boolean }, slice: SliceRequest): Slice<T> {
  const rows = page.rows.map((row) => ({ row, cursor: search.cursorOf(row) }));
  if (slice.backward) return { rows: rows.reverse(), hasNext: Boolean(slice.before), hasPrevious: page.more };
  return { rows, hasNext: page.more, hasPrevious: Boolean(slice.after) };
}
