// Whether conditions hold for one run or one version, by the search that each of them is.
import { findKeyIds } from '../../points/keyIds.ts';
import { type Db, searchSql } from '../../postgres/pool.ts';
import type { Search } from '../../search/search.ts';
import { VERSIONS } from '../registry/versions.ts';

const columns = (conditions: string[]) => conditions.map((condition, index) => `(${condition}) is true as "c${index}"`).join(', ');
const inOrder = (row: Record<string, boolean> | undefined, searches: Search[]) => searches.map((_, index) => row?.[`c${index}`] === true);

/** False each for a run that isn't there. */
export async function holdForRun(db: Db, teamId: number, runId: string, searches: Search[]): Promise<boolean[]> {
  if (searches.length === 0) return [];
  const values: unknown[] = [teamId, runId];
  const keyIds = await findKeyIds(db, teamId, [...new Set(searches.flatMap(({ keys }) => keys))]);
  const conditions = searches.map((search) => search.condition({ team: '$1', values, keyIds, rowByRow: true }));
  const text = `/* protections.run_holds */ select ${columns(conditions)} from runs r where r.team_id = $1 and r.run_id = $2::uuid`;
  return inOrder(await db.row<Record<string, boolean>>(searchSql(text), values), searches);
}

export async function holdForVersion(
  db: Db,
  teamId: number,
  { registeredModelId, version }: { registeredModelId: number; version: number },
  searches: Search[],
): Promise<boolean[]> {
  if (searches.length === 0) return [];
  const values: unknown[] = [teamId, registeredModelId, version];
  const conditions = searches.map((search) => search.condition({ team: '$1', values }));
  const text = `/* protections.version_holds */ select ${columns(conditions)} from ${VERSIONS}
    where mv.team_id = $1::int and mv.registered_model_id = $2::int and mv.version = $3::int`;
  return inOrder(await db.row<Record<string, boolean>>(searchSql(text), values), searches);
}
