// Very long curves, ours alone: what drawing them costs once they are compacted, what they take on disk, and what compaction costs those that log.
import pg from 'pg';
import { call, type Entry, type Json, judged, makeRuns, type World } from '../act.ts';
import { type Cell, percentile } from '../cell.ts';
import { inParallel } from '../http.ts';
import { type Call, latency, throughput } from '../load.ts';
import { query, settle } from '../postgres.ts';
import { curve, SPIKE } from '../seed.ts';
import { ASKED, CURVES, checkCurves, graphql, intervalOf, SERIES } from './history.ts';
import { checkPoints, keys, LOG_BATCH, LOG_METRIC, METRIC } from './ingest.ts';

type Set = (entry: Entry, cell: Cell) => void;
type Tell = (text: string) => void;

const MANY_STEPS = 100_000;
const ONE_STEPS = 10_000_000;
const REQUEST = 1_000;
const CLIENTS = 16;

export async function long(world: World, set: Set, tell: Tell): Promise<void> {
  await priceOfCompaction(world, set);
  await manyCurves({ ...world, options: { ...world.options, points: MANY_STEPS } }, set, tell);
  await oneCurve(world, set, tell);
}

/** Logs `steps` points to each of the runs, all growing together, by 16 clients. */
async function logLong(world: World, runIds: string[], steps: number, tell: Tell): Promise<void> {
  const requests = (steps / REQUEST) * runIds.length;
  await inParallel(requests, CLIENTS, async (index) => {
    const series = index % runIds.length;
    const from = Math.floor(index / runIds.length) * REQUEST;
    const metrics = Array.from({ length: REQUEST }, (_none, offset) => {
      const step = from + offset;
      return { key: 'loss', value: curve(series, step, steps), timestamp: 1_700_000_000_000 + step * 1_000, step };
    });
    await call(world, 'POST', 'runs/log-batch', { run_id: runIds[series]!, metrics });
    if ((index + 1) % 1_000 === 0) tell(`long: ${((index + 1) * REQUEST).toLocaleString('en')} points logged`);
  });
}

const bytesOfChunks = async (database: string): Promise<number> => {
  const [row] = await query<{ size: string }>(database, `select pg_total_relation_size('metric_chunks') as size`);
  return Number(row!.size);
};

async function manyCurves(world: World, set: Set, tell: Tell): Promise<void> {
  const { database } = world.target;
  const title = `${CURVES} curves × ${MANY_STEPS.toLocaleString('en')} points, compacted`;
  const { experimentId, runIds } = await makeRuns(world, 'long-curves', CURVES);
  await settle(database);
  const before = await bytesOfChunks(database);
  await logLong(world, runIds, MANY_STEPS, tell);
  await settle(database);
  set(
    { id: 'long-bytes', title: `${title}: bytes a point on disk`, unit: 'B', goal: 16 },
    { value: ((await bytesOfChunks(database)) - before) / (CURVES * MANY_STEPS) },
  );

  const variables = { experiment: experimentId };
  const { team } = await graphql(world, SERIES, variables);
  const drawn = team.runs.nodes.map((run: Json) => ({ runId: run.runId, points: run.series[0]?.points ?? [] }));
  const body = JSON.stringify({ query: SERIES, variables });
  set(
    { id: 'long-series', title: `${title}, GraphQL: min and max kept, to ${ASKED}`, unit: 'ms', goal: 150 },
    judged(await latency(world, { path: '/graphql', body }), checkCurves(world, runIds, drawn, true, ASKED)),
  );
  const { path, wrong } = await intervalOf(world, runIds);
  set(
    { id: 'long-interval', title: `${title}, MLflow's get-history-bulk-interval, to ${ASKED}`, unit: 'ms' },
    judged(await latency(world, { method: 'GET', path }), wrong),
  );
}

async function oneCurve(world: World, set: Set, tell: Tell): Promise<void> {
  const { runIds } = await makeRuns(world, 'long-curve', 1);
  await logLong(world, runIds, ONE_STEPS, tell);
  await settle(world.target.database);
  const text = `query ($run: String!) { run(runId: $run) { series(keys: ["loss"], maxPoints: ${ASKED}) { points { step value } } } }`;
  const variables = { run: runIds[0]! };
  const { run } = await graphql(world, text, variables);
  const points: { step: number; value: number }[] = run.series[0]?.points ?? [];
  const right =
    points.length <= ASKED &&
    points.length >= ASKED / 2 &&
    points.some(({ value }) => value === SPIKE) &&
    points.every(({ step, value }) => value === curve(0, Number(step), ONE_STEPS));
  set(
    { id: 'long-one', title: `one curve of ${ONE_STEPS.toLocaleString('en')} points, GraphQL: to ${ASKED}`, unit: 'ms', goal: 100 },
    judged(
      await latency(world, { path: '/graphql', body: JSON.stringify({ query: text, variables }) }),
      right ? undefined : 'not the curve that was logged',
    ),
  );
}

/** With and without, this many times in turn. */
const TURNS = 4;

/** What logs at once, while compaction may write and while it may not, in turn; at least nine tenths must be left. */
async function priceOfCompaction(world: World, set: Set): Promise<void> {
  const works: { id: string; title: string; path: string; body: string; key: string }[] = [
    { id: 'price-metric', title: `${CLIENTS} clients, log one metric`, path: LOG_METRIC, body: METRIC, key: 'loss' },
    { id: 'price-batch100', title: `${CLIENTS} clients, log-batch 100 keys`, path: LOG_BATCH, body: keys(100), key: 'key_7' },
  ];
  for (const { id, title, path, body, key } of works) {
    const { runIds } = await makeRuns(world, id, CLIENTS);
    const request: Call = { path, body, runs: runIds };
    const rates = { paused: [] as number[], running: [] as number[] };
    const written = { paused: 0, running: 0 };
    let [sent, slack, errors] = [0, 0, 0];
    const turn = async (name: keyof typeof rates) => {
      const before = await chunksWritten(world);
      const cell = await throughput({ ...world, options: { ...world.options, repeats: 1 } }, CLIENTS, request);
      rates[name].push(cell.value);
      errors += cell.errors ?? 0;
      sent += cell.sent;
      slack += cell.cutOff + (cell.errors ?? 0);
      written[name] += (await chunksWritten(world)) - before;
    };
    for (let index = 0; index < TURNS; index += 1) {
      const resume = await pauseCompaction(world);
      try {
        await turn('paused');
      } finally {
        await resume();
      }
      await turn('running');
    }
    const wrong =
      written.paused > 0
        ? 'compaction was not paused'
        : written.running === 0
          ? 'there was nothing to compact'
          : await checkPoints(world, runIds, key, sent, 1, slack);
    const paused = percentile(rates.paused, 0.5);
    set({ id: `${id}-paused`, title: `${title}, compaction paused`, unit: '/s' }, { value: paused });
    const cell: Cell = { value: percentile(rates.running, 0.5), ...(errors > 0 ? { errors } : {}) };
    set({ id: `${id}-running`, title: `${title}, while compaction works off that too`, unit: '/s', goal: 0.9 * paused }, judged(cell, wrong));
  }
}

async function chunksWritten({ target }: World): Promise<number> {
  const [row] = await query<{ last: string | null }>(
    target.database,
    `select last_value as last from pg_sequences where sequencename = 'metric_chunks_chunk_id_seq'`,
  );
  return Number(row!.last ?? 0);
}

/** Those that log only read chunks; compaction waits at its first write of one. Returns what lets it go on. */
async function pauseCompaction({ target }: World): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: target.database });
  await client.connect();
  await client.query('begin');
  await client.query('lock table metric_chunks in share mode');
  return async () => {
    await client.query('rollback');
    await client.end();
  };
}
