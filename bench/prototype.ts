// The least that a Node process over Postgres can cost: MLflow's calls for logging, with group commit, real tables and indexes, and nothing around them.
// No authentication, permission, limits, checks, duplicates or live changes. A yardstick beside ours (`--prototype`), not a server to use.
import { randomBytes } from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';

const SCHEMA = `
  create table experiment (experiment_id integer generated always as identity primary key, name text not null unique);
  create table key (key_id integer generated always as identity primary key, name text not null unique);
  create table run (run_id uuid primary key, experiment_id integer not null, name text not null, status text not null, start_time bigint not null);
  create index on run (experiment_id, start_time desc, run_id);
  create table block (block_id bigint generated always as identity primary key, run_id uuid not null, points bytea not null);
  create index on block (run_id);
  create table latest (run_id uuid, key_id integer, experiment_id integer not null, value float8 not null, step bigint not null, timestamp bigint not null,
    min float8 not null, max float8 not null, sum float8 not null, count bigint not null, primary key (run_id, key_id));
  create index on latest (experiment_id, key_id, value, run_id)`;
const CREATE = `insert into run select u.run_id, u.experiment_id, u.name, 'RUNNING', u.start_time
  from unnest($1::uuid[], $2::integer[], $3::text[], $4::bigint[]) u (run_id, experiment_id, name, start_time)`;
const LATER = '(excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)';
/** A block of each run, and latest value and statistics of each run and key. */
const LOG = `with blocks as (insert into block (run_id, points) select * from unnest($9::uuid[], $10::bytea[]))
  insert into latest as l select u.run_id, u.key_id, r.experiment_id, u.value, u.step, u.timestamp, u.min, u.max, u.sum, u.count
    from unnest($1::uuid[], $2::integer[], $3::float8[], $4::bigint[], $5::bigint[], $6::float8[], $7::float8[], $8::float8[], $11::bigint[])
      u (run_id, key_id, value, step, timestamp, min, max, sum, count) join run r on r.run_id = u.run_id order by u.run_id, u.key_id
  on conflict (run_id, key_id) do update set
    value = case when ${LATER} then excluded.value else l.value end, step = greatest(l.step, excluded.step),
    timestamp = case when ${LATER} then excluded.timestamp else l.timestamp end,
    min = least(l.min, excluded.min), max = greatest(l.max, excluded.max), sum = l.sum + excluded.sum, count = l.count + excluded.count`;

type Point = { key: string; value: number; step: number; timestamp: number };
type Stat = { run: string; key: number; last: Point; min: number; max: number; sum: number; count: number };
type Created = { id: string; experiment: number; name: string; start: number };
type Logged = { run: string; points: Point[] };

const later = (a: Point, b: Point) => (a.step - b.step || a.timestamp - b.timestamp || a.value - b.value) > 0;
const literal = (list: unknown[]) => `{${list.join(',')}}`;

/** What arrives while a transaction is under way waits and goes into the next one together; answered after its commit. */
function grouped<T>(commit: (all: T[]) => Promise<unknown>): (one: T) => Promise<void> {
  let waiting: { one: T; done(): void; failed(error: unknown): void }[] = [];
  let busy = false;
  const next = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      try {
        await commit(taken.map(({ one }) => one));
        for (const { done } of taken) done();
      } catch (error) {
        for (const { failed } of taken) failed(error);
      }
    }
    busy = false;
  };
  return (one) =>
    new Promise((done, failed) => {
      waiting.push({ one, done, failed });
      if (!busy) void next();
    });
}

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
await pool.query(SCHEMA);
const keys = new Map<string, number>();

async function intern(names: Set<string>): Promise<void> {
  const { rows } = await pool.query<{ key_id: number; name: string }>('insert into key (name) select unnest($1::text[]) returning key_id, name', [
    [...names],
  ]);
  for (const { key_id, name } of rows) keys.set(name, key_id);
}

const create = grouped((all: Created[]) =>
  pool.query({
    name: 'create',
    text: CREATE,
    values: [
      literal(all.map((one) => one.id)),
      literal(all.map((one) => one.experiment)),
      all.map((one) => one.name),
      literal(all.map((one) => one.start)),
    ],
  }),
);

const log = grouped(async (all: Logged[]) => {
  const unknown = new Set(all.flatMap(({ points }) => points.flatMap(({ key }) => (keys.has(key) ? [] : [key]))));
  if (unknown.size > 0) await intern(unknown);
  const stats = new Map<string, Map<number, Stat>>();
  const numbers = new Map<string, number[]>();
  for (const { run, points } of all) {
    const ofRun = stats.get(run) ?? new Map<number, Stat>();
    const block = numbers.get(run) ?? [];
    stats.set(run, ofRun);
    numbers.set(run, block);
    for (const point of points) {
      const key = keys.get(point.key)!;
      block.push(key, point.step, point.timestamp, point.value);
      const stat = ofRun.get(key);
      if (!stat) ofRun.set(key, { run, key, last: point, min: point.value, max: point.value, sum: point.value, count: 1 });
      else {
        if (later(point, stat.last)) stat.last = point;
        stat.min = Math.min(stat.min, point.value);
        stat.max = Math.max(stat.max, point.value);
        stat.sum += point.value;
        stat.count += 1;
      }
    }
  }
  const rows = [...stats.values()].flatMap((ofRun) => [...ofRun.values()]);
  const column = (value: (row: Stat) => unknown) => literal(rows.map(value));
  const blocks = [...numbers.values()].map((block) => `"\\\\x${Buffer.from(new Float64Array(block).buffer).toString('hex')}"`);
  const values = [
    ...[column((row) => row.run), column((row) => row.key), column((row) => row.last.value), column((row) => row.last.step)],
    ...[column((row) => row.last.timestamp), column((row) => row.min), column((row) => row.max), column((row) => row.sum)],
    ...[literal([...numbers.keys()]), literal(blocks), column((row) => row.count)],
  ];
  await pool.query({ name: 'log', text: LOG, values });
});

const app = fastify({ bodyLimit: 1 << 24 });
const at = '/api/2.0/mlflow';
app.get('/health', async () => 'OK');
app.post<{ Body: { name: string } }>(`${at}/experiments/create`, async ({ body }) => {
  const { rows } = await pool.query('insert into experiment (name) values ($1) returning experiment_id', [body.name]);
  return { experiment_id: String(rows[0].experiment_id) };
});
app.post<{ Body: { experiment_id: string; run_name: string; start_time: number } }>(`${at}/runs/create`, async ({ body }) => {
  const id = `${Date.now().toString(16).padStart(12, '0')}7${randomBytes(10).toString('hex').slice(1)}`;
  const { experiment_id, run_name, start_time } = body;
  await create({ id, experiment: Number(experiment_id), name: run_name, start: start_time });
  return { run: { info: { run_id: id, run_uuid: id, experiment_id, run_name, start_time, status: 'RUNNING' }, data: {} } };
});
app.post<{ Body: Point & { run_id: string } }>(`${at}/runs/log-metric`, async ({ body }) => {
  await log({ run: body.run_id, points: [body] });
  return {};
});
app.post<{ Body: { run_id: string; metrics: Point[] } }>(`${at}/runs/log-batch`, async ({ body }) => {
  await log({ run: body.run_id, points: body.metrics });
  return {};
});

// The rest is for checking what was stored.
app.get<{ Querystring: { run_id: string; metric_key: string } }>(`${at}/metrics/get-history`, async ({ query }) => {
  const { rows } = await pool.query<{ points: Buffer }>('select points from block where run_id = $1', [query.run_id]);
  const metrics: Point[] = [];
  for (const { points } of rows) {
    for (let from = 0; from < points.length; from += 32) {
      if (points.readDoubleLE(from) !== keys.get(query.metric_key)) continue;
      const [step, timestamp, value] = [8, 16, 24].map((offset) => points.readDoubleLE(from + offset)) as [number, number, number];
      metrics.push({ key: query.metric_key, step, timestamp, value });
    }
  }
  return { metrics };
});
app.post<{ Body: { experiment_ids: string[] } }>(`${at}/runs/search`, async ({ body }) => {
  const { rows } = await pool.query('select run_id from run where experiment_id = $1', [body.experiment_ids[0]]);
  return { runs: rows.map(({ run_id }) => ({ info: { run_id } })) };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
