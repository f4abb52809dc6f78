// Which keys the params, tags and metrics of experiments have, without reading their rows: indexes are walked from key to key.
import { type Db, type Statement, sql } from '../../postgres/pool.ts';

export type KeyKind = 'PARAM' | 'TAG' | 'METRIC';
export type FoundKey = { keyId: number; key: string };
export type KeyCount = { keyId: number; runs: number; values: number };

const TABLES = { PARAM: 'run_params', TAG: 'run_tags', METRIC: 'run_metrics' } as const;
const KINDS = Object.keys(TABLES) as KeyKind[];

const each = (make: (kind: KeyKind, table: string) => string): Record<KeyKind, Statement> =>
  Object.fromEntries(KINDS.map((kind) => [kind, sql(make(kind, TABLES[kind]))])) as Record<KeyKind, Statement>;

/** The next key of an experiment is one descent of run_…_key_idx (of metrics run_metrics_value_idx). */
const LIST = each(
  (kind, table) => `/* keys.of_${kind.toLowerCase()}s */
  with recursive found (experiment_id, key_id) as (
    select e.experiment_id, (select v.key_id from ${table} v where v.team_id = $1 and v.experiment_id = e.experiment_id order by v.key_id limit 1)
      from experiments e where e.team_id = $1 and ($2::integer[] is null or e.experiment_id = any($2::integer[]))
    union all
    select f.experiment_id, (select v.key_id from ${table} v where v.team_id = $1 and v.experiment_id = f.experiment_id and v.key_id > f.key_id order by v.key_id limit 1)
      from found f where f.key_id is not null
  )
  select k.key_id as "keyId", k.name as key from keys k
   where k.team_id = $1 and k.key_id in (select f.key_id from found f) and strpos(lower(k.name), lower($3::text)) > 0
   order by k.name collate "C" limit $4`,
);

/** `search`: the text that names hold; '' for all. */
export const keysOf = (
  db: Db,
  teamId: number,
  kind: KeyKind,
  query: { experimentIds: number[] | null; search: string; limit: number },
): Promise<FoundKey[]> => db.rows(LIST[kind], [teamId, query.experimentIds, query.search, query.limit]);

const COUNTS = each(
  (kind, table) => `/* keys.counts_of_${kind.toLowerCase()}s */
  with newest as (
    select r.run_id from runs r
     where r.team_id = $1 and ($2::integer[] is null or r.experiment_id = any($2::integer[])) and r.deleted_at is null
     order by r.start_time desc, r.run_id limit $4
  )
  select v.key_id as "keyId", count(*)::integer as runs, count(distinct v.value${kind === 'METRIC' ? '' : ' collate "C"'})::integer as values
    from ${table} v where v.team_id = $1 and v.run_id in (select n.run_id from newest n) and v.key_id = any($3::integer[]) group by v.key_id`,
);

/** Among the newest `runs` runs. Keys that none of them has are absent. */
export const countKeys = (
  db: Db,
  teamId: number,
  kind: KeyKind,
  query: { experimentIds: number[] | null; keyIds: number[]; runs: number },
): Promise<KeyCount[]> => db.rows(COUNTS[kind], [teamId, query.experimentIds, query.keyIds, query.runs]);
