// Finding registered models and versions by filter, order and page. Prompts are left out unless the filter asks for them.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countModels, countVersions, modelPage, versionPage } from '../../db/registry/pages.ts';
import * as search from '../../search/search.ts';
import { checkPageSize } from '../limits.ts';
import { type Slice, type SliceRequest, toSlice } from '../tracking/runSearch.ts';
import type { RegisteredModel } from './models.ts';
import type { ModelVersion } from './versions.ts';

export const MODEL_PAGE = { usual: 100, most: 1_000 } as const;
export const VERSION_PAGE = { usual: 10_000, most: 200_000 } as const;

export type ModelSearch = Pick<search.SearchRequest, 'filter' | 'where' | 'orderBy'>;
/** `registeredModelId` narrows it to one model's versions. */
export type VersionSearch = ModelSearch & { registeredModelId?: number };
type PageOf = Pick<search.SearchRequest, 'dialect' | 'after' | 'before' | 'backward'>;
/** `token` is the cursor that the page before gave. */
type MlflowPage = { limit?: number | undefined; token?: string | undefined };

const models = (ctx: TeamCtx, given: ModelSearch, page: PageOf) =>
  search.searchRegisteredModels({ ...page, ...given, now: ctx.now(), scope: [ctx.team.teamId] });

const versions = (ctx: TeamCtx, { registeredModelId, ...given }: VersionSearch, page: PageOf) =>
  search.searchModelVersions({ ...page, ...given, now: ctx.now(), scope: [ctx.team.teamId, registeredModelId ?? null] });

/** MLflow's search, by name unless ordered. Throws INVALID_ARGUMENT for a bad filter, order, token or page size. */
export async function searchRegisteredModels(
  ctx: TeamCtx,
  { limit, token, ...given }: ModelSearch & MlflowPage,
): Promise<{ models: RegisteredModel[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const size = checkPageSize(limit, MODEL_PAGE.usual, MODEL_PAGE.most);
  const prepared = models(ctx, given, { dialect: 'mlflow', after: token });
  const { rows, more } = await modelPage(ctx.db, ctx.team.teamId, prepared, size);
  return { models: rows, nextToken: more ? prepared.cursorOf(rows.at(-1)!) : undefined };
}

/** MLflow's search, last updated first unless ordered. Throws INVALID_ARGUMENT as above. */
export async function searchModelVersions(
  ctx: TeamCtx,
  { limit, token, ...given }: VersionSearch & MlflowPage,
): Promise<{ versions: ModelVersion[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const size = checkPageSize(limit, VERSION_PAGE.usual, VERSION_PAGE.most);
  const prepared = versions(ctx, given, { dialect: 'mlflow', after: token });
  const { rows, more } = await versionPage(ctx.db, ctx.team.teamId, given.registeredModelId ?? null, prepared, size);
  return { versions: rows, nextToken: more ? prepared.cursorOf(rows.at(-1)!) : undefined };
}

/** The widened language's search. */
export async function listRegisteredModels(ctx: TeamCtx, given: ModelSearch, slice: SliceRequest): Promise<Slice<RegisteredModel>> {
  requireCan(ctx, 'team:read');
  const prepared = models(ctx, given, { dialect: 'widened', ...slice });
  return toSlice(prepared, await modelPage(ctx.db, ctx.team.teamId, prepared, slice.limit), slice);
}

/** The widened language's search. */
export async function listModelVersions(ctx: TeamCtx, given: VersionSearch, slice: SliceRequest): Promise<Slice<ModelVersion>> {
  requireCan(ctx, 'team:read');
  const prepared = versions(ctx, given, { dialect: 'widened', ...slice });
  return toSlice(prepared, await versionPage(ctx.db, ctx.team.teamId, given.registeredModelId ?? null, prepared, slice.limit), slice);
}

export async function countRegisteredModels(ctx: TeamCtx, given: ModelSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  return countModels(ctx.db, ctx.team.teamId, models(ctx, given, { dialect: 'widened' }));
}

export async function countModelVersions(ctx: TeamCtx, given: VersionSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  return countVersions(ctx.db, ctx.team.teamId, given.registeredModelId ?? null, versions(ctx, given, { dialect: 'widened' }));
}
