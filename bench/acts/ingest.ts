// Writing: creating runs and logging, by one Python client and by many at once. Every act ends by reading back what was acknowledged.
import { type Act, call, judged, makeRuns, readHistory, type World } from '../act.ts';
import { inParallel } from '../http.ts';
import { type Call, latency, throughput } from '../load.ts';

export const METRIC = '{"run_id":"@run","key":"loss","value":@n,"timestamp":1700000000000,"step":@n}';
export const LOG_METRIC = '/api/2.0/mlflow/runs/log-metric';
export const LOG_BATCH = '/api/2.0/mlflow/runs/log-batch';

export const keys = (count: number) =>
  `{"run_id":"@run","metrics":[${Array.from({ length: count }, (_none, key) => `{"key":"key_${key}","value":@n,"timestamp":1700000000000,"step":@n}`).join(',')}]}`;
const steps = (count: number) =>
  `{"run_id":"@run","metrics":[${Array.from({ length: count }, (_none, step) => `{"key":"loss","value":0.5,"timestamp":1700000000000,"step":@n${String(step).padStart(3, '0')}}`).join(',')}]}`;

const runsFor = (world: World, name: string, count: number) => world.once(name, () => makeRuns(world, name, count));

/** Acknowledged means stored, once: of every request `each` points under `key`, up to `slack` requests more that were cut off at the end. */
export async function checkPoints(
  world: World,
  runIds: string[],
  key: string,
  sent: number,
  each: number,
  slack: number,
): Promise<string | undefined> {
  let stored = 0;
  await inParallel(runIds.length, 4, async (index) => {
    const { length } = await readHistory(world, runIds[index]!, key);
    stored += length;
  });
  if (stored >= sent * each && stored <= (sent + slack) * each) return undefined;
  return `${sent * each} points acknowledged, ${stored} stored`;
}

const CREATE = '/api/2.0/mlflow/runs/create';
const createBody = (experimentId: string) => `{"experiment_id":"${experimentId}","run_name":"run-@n","start_time":1700000000000,"tags":[]}`;

async function checkRuns(world: World, experimentId: string, sent: number, slack: number): Promise<string | undefined> {
  let stored = 0;
  let token: string | undefined;
  do {
    const page = await call(world, 'POST', 'runs/search', {
      experiment_ids: [experimentId],
      max_results: 1_000,
      ...(token ? { page_token: token } : {}),
    });
    stored += (page.runs ?? []).length;
    token = page.next_page_token || undefined;
  } while (token);
  return stored >= sent && stored <= sent + slack ? undefined : `${sent} runs acknowledged, ${stored} stored`;
}

type Logging = {
  id: string;
  title: string;
  goal: number;
  prototype: number;
  clients: number;
  key: string;
  each: number;
  body: string;
  path?: string;
  raw: string;
  runs?: number;
};

type Looped = Pick<Logging, 'id' | 'title' | 'goal' | 'prototype' | 'clients'>;
/** What is sent, and what is wrong with what is stored when so many were acknowledged and up to `slack` more may have been stored. */
type Plan = { request: Call; check(sent: number, slack: number): Promise<string | undefined> };

/** An act that sends a request in a loop: one client's latency, or the rate of several. `raw`: its script for pgbench. */
function looping({ id, title, goal, prototype, clients }: Looped, raw: string, plan: (world: World) => Promise<Plan>): Act {
  return {
    id,
    group: 'ingest',
    title,
    unit: clients === 1 ? 'ms' : '/s',
    goal,
    prototype,
    async run(world) {
      const { request, check } = await plan(world);
      const cell = clients === 1 ? await latency(world, request) : await throughput(world, clients, request);
      // One that was refused may have been stored all the same: what is checked is that none that was acknowledged is missing.
      return judged(cell, await check(cell.sent, cell.cutOff + (cell.errors ?? 0)));
    },
    raw: (postgres) => postgres.pgbench(raw, clients),
  };
}

/** An act that logs in a loop to runs of its own. */
const logging = ({ key, each, body, path = LOG_BATCH, raw, runs, ...act }: Logging): Act =>
  looping(act, raw, async (world) => {
    const { runIds } = await runsFor(world, act.id, runs ?? act.clients);
    return { request: { path, body, runs: runIds }, check: (sent, slack) => checkPoints(world, runIds, key, sent, each, slack) };
  });

const ONE_POINT = { key: 'loss', each: 1, body: METRIC, path: LOG_METRIC, raw: 'metric' };
const pointsOf = (count: number) => ({ key: 'key_7', each: 1, body: keys(count), raw: `batch${count}` });

/** An act that creates runs in a loop, in an experiment of its own. */
const creating = (act: Looped): Act =>
  looping(act, 'create', async (world) => {
    const { experimentId } = await runsFor(world, act.id, 0);
    return { request: { path: CREATE, body: createBody(experimentId) }, check: (sent, slack) => checkRuns(world, experimentId, sent, slack) };
  });

export const ingestActs = (writers: number): Act[] => [
  {
    id: 'empty',
    group: 'ingest',
    title: 'GET /health: the floor of the client and HTTP',
    unit: 'ms',
    run: (world) => latency(world, { method: 'GET', path: '/health' }),
  },
  creating({ id: 'create', title: 'create run', goal: 1.5, prototype: 1.1, clients: 1 }),
  logging({
    id: 'metric',
    title: 'log one metric',
    goal: 1.5,
    prototype: 1.1,
    clients: 1,
    ...ONE_POINT,
  }),
  logging({
    id: 'batch10',
    title: 'log-batch 10 keys',
    goal: 1.5,
    prototype: 1.1,
    clients: 1,
    ...pointsOf(10),
  }),
  logging({
    id: 'batch100',
    title: 'log-batch 100 keys',
    goal: 3,
    prototype: 2.4,
    clients: 1,
    ...pointsOf(100),
  }),
  logging({
    id: 'batch1000',
    title: 'log-batch 1,000 keys',
    goal: 12,
    prototype: 9.8,
    clients: 1,
    ...pointsOf(1_000),
  }),
  logging({
    id: 'steps1000',
    title: 'log-batch 1 key × 1,000 steps',
    goal: 5,
    prototype: 5.2,
    clients: 1,
    key: 'loss',
    each: 1_000,
    body: steps(1_000),
    raw: 'steps1000',
  }),
  logging({
    id: 'metric16',
    title: '16 clients, log one metric',
    goal: 8_000,
    prototype: 12_200,
    clients: 16,
    ...ONE_POINT,
  }),
  logging({
    id: 'batch16',
    title: '16 clients, log-batch 100 keys',
    goal: 900,
    prototype: 1_220,
    clients: 16,
    ...pointsOf(100),
  }),
  creating({ id: 'create16', title: '16 clients, create run', goal: 4_000, prototype: 6_750, clients: 16 }),
  logging({
    id: 'writers',
    title: `${writers} clients, ${writers} runs, log one metric`,
    goal: 8_000,
    prototype: 12_200,
    clients: writers,
    ...ONE_POINT,
  }),
];
