// Where the aliases of a registered model pointed, newest first. Written with the aliases in modelVersionWrites.ts.
import { type Db, sql } from '../../postgres/pool.ts';

export type AliasChange = {
  alias: string;
  /** null = removed. */
  version: number | null;
  changedBy: number | null;
  changedAt: Date;
};

const CHANGES = sql(`/* model_alias_changes.of_model */
  select alias, version, changed_by as "changedBy", changed_at as "changedAt" from model_alias_changes
   where team_id = $1 and registered_model_id = $2::integer and ($3::text is null or alias = $3) order by change_id desc limit $4`);

export const aliasChanges = (db: Db, teamId: number, registeredModelId: number, alias: string | null, limit: number): Promise<AliasChange[]> =>
  db.rows(CHANGES, [teamId, registeredModelId, alias, limit]);
