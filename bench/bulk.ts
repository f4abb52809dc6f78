// Many runs with many metrics, written by SQL as logging and compaction would leave them. For sizes where logging them would take hours.
import { statfs } from 'node:fs/promises';
import type pg from 'pg';
import { packDeflated, type Section } from '../src/points/codec/packing.ts';
import { query } from './postgres.ts';
import { fillUnindexed, inLanes } from './unindexed.ts';

export const WIDE_START = 1_700_000_000_000;
export const wideKey = (key: number) => `wide_${key}`;
/** The same in JavaScript and in SQL (VALUE), so that what a search must find is known. */
export const wideValue = (run: number, key: number) => ((run * 7_919 + key * 104_729) % 1_000_003) / 1_000_003;
const VALUE = '((number * 7919 + key * 104729) % 1000003) / 1000003::double precision';
const BATCH = 250;
/** Rows after which their pages are vacuumed, while they are still in memory. */
const VACUUM_ROWS = 6_000_000;
/** Of a value with its indexes, and of what sorting them takes meanwhile. */
const BYTES = 270 + 110;

/** Why so many values can't be loaded here; undefined where they can. `folder`: on the disk of the database. */
export async function lackOfRoom(folder: string, runs: number, keys: number): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(folder);
  const [free, needed] = [bavail * bsize, runs * keys * BYTES];
  if (needed < free * 0.95) return undefined;
  const fitting = Math.floor((free * 0.9) / BYTES / keys / 1_000) * 1_000;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(0)} GB`;
  return `${runs}x${keys} takes about ${gb(needed)} of disk while it is loaded, and ${folder} has ${gb(free)} left: --wide ${fitting}x${keys} would fit`;
}

/** Makes runs 1 to `runs` - 1 beside `likeRun`, which is number 0 and has every key: the run, its statistics, and its points in one chunk. */
export async function loadWide(url: string, given: { likeRun: string; runs: number; keys: number }, tell: (done: number) => void): Promise<void> {
  const [like] = await query<{ team_id: number; experiment_id: number }>(url, 'select team_id, experiment_id from runs where run_id = $1', [
    given.likeRun,
  ]);
  const { team_id: team, experiment_id: experiment } = like!;
  const names = Array.from({ length: given.keys }, (_none, key) => wideKey(key));
  const found = await query<{ name: string; key_id: number }>(url, 'select name, key_id from keys where team_id = $1 and name = any($2)', [
    team,
    names,
  ]);
  const idOf = new Map(found.map((row) => [row.name, row.key_id]));
  const byId = names.map((name, key) => ({ keyId: idOf.get(name)!, key })).sort((a, b) => a.keyId - b.keyId);
  const keyIds = byId.map((one) => one.keyId);
  const keys = byId.map((one) => one.key);
  const batches = Array.from({ length: Math.ceil((given.runs - 1) / BATCH) }, (_none, batch) => {
    const from = 1 + batch * BATCH;
    const numbers = Array.from({ length: Math.min(BATCH, given.runs - from) }, (_empty, index) => from + index);
    return { numbers, runIds: numbers.map((number) => `018bcfe568007${(number + 0x100000).toString(16).padStart(19, '8')}`) };
  });

  for (const { runIds, numbers } of batches) {
    await query(
      url,
      `insert into runs (team_id, run_id, experiment_id, name, status, start_time, end_time, artifact_uri)
       select $1, r.run_id, $2, 'wide-' || r.number, 'FINISHED', ${WIDE_START} + r.number, ${WIDE_START} + r.number + 500, 'mlflow-artifacts:/none'
         from unnest($3::uuid[], $4::integer[]) as r (run_id, number)`,
      [team, experiment, runIds, numbers],
    );
  }
  const waiting = [...batches];
  let rows = 0;
  const load = async (client: pg.Client) => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const { numbers, runIds } = batch;
      // Run by run and key by key, as the primary key has them.
      const metrics = client.query(
        `insert into run_metrics (team_id, run_id, key_id, experiment_id, value, step, timestamp, min, max, scaled_sum, count, nan_count, first_value, first_step, first_timestamp)
         select $1, run_id, key_id, $2, value, 0, time, value, value, value * 2::double precision ^ -64, 1, 0, value, 0, time
           from (select run_id, key_id, ${VALUE} as value, ${WIDE_START} + number as time
                   from (select r.run_id, r.number, unnest($5::integer[]) as key_id, unnest($6::bigint[]) as key
                           from unnest($3::uuid[], $4::bigint[]) as r (run_id, number)) k) v`,
        [team, experiment, runIds, numbers, keyIds, keys],
      );
      const packing = numbers.map((number) => packDeflated(byId.map(({ keyId, key }) => sectionOf(number, keyId, key))));
      const [packed] = await Promise.all([Promise.all(packing), metrics]);
      await client.query(
        `insert into metric_chunks (team_id, run_id, key_id, first_key, last_key, count, from_step, to_step, from_timestamp, to_timestamp, by_time, points)
         select $1, r.run_id, 0, $2, $3, $4, 0, 0, ${WIDE_START} + r.number, ${WIDE_START} + r.number, false, r.points
           from unnest($5::uuid[], $6::bigint[], $7::bytea[]) as r (run_id, number, points)`,
        [team, keyIds[0], keyIds.at(-1), given.keys, runIds, numbers, packed],
      );
      rows += numbers.length * given.keys;
      if (rows < VACUUM_ROWS) continue;
      rows = 0;
      tell(numbers.at(-1)!);
      await client.query('vacuum run_metrics');
    }
  };
  await fillUnindexed(url, ['run_metrics', 'metric_chunks'], async () => {
    await inLanes(url, [load, load]);
    await query(url, 'vacuum run_metrics, metric_chunks');
  });
}

const sectionOf = (run: number, keyId: number, key: number): Section => [
  keyId,
  { steps: [0], timestamps: [WIDE_START + run], values: [wideValue(run, key)] },
];
