// Pages of registered models and versions for a compiled search (src/search). One statement a page.

import { type Db, searchSql } from '../../postgres/pool.ts';
import type { Search } from '../../search/search.ts';
import type { Page } from '../tracking/experimentPages.ts';
import { MODEL_COLUMNS, type ModelRow } from './models.ts';
import { VERSION_COLUMNS, VERSIONS, type VersionRow } from './versions.ts';

/** `limit` rows at most; `more` tells whether there are others behind them. Rows carry the columns that search.cursorOf reads. */
export async function modelPage(db: Db, teamId: number, search: Search, limit: number): Promise<Page<ModelRow>> {
  const values: unknown[] = [teamId, limit + 1];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values });
  const text = `/* registered_models.search */ select ${MODEL_COLUMNS}, ${cursorColumns} from registered_models rm ${joins}
    where rm.team_id = $1::int and ${where} order by ${orderBy} limit $2::int`;
  const rows = await db.rows<ModelRow & Record<string, unknown>>(searchSql(text), values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

export async function countModels(db: Db, teamId: number, search: Search): Promise<number> {
  const values: unknown[] = [teamId];
  const where = search.condition({ team: '$1', values });
  const text = `/* registered_models.count */ select count(*)::int as count from registered_models rm where rm.team_id = $1::int and ${where}`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}

/** `modelId`: the registered model whose versions alone are wanted, or null. */
export async function versionPage(db: Db, teamId: number, modelId: number | null, search: Search, limit: number): Promise<Page<VersionRow>> {
  const values: unknown[] = [teamId, limit + 1, modelId];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values });
  const text = `/* model_versions.search */ select ${VERSION_COLUMNS}, ${cursorColumns} from ${VERSIONS} ${joins}
    where mv.team_id = $1::int and ($3::int is null or mv.registered_model_id = $3::int) and ${where} order by ${orderBy} limit $2::int`;
  const rows = await db.rows<VersionRow & Record<string, unknown>>(searchSql(text), values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

export async function countVersions(db: Db, teamId: number, modelId: number | null, search: Search): Promise<number> {
  const values: unknown[] = [teamId, modelId];
  const where = search.condition({ team: '$1', values });
  const text = `/* model_versions.count */ select count(*)::int as count from ${VERSIONS}
    where mv.team_id = $1::int and ($2::int is null or mv.registered_model_id = $2::int) and ${where}`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}
