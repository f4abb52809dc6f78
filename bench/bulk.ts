// Many runs with many metrics, written by SQL as logging and compaction would leave them. For sizes where logging them would take hours.
import pg from 'pg';
import { packDeflated, type Section } from '../src/codec/points.ts';

export const WIDE_START = 1_700_000_000_000;
export const wideKey = (key: number) => `wide_${key}`;
/** The same in JavaScript and in SQL (VALUE), so that what a search must find is known. */
export const wideValue = (run: number, key: number) => ((run * 7_919 + key * 104_729) % 1_000_003) / 1_000_003;
const VALUE = '((r.number * 7919 + k.number * 104729) % 1000003) / 1000003::double precision';
const BATCH = 250;

/**
 * Makes runs 1 to `runs` - 1 beside `likeRun`, which is number 0 and has every key: the run, its statistics, and its points in one chunk. The indexes on
 * the statistics are made afterwards and the table isn't written ahead: both only for loading, what stands there afterwards is the same.
 */
export async function loadWide(url: string, given: { likeRun: string; runs: number; keys: number }, tell: (done: number) => void): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows = async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) => (await client.query<T>(text, values)).rows;
  try {
    const [like] = await rows<{ team_id: number; experiment_id: number }>('select team_id, experiment_id from runs where run_id = $1', [
      given.likeRun,
    ]);
    const { team_id: team, experiment_id: experiment } = like!;
    const names = Array.from({ length: given.keys }, (_none, key) => wideKey(key));
    const found = await rows<{ name: string; key_id: number }>('select name, key_id from keys where team_id = $1 and name = any($2)', [team, names]);
    const idOf = new Map(found.map((row) => [row.name, row.key_id]));
    const keyIds = names.map((name) => idOf.get(name)!);
    const byId = keyIds.map((keyId, key) => ({ keyId, key })).sort((a, b) => a.keyId - b.keyId);
    const indexes = await rows<{ name: string; definition: string; constraint: string | null }>(
      `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition, pg_get_constraintdef(k.oid) as constraint
         from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_constraint k on k.conindid = i.indexrelid
        where i.indrelid = 'run_metrics'::regclass`,
    );
    await rows("set synchronous_commit = off; set maintenance_work_mem = '2GB'; set max_parallel_maintenance_workers = 2");
    for (const { name, constraint } of indexes) {
      await rows(constraint ? `alter table run_metrics drop constraint ${name}` : `drop index ${name}`);
    }
    await rows('alter table run_metrics set unlogged');
    for (let from = 1; from < given.runs; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, given.runs - from) }, (_none, index) => from + index);
      const runIds = numbers.map((number) => `018bcfe568007${(number + 0x100000).toString(16).padStart(19, '8')}`);
      const chunks = await Promise.all(numbers.map((number) => packDeflated(byId.map(({ keyId, key }) => sectionOf(number, keyId, key)))));
      await rows(
        `insert into runs (team_id, run_id, experiment_id, name, status, start_time, end_time, artifact_uri)
         select $1, r.run_id, $2, 'wide-' || r.number, 'FINISHED', ${WIDE_START} + r.number, ${WIDE_START} + r.number + 500, 'mlflow-artifacts:/none'
           from unnest($3::uuid[], $4::integer[]) as r (run_id, number)`,
        [team, experiment, runIds, numbers],
      );
      await rows(
        `insert into run_metrics (team_id, run_id, key_id, experiment_id, value, step, timestamp, min, max, scaled_sum, count, nan_count, first_value, first_step, first_timestamp)
         select $1, run_id, key_id, $2, value, 0, time, value, value, value * 2::double precision ^ -64, 1, 0, value, 0, time
           from (select r.run_id, k.key_id, ${VALUE} as value, ${WIDE_START} + r.number as time
                   from unnest($3::uuid[], $4::bigint[]) as r (run_id, number) cross join unnest($5::integer[]) with ordinality as o (key_id, place)
                  cross join lateral (select o.key_id, o.place - 1 as number) k) v`,
        [team, experiment, runIds, numbers, keyIds],
      );
      await rows(
        `insert into metric_chunks (team_id, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, points)
         select $1, r.run_id, 0, $2, $3, $4, 0, 0, ${WIDE_START} + r.number, ${WIDE_START} + r.number, false, r.points
           from unnest($5::uuid[], $6::bigint[], $7::bytea[]) as r (run_id, number, points)`,
        [team, byId[0]!.keyId, byId.at(-1)!.keyId, given.keys, runIds, numbers, chunks],
      );
      if ((from - 1) % (20 * BATCH) === 0) tell(from - 1 + numbers.length);
    }
    for (const { name, definition, constraint } of indexes) {
      await rows(constraint ? `alter table run_metrics add constraint ${name} ${constraint}` : definition);
    }
  } finally {
    await client.end();
  }
}

const sectionOf = (run: number, keyId: number, key: number): Section => [
  keyId,
  { steps: [0], timestamps: [WIDE_START + run], values: [wideValue(run, key)] },
];
