// How Postgres finds runs that it has no statistics of: in the first minutes of an installation, after an import, after a restore.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRuns } from '../../src/db/tracking/experimentPages.ts';
import { runPage } from '../../src/db/tracking/runPages.ts';
import type { Db, Statement } from '../../src/postgres/pool.ts';
import { searchRuns } from '../../src/search/search.ts';
import { openScene, type Process, type Scene } from '../points/scene.ts';

const RUNS = 2_000;
const PAGE = 50;
/** Of one statement: a few for each run. Reading an experiment once for each of its runs takes a hundred times as many. */
const MOST_BUFFERS = 12 * RUNS;
/** Metrics that each run has beside those searched by. */
const OTHERS = 20;

let scene: Scene;
let ctx: Process;

beforeAll(async () => {
  scene = await openScene();
  [ctx] = scene.processes;
  const { teamId } = ctx.team;
  // What Postgres gathers by itself within a minute must not decide the test.
  for (const table of ['runs', 'run_metrics', 'run_params', 'run_tags', 'keys']) {
    await ctx.db.pool.query(`alter table ${table} set (autovacuum_enabled = false)`);
  }
  const keys = ['loss', 'rare', 'wide', 'model', 'seed', 'owner'];
  await ctx.db.rows({ text: 'insert into keys (team_id, name) select $1, n from unnest($2::text[]) n' }, [teamId, keys]);
  await ctx.db.rows(
    {
      text: 'insert into experiments (team_id, experiment_id, name, artifact_location, creation_time, last_update_time) values ($1, 1, $2, $2, 0, 0)',
    },
    [teamId, 'newer'],
  );
  await load(0);
});
afterAll(() => scene.close());

/** 2,000 runs in the experiment. */
async function load(experimentId: number): Promise<void> {
  const { teamId } = ctx.team;
  const run = `('00000000-0000-7000-8000-' || lpad(to_hex($3::integer * 100000 + n), 12, '0'))::uuid`;
  const key = (name: string) => `(select key_id from keys where team_id = $1 and name = '${name}')`;
  const each = 'from generate_series(1, $2::integer) n';
  const metric = (keyId: string | number, value: string) => `insert into run_metrics
    (team_id, run_id, key_id, experiment_id, value, step, timestamp, first_value, first_step, first_timestamp, count)
    select $1, ${run}, ${keyId}, $3::integer, ${value}, 0, 0, 0, 0, 0, 1 ${each}`;
  const text = (table: string, name: string, value: string) =>
    `insert into ${table} (team_id, run_id, key_id, experiment_id, value) select $1, ${run}, ${key(name)}, $3::integer, ${value} ${each}`;
  for (const statement of [
    `insert into runs (team_id, run_id, experiment_id, name, status, start_time, artifact_uri)
     select $1, ${run}, $3::integer, 'run-' || lpad(n::text, 6, '0'), 'FINISHED', n * 1000, 'file:///x' ${each}`,
    metric(key('loss'), '(n * 7919 % 8000) / 8000.0'),
    metric(key('wide'), 'n % 10'),
    metric(key('rare'), '(n * 104729 % 8000) / 8000.0'),
    ...Array.from({ length: OTHERS }, (_none, index) => metric(1_000 + index, 'n % 100')),
    text('run_params', 'model', `(array['cnn', 'rnn', 'tree', 'lstm'])[n % 4 + 1]`),
    text('run_params', 'seed', `(n % 2000)::text`),
    text('run_tags', 'owner', `'owner ' || n % 5`),
  ]) {
    await ctx.db.rows({ text: statement }, [teamId, RUNS, experimentId]);
  }
}

type Explained = { Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } };

/** A database that notes how many buffers each statement reads. */
function counting(db: Db, buffers: number[]): Db {
  const rows = async <R>(statement: Statement, values?: unknown[]): Promise<R[]> => {
    if (statement.text.startsWith('/* statistics.')) return db.rows<R>(statement, values);
    const [plan] = await db.rows<{ 'QUERY PLAN': [Explained] }>({ text: `explain (analyze, buffers, format json) ${statement.text}` }, values);
    const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = plan!['QUERY PLAN'][0].Plan;
    buffers.push(hit + read);
    return db.rows<R>(statement, values);
  };
  return {
    ...db,
    rows,
    row: async <R>(statement: Statement, values?: unknown[]) => (await rows<R>(statement, values))[0],
    tx: (work) => work(counting(db, buffers)),
  };
}

const scopeOf = (experimentId: number) => ({ experimentIds: [experimentId], lifecycle: 'ACTIVE' as const });
const searchOf = (filter: string, orderBy: string[]) => searchRuns({ dialect: 'widened', filter, orderBy, now: Date.now() });
const numbers = Array.from({ length: RUNS }, (_none, index) => RUNS - index);
const loss = (n: number) => ((n * 7_919) % 8_000) / 8_000;
const rare = (n: number) => ((n * 104_729) % 8_000) / 8_000;
const byRare = (a: number, b: number) => rare(b) - rare(a);

const PAGES: [filter: string, orderBy: string[], expected: number[]][] = [
  ['', ['metrics.rare DESC'], numbers.toSorted(byRare)],
  ['metrics.loss < 0.5', ['metrics.rare DESC'], numbers.filter((n) => loss(n) < 0.5).sort(byRare)],
  ['metrics.rare > 0.5', ['metrics.rare DESC'], numbers.filter((n) => rare(n) > 0.5).sort(byRare)],
  [
    'metrics.wide < 9 and metrics.loss < 0.9 and metrics.rare < 0.9',
    ['metrics.rare DESC'],
    numbers.filter((n) => n % 10 < 9 && loss(n) < 0.9 && rare(n) < 0.9).sort(byRare),
  ],
  ["params.model = 'cnn'", ['metrics.rare DESC'], numbers.filter((n) => n % 4 === 0).sort(byRare)],
  ['loss < 0.01 and wide < 9 and model = cnn', [], numbers.filter((n) => loss(n) < 0.01 && n % 10 < 9 && n % 4 === 0)],
  ["tags.owner = 'owner 3' and metrics.loss > 0.2", [], numbers.filter((n) => n % 5 === 3 && loss(n) > 0.2)],
  [
    "params.model != 'cnn' or metrics.loss > 0.99",
    ['params.seed'],
    numbers.filter((n) => n % 4 !== 0 || loss(n) > 0.99).sort((a, b) => (a % 2_000) - (b % 2_000) || b - a),
  ],
];

async function findPage(experimentId: number, filter: string, orderBy: string[]) {
  const buffers: number[] = [];
  const { rows } = await runPage(counting(ctx.db, buffers), ctx.team.teamId, scopeOf(experimentId), searchOf(filter, orderBy), PAGE);
  return { names: rows.map((row) => Number(row.name.slice(4))), most: Math.max(...buffers) };
}

test.each(PAGES)('%s by %s reads each run a few times at most', async (filter, orderBy, expected) => {
  const { names, most } = await findPage(0, filter, orderBy);
  expect(names).toEqual(expected.slice(0, PAGE));
  expect(most).toBeLessThan(MOST_BUFFERS);
});

test.each<[filter: string, count: number]>([
  ['metrics.loss < 0.5 and metrics.rare > 0.5', numbers.filter((n) => loss(n) < 0.5 && rare(n) > 0.5).length],
  ["params.model = 'cnn' and tags.owner = 'owner 3'", numbers.filter((n) => n % 20 === 8).length],
])('counting %s reads each run a few times at most', async (filter, count) => {
  const buffers: number[] = [];
  expect(await countRuns(counting(ctx.db, buffers), ctx.team.teamId, scopeOf(0), searchOf(filter, []))).toBe(count);
  expect(Math.max(...buffers)).toBeLessThan(MOST_BUFFERS);
});

describe('in an experiment that is newer than the statistics', () => {
  beforeAll(() => load(1));

  // The last one reads the whole experiment, by a plan that only statistics can improve.
  test.each(PAGES.slice(0, -1))('%s by %s reads each run a few times at most', async (filter, orderBy, expected) => {
    const { names, most } = await findPage(1, filter, orderBy);
    expect(names).toEqual(expected.slice(0, PAGE));
    expect(most).toBeLessThan(MOST_BUFFERS);
  });
});
