// Finding logged models. Deleted ones are never found.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countLoggedModels, loggedModelPage } from '../../db/tracking/loggedModelPages.ts';
import type { OrderInput } from '../../search/order.ts';
import { searchLoggedModels as prepare, type Search, type SearchRequest } from '../../search/search.ts';
import { checkPageSize } from '../limits.ts';
import { parseExperimentId } from './experiments.ts';
import { type LoggedModel, loggedModelsByIds, showModelId } from './loggedModels.ts';
import { type Slice, type SliceRequest, toSlice } from './runSearch.ts';

export const LOGGED_MODEL_PAGE = { usual: 50, most: 1_000 } as const;

/** MLflow's clients may ask for more than a page holds; they follow the token. */
const MOST_ASKED = 50_000;

export type LoggedModelSearch = {
  /** Left out = every experiment of the team. */
  experimentIds?: string[] | null;
  filter?: string | null;
  where?: SearchRequest['where'];
  orderBy?: readonly OrderInput[] | null;
  /** Metrics in the filter count only where they were logged on one of these. */
  datasets?: { datasetName: string; datasetDigest?: string | undefined }[] | null;
};

type Prepared = { experimentIds: number[] | null; search: Search };

function prepared(ctx: TeamCtx, given: LoggedModelSearch, page: Pick<SearchRequest, 'dialect' | 'after' | 'before' | 'backward'>): Prepared {
  const { filter, where, orderBy, datasets } = given;
  const experimentIds = given.experimentIds ? given.experimentIds.flatMap((id) => parseExperimentId(id) ?? []) : null;
  const search = prepare({ ...page, filter, where, orderBy, datasets, now: ctx.now(), scope: [ctx.team.teamId, experimentIds] });
  return { experimentIds, search };
}

/** The whole models of a page of ids; one deleted since the page was read is left out. */
async function withModels<R extends { modelId: string }>(ctx: TeamCtx, rows: R[]): Promise<(R & { model: LoggedModel })[]> {
  const models = await loggedModelsByIds(
    ctx,
    rows.map((row) => showModelId(row.modelId)),
  );
  return rows.flatMap((row) => {
    const model = models.get(showModelId(row.modelId));
    return model ? [{ ...row, model }] : [];
  });
}

/** MLflow's search: newest first unless ordered. Each model comes with at most its newest 1,000 points. Throws INVALID_ARGUMENT. */
export async function searchLoggedModels(
  ctx: TeamCtx,
  given: LoggedModelSearch & { limit?: number; token?: string },
): Promise<{ models: LoggedModel[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const limit = Math.min(checkPageSize(given.limit || undefined, LOGGED_MODEL_PAGE.usual, MOST_ASKED), LOGGED_MODEL_PAGE.most);
  const { experimentIds, search } = prepared(ctx, given, { dialect: 'mlflow', after: given.token });
  const { rows, more } = await loggedModelPage(ctx.db, ctx.team.teamId, experimentIds, search, limit);
  const models = (await withModels(ctx, rows)).map((row) => row.model);
  return { models, nextToken: more ? search.cursorOf(rows.at(-1)!) : undefined };
}

/** The widened language's search. */
export async function listLoggedModels(ctx: TeamCtx, given: LoggedModelSearch, slice: SliceRequest): Promise<Slice<LoggedModel>> {
  requireCan(ctx, 'team:read');
  const { experimentIds, search } = prepared(ctx, given, { dialect: 'widened', ...slice });
  const page = toSlice(search, await loggedModelPage(ctx.db, ctx.team.teamId, experimentIds, search, slice.limit), slice);
  const rows = await withModels(
    ctx,
    page.rows.map(({ row, cursor }) => ({ modelId: row.modelId, cursor })),
  );
  return { ...page, rows: rows.map(({ model, cursor }) => ({ row: model, cursor })) };
}

export async function countMatchingLoggedModels(ctx: TeamCtx, given: LoggedModelSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  const { experimentIds, search } = prepared(ctx, given, { dialect: 'widened' });
  return countLoggedModels(ctx.db, ctx.team.teamId, experimentIds, search);
}
