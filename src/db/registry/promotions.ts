// How aliases and stages of a registered model's versions were moved, newest first. Written in versionChanges.ts.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';

export type PromotionRow = {
  /** Alias changes and stage changes count by themselves. */
  kind: 'alias' | 'stage';
  changeId: Long;
  alias: string | null;
  /** null = the alias was removed. */
  version: number | null;
  previousVersion: number | null;
  stage: string | null;
  previousStage: string | null;
  comment: string | null;
  changedBy: number | null;
  changedAt: Date;
  /** The request that it came of. */
  requestId: string | null;
  /** What the conditions said then. */
  outcome: { text: string; holds: boolean; found: string | null }[] | null;
  /** Microseconds since 1970: what a page ends at, which a Date can't hold. */
  moment: Long;
};
export type PromotionCursor = { moment: Long; kind: PromotionRow['kind']; changeId: Long };

// Changes of one version are picked out of all of the model's: which version an alias left is known only so. A model has hundreds of changes at
// most.
const LIST = sql(`/* promotions.of_model */
  with changes as (
    select 'alias' as kind, change_id, alias, version, lag(version) over (partition by alias order by change_id) as previous_version,
           null as stage, null as previous, comment, changed_by, changed_at, request_id, outcome
    from model_alias_changes where team_id = $1 and registered_model_id = $2::integer
    union all
    select 'stage', change_id, null, version, null, stage, previous, comment, changed_by, changed_at, request_id, outcome
    from model_stage_changes where team_id = $1 and registered_model_id = $2::integer
  ), placed as (select *, (extract(epoch from changed_at) * 1000000)::bigint as moment from changes)
  select kind, change_id as "changeId", alias, version, previous_version as "previousVersion", stage, previous as "previousStage", comment,
         changed_by as "changedBy", changed_at as "changedAt", replace(request_id::text, '-', '') as "requestId", outcome, moment
  from placed
  where ($3::integer is null or version = $3::integer or previous_version = $3::integer)
    and ($8::text is null or kind = $8::text) and ($9::text is null or alias = $9::text)
    and ($4::bigint is null or (moment, kind, change_id) < ($4::bigint, $5::text, $6::bigint))
  order by moment desc, kind desc, change_id desc limit $7`);

export const listPromotionRows = (
  db: Db,
  teamId: number,
  registeredModelId: number,
  page: { version: number | null; kind: PromotionRow['kind'] | null; alias: string | null; before: PromotionCursor | null; limit: number },
): Promise<PromotionRow[]> => {
  const { version, kind, alias, before, limit } = page;
  const place = [before?.moment ?? null, before?.kind ?? null, before?.changeId ?? null];
  return db.rows(LIST, [teamId, registeredModelId, version, ...place, limit, kind, alias]);
};
