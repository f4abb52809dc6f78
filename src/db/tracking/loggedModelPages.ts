// One statement a page of logged models that src/search compiles; whole models are then read by id.

import { type Db, searchSql } from '../../postgres/pool.ts';
import type { Search } from '../../search/search.ts';
import type { Page } from './experimentPages.ts';

const inScope = (values: unknown[], experimentIds: number[] | null): string => {
  if (experimentIds === null) return 'lm.deleted_at is null';
  values.push(experimentIds);
  return `lm.deleted_at is null and lm.experiment_id = any($${values.length}::integer[])`;
};

/** Ids of living models; `experimentIds` null = of the whole team. Rows carry the columns that search.cursorOf reads. */
export async function loggedModelPage(
  db: Db,
  teamId: number,
  experimentIds: number[] | null,
  search: Search,
  limit: number,
): Promise<Page<{ modelId: string }>> {
  const values: unknown[] = [teamId, limit + 1];
  const within = inScope(values, experimentIds);
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values });
  const text = `/* loggedModels.search */ select lm.model_id as "modelId", ${cursorColumns} from logged_models lm ${joins}
    where lm.team_id = $1 and ${within} and ${where} order by ${orderBy} limit $2`;
  const rows = await db.rows<{ modelId: string } & Record<string, unknown>>(searchSql(text), values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

export async function countLoggedModels(db: Db, teamId: number, experimentIds: number[] | null, search: Search): Promise<number> {
  const values: unknown[] = [teamId];
  const within = inScope(values, experimentIds);
  const where = search.condition({ team: '$1', values });
  const text = `/* loggedModels.count */ select count(*)::integer as count from logged_models lm where lm.team_id = $1 and ${within} and ${where}`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}
