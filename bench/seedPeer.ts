// A peer's runs written straight into its tables, for peers whose API would take most of an hour: each row is one that the peer wrote itself, with
// another run's id, times and values. Whether that went right is what the searches' answers show.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Data } from './data.ts';
import { tagsOf } from './seed.ts';

const BATCH = 500;
/** What differs from run to run, by table and column; anything else is as in the run that is copied. `u` are the values given. */
const GIVEN: Record<string, Record<string, string>> = {
  runs: {
    run_uuid: 'u.run_uuid',
    name: 'u.name',
    start_time: 'u.start_time',
    end_time: 'u.start_time + 500',
    artifact_uri: 'replace(t.artifact_uri, t.run_uuid, u.run_uuid)',
    row_num: '(select max(row_num) from runs) + u.place',
  },
  params: { run_uuid: 'u.run_uuid', value: 'u.value', value_str: 'u.value' },
  tags: { run_uuid: 'u.run_uuid', value: 'u.value' },
  metrics: { run_uuid: 'u.run_uuid', value: 'u.value', timestamp: 'u.timestamp' },
  latest_metrics: { run_uuid: 'u.run_uuid', value: 'u.value', timestamp: 'u.timestamp' },
};
const TEXTS = 'unnest($2::text[], $3::text[], $4::text[]) u (run_uuid, key, value)';
const POINTS = 'unnest($2::text[], $3::text[], $4::float8[], $5::bigint[]) u (run_uuid, key, value, timestamp)';

/** Makes the runs of `data` from number `from` on like `likeRun`, which was logged and finished through the API. Their ids. */
export async function seedPeer(url: string, data: Data, from: number, likeRun: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // References are right as they are made, and the peer's own checks of them would take half of the time. Only a superuser may say so.
    await client.query('set session_replication_role = replica').catch(() => {});
    await client.query('set synchronous_commit = off');
    const insert = new Map<string, string>();
    for (const [table, given] of Object.entries(GIVEN)) {
      const { rows } = await client.query<{ name: string }>(
        `select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1`,
        [table],
      );
      const columns = rows.map((row) => row.name);
      insert.set(
        table,
        `insert into ${table} (${columns.join(', ')}) select ${columns.map((name) => given[name] ?? `t.${name}`).join(', ')} from ${table} t join`,
      );
    }
    const ids: string[] = [];
    for (let start = from; start < data.count; start += BATCH) {
      const runs = Array.from({ length: Math.min(BATCH, data.count - start) }, (_none, offset) => ({
        id: randomBytes(16).toString('hex'),
        ...data.run(start + offset),
      }));
      ids.push(...runs.map((run) => run.id));
      const texts = (values: { id: string; key: string; value: string }[]) => [
        likeRun,
        values.map((one) => one.id),
        values.map((one) => one.key),
        values.map((one) => one.value),
      ];
      const points = runs.flatMap((run) => run.metrics.map((metric) => ({ id: run.id, ...metric })));
      const logged = [
        likeRun,
        points.map((one) => one.id),
        points.map((one) => one.key),
        points.map((one) => one.value),
        points.map((one) => one.timestamp),
      ];
      const own = 'on t.run_uuid = $1 and t.key = u.key';
      await client.query('begin');
      await client.query(
        `${insert.get('runs')} unnest($2::text[], $3::text[], $4::bigint[]) with ordinality u (run_uuid, name, start_time, place) on t.run_uuid = $1`,
        [likeRun, runs.map((run) => run.id), runs.map((run) => run.name), runs.map((run) => run.startTime)],
      );
      await client.query(`${insert.get('params')} ${TEXTS} ${own}`, texts(runs.flatMap((run) => run.params.map((one) => ({ id: run.id, ...one })))));
      await client.query(`${insert.get('tags')} ${TEXTS} ${own}`, texts(runs.flatMap((run) => tagsOf(run).map((one) => ({ id: run.id, ...one })))));
      await client.query(`${insert.get('metrics')} ${POINTS} ${own}`, logged);
      await client.query(`${insert.get('latest_metrics')} ${POINTS} ${own}`, logged);
      await client.query('commit');
    }
    return ids;
  } finally {
    await client.end();
  }
}
