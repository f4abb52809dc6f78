// What src/search compiles, as statements: how many runs match, and pages of experiments. Pages of runs are found in runPages.ts.

import { findKeyIds } from '../../points/keyIds.ts';
import { type Db, searchSql } from '../../postgres/pool.ts';
import { ensureStatistics } from '../../postgres/statistics.ts';
import type { Search } from '../../search/search.ts';
import { EXPERIMENT_COLUMNS, type Experiment } from './experiments.ts';

export type Lifecycle = 'ACTIVE' | 'DELETED' | 'ALL';
export type Page<T> = { rows: (T & Record<string, unknown>)[]; more: boolean };

const lifecycleSql = (alias: string, lifecycle: Lifecycle) =>
  lifecycle === 'ALL' ? 'true' : `${alias}.deleted_at is ${lifecycle === 'DELETED' ? 'not null' : 'null'}`;

export type RunScope = {
  /** null = every experiment of the team. */
  experimentIds: number[] | null;
  lifecycle: Lifecycle;
};

/**
 * The condition on `runs r`; its parameters are appended to `values`. `byId`: runs are found by their ids, and no index of an experiment's runs may
 * be taken instead. Without statistics Postgres believes that an experiment has one run, and reads them all for each id.
 */
export const runScopeSql = (values: unknown[], scope: RunScope, byId = false) => {
  if (scope.experimentIds === null) return lifecycleSql('r', scope.lifecycle);
  const column = byId ? '(r.experiment_id + 0)' : 'r.experiment_id';
  // With `=`, unlike `any`, an index gives the rows of one experiment in the order of the page.
  const [only, ...others] = scope.experimentIds;
  values.push(others.length === 0 && only !== undefined ? only : scope.experimentIds);
  const test = others.length === 0 && only !== undefined ? `= $${values.length}::integer` : `= any($${values.length}::integer[])`;
  return `${column} ${test} and ${lifecycleSql('r', scope.lifecycle)}`;
};

/** How many runs match, whatever the page. */
export async function countRuns(db: Db, teamId: number, scope: RunScope, search: Search): Promise<number> {
  if (search.filter !== null) await ensureStatistics(db);
  const values: unknown[] = [teamId];
  const within = runScopeSql(values, scope);
  const keyIds = await findKeyIds(db, teamId, search.keys);
  const where = search.condition({ team: '$1', values, keyIds });
  const text = `/* runs.count */ select count(*)::integer as count from runs r where r.team_id = $1 and ${within} and ${where}`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}

export async function experimentPage(db: Db, teamId: number, lifecycle: Lifecycle, search: Search, limit: number): Promise<Page<Experiment>> {
  const values: unknown[] = [teamId, limit + 1];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values });
  const text = `/* experiments.search */ select ${EXPERIMENT_COLUMNS}, ${cursorColumns} from experiments e ${joins}
    where e.team_id = $1 and ${lifecycleSql('e', lifecycle)} and ${where} order by ${orderBy} limit $2`;
  const rows = await db.rows<Experiment & Record<string, unknown>>(searchSql(text), values);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

export async function countExperiments(db: Db, teamId: number, lifecycle: Lifecycle, search: Search): Promise<number> {
  const values: unknown[] = [teamId];
  const where = search.condition({ team: '$1', values });
  const text = `/* experiments.count */ select count(*)::integer as count from experiments e where e.team_id = $1 and ${lifecycleSql('e', lifecycle)} and ${where}`;
  return (await db.row<{ count: number }>(searchSql(text), values))!.count;
}
