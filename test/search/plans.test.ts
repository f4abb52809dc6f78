// How Postgres finds a page of runs: by indexes, and with no more rows read than the page is worth, whatever the experiment's size.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPage } from '../../src/db/tracking/runPages.ts';
import { readRuns } from '../../src/domain/tracking/runData.ts';
import type { Db, Statement } from '../../src/postgres/pool.ts';
import { searchRuns } from '../../src/search/search.ts';
import { openScene, type Process, type Scene } from '../points/scene.ts';

const RUNS = 8_000;
const PAGE = 50;

let scene: Scene;
let ctx: Process;

beforeAll(async () => {
  scene = await openScene();
  [ctx] = scene.processes;
  const { teamId } = ctx.team;
  const keys = ['loss', 'rare', 'wide', 'model', 'seed', 'owner'];
  await ctx.db.rows({ text: 'insert into keys (team_id, name) select $1, n from unnest($2::text[]) n' }, [teamId, keys]);
  const run = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const key = (name: string) => `(select key_id from keys where team_id = $1 and name = '${name}')`;
  const each = 'from generate_series(1, $2::integer) n';
  const metric = (name: string, value: string) => `insert into run_metrics
    (team_id, run_id, key_id, experiment_id, value, step, timestamp, first_value, first_step, first_timestamp, count)
    select $1, ${run('n')}, ${key(name)}, 0, ${value}, 0, 0, 0, 0, 0, 1 ${each}`;
  const text = (table: string, name: string, value: string) =>
    `insert into ${table} (team_id, run_id, key_id, experiment_id, value) select $1, ${run('n')}, ${key(name)}, 0, ${value} ${each}`;
  for (const statement of [
    `insert into runs (team_id, run_id, experiment_id, name, status, start_time, artifact_uri)
     select $1, ${run('n')}, 0, 'run-' || lpad(n::text, 6, '0'), 'FINISHED', n * 1000, 'file:///x' ${each}`,
    metric('loss', '(n * 7919 % 8000) / 8000.0'),
    metric('wide', 'n % 10'),
    metric('rare', '(n * 104729 % 8000) / 8000.0'),
    text('run_params', 'model', `(array['cnn', 'rnn', 'tree', 'lstm'])[n % 4 + 1]`),
    text('run_params', 'seed', `(n % 2000)::text`),
    text('run_tags', 'owner', `'owner ' || n % 5`),
  ]) {
    await ctx.db.rows({ text: statement }, [teamId, RUNS]);
  }
  await ctx.db.pool.query('vacuum (analyze) runs, run_metrics, run_params, run_tags');
});
afterAll(() => scene.close());

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
};
type Scan = { table: string; sequential: boolean; rows: number };
const scansIn = (plan: Plan): Scan[] => [
  ...(plan['Relation Name'] !== undefined && plan['Actual Loops'] > 0
    ? [
        {
          table: plan['Relation Name'],
          sequential: plan['Node Type'] === 'Seq Scan',
          rows: (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'],
        },
      ]
    : []),
  ...(plan.Plans ?? []).flatMap(scansIn),
];

/** A database that also explains each statement. */
function explaining(db: Db, scans: Scan[]): Db {
  const rows = async <R>(statement: Statement, values?: unknown[]): Promise<R[]> => {
    const [plan] = await db.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>({ text: `explain (analyze, format json) ${statement.text}` }, values);
    scans.push(...scansIn(plan!['QUERY PLAN'][0].Plan));
    return db.rows<R>(statement, values);
  };
  return {
    rows,
    row: async <R>(statement: Statement, values?: unknown[]) => (await rows<R>(statement, values))[0],
    tx: (work) => work(explaining(db, scans)),
  };
}

/** Searches in one process's memory of what helped: each remembers what the ones before have found out. */
function openSearches() {
  const scans: Scan[] = [];
  const db = explaining(ctx.db, scans);
  return (filter: string, orderBy: string[] = [], limit = PAGE) => {
    scans.length = 0;
    return findBy(db, scans, filter, orderBy, limit);
  };
}
const find = (filter: string, orderBy: string[]) => openSearches()(filter, orderBy);

async function findBy(db: Db, scans: Scan[], filter: string, orderBy: string[], limit: number) {
  const search = searchRuns({ dialect: 'mlflow', filter, orderBy, now: Date.now() });
  const scope = { experimentIds: [0], lifecycle: 'ACTIVE' as const };
  const { rows } = await runPage(db, ctx.team.teamId, scope, search, limit);
  if (rows.length > 0) await readRuns({ ...ctx, db: { ...ctx.db, ...db } } as Process, rows);
  const read = scans.filter(({ table }) => /^run/.test(table));
  return { names: rows.map((row) => Number(row.name.slice(4))), read };
}

const numbers = Array.from({ length: RUNS }, (_none, index) => RUNS - index);
const loss = (n: number) => (n * 7_919) % 8_000;
const rare = (n: number) => (n * 104_729) % 8_000;

describe.each<[name: string, filter: string, orderBy: string[], expected: number[]]>([
  ['the newest', '', [], numbers],
  ['those with the least of a metric', '', ['metrics.loss ASC'], numbers.toSorted((a, b) => loss(a) - loss(b))],
  ['those with the most of a metric', '', ['metrics.loss DESC'], numbers.toSorted((a, b) => loss(b) - loss(a))],
  ['a metric above what most have', 'metrics.rare > 0.95', [], numbers.filter((n) => rare(n) > 7_600)],
  ['a metric that nobody has so large', 'metrics.rare > 2', [], []],
  ['a param', "params.seed = '77'", [], numbers.filter((n) => n % 2_000 === 77)],
  [
    'a common param, by a metric',
    "params.model = 'cnn'",
    ['metrics.loss DESC'],
    numbers.filter((n) => n % 4 === 0).sort((a, b) => loss(b) - loss(a)),
  ],
  ['a common tag', "tags.owner = 'owner 3'", [], numbers.filter((n) => n % 5 === 3)],
  ['the beginning of a name', "attributes.run_name LIKE 'run-00012%'", [], numbers.filter((n) => n >= 120 && n < 130)],
  [
    'three clauses of which one is selective',
    "metrics.wide < 9 and tags.owner = 'owner 2' and params.seed = '1002'",
    ['metrics.loss DESC'],
    numbers.filter((n) => n % 2_000 === 1_002).sort((a, b) => loss(b) - loss(a)),
  ],
  [
    'a selective clause behind common ones, in another order',
    "tags.owner = 'owner 1' and params.model = 'rnn' and metrics.rare < 0.01",
    [],
    numbers.filter((n) => n % 20 === 1 && rare(n) < 80),
  ],
])('%s', (_name, filter, orderBy, expected) => {
  test('are found by indexes, with at most 20 rows read for each of the page', async () => {
    const { names, read } = await find(filter, orderBy);
    expect(names).toEqual(expected.slice(0, PAGE));
    expect(read.filter((scan) => scan.sequential)).toEqual([]);
    for (const { table, rows } of read) expect({ table, rows, few: rows <= 20 * (PAGE + 1) + 1 }).toEqual({ table, rows, few: true });
  });
});

const readIn = (read: Scan[]) => read.reduce((sum, { rows }) => sum + rows, 0);

test('of common clauses that are rare together, each is counted once, and soon only the smallest is read', async () => {
  const again = openSearches();
  const search = () => again("metrics.loss < 0.5 and params.model = 'cnn' and tags.owner = 'owner 3'", ['metrics.rare DESC']);
  const expected = numbers.filter((n) => loss(n) < 4_000 && n % 4 === 0 && n % 5 === 3).sort((a, b) => rare(b) - rare(a));
  const [first, second, third] = [await search(), await search(), await search()];
  for (const { names, read } of [first, second, third]) {
    expect(names).toEqual(expected.slice(0, PAGE));
    expect(read.filter((scan) => scan.sequential)).toEqual([]);
  }
  expect(readIn(first.read)).toBeLessThan(3 * RUNS);
  expect(readIn(third.read)).toBeLessThan(0.5 * readIn(first.read));
});

test('the order of a metric that few runs have goes on with the newest others, without sorting them', async () => {
  const { teamId } = ctx.team;
  await ctx.db.rows({ text: "insert into keys (team_id, name) values ($1, 'scarce')" }, [teamId]);
  await ctx.db.rows(
    {
      text: `insert into run_metrics (team_id, run_id, key_id, experiment_id, value, step, timestamp, first_value, first_step, first_timestamp, count)
             select $1, r.run_id, k.key_id, 0, (case when r.start_time = 3000 then 'NaN' else r.start_time::text end)::float8, 0, 0, 0, 0, 0, 1
               from runs r, keys k where r.team_id = $1 and k.team_id = $1 and k.name = 'scarce' and r.start_time <= 3000`,
    },
    [teamId],
  );
  for (const filter of ['', "params.model != 'cnn'"]) {
    const { names, read } = await find(filter, ['metrics.scarce DESC']);
    expect(names).toEqual([2, 1, 3, ...numbers.filter((n) => n > 3 && (filter === '' || n % 4 !== 0))].slice(0, PAGE));
    expect(readIn(read)).toBeLessThan(RUNS / 4);
  }
});

test('for a small page of common clauses, few of the runs are looked at', async () => {
  const again = openSearches();
  const search = () => again("metrics.loss < 0.5 and params.model = 'cnn' and tags.owner = 'owner 3'", ['metrics.rare DESC'], 4);
  const expected = numbers.filter((n) => loss(n) < 4_000 && n % 4 === 0 && n % 5 === 3).sort((a, b) => rare(b) - rare(a));
  await search();
  const { names, read } = await search();
  expect(names).toEqual(expected.slice(0, 4));
  // 200 of the 8,000 to find five, each with up to three values.
  expect(readIn(read)).toBeLessThan(800);
});

test('clauses that together name less than a page find the same again and again', async () => {
  const expected = numbers.filter((n) => loss(n) < 4_000 && n % 4 === 1 && n % 5 === 3 && rare(n) >= 7_000).sort((a, b) => loss(a) - loss(b));
  expect(expected.length).toBeLessThan(PAGE);
  const again = openSearches();
  for (const order of ['metrics.loss', 'metrics.loss DESC', 'metrics.loss']) {
    const filter = "metrics.loss < 0.5 and params.model = 'rnn' and tags.owner = 'owner 3' and metrics.rare >= 0.875 and metrics.rare < 2";
    const { names } = await again(filter, [order]);
    expect(names).toEqual(order.endsWith('DESC') ? expected.toReversed() : expected);
  }
});
