// Beyond the common size, ours alone: how search grows with the runs, and what very wide and very long ones take on disk.
import { call, type Entry, type Json, judged, makeExperiment, makeRuns, type World } from '../act.ts';
import { lackOfRoom, loadWide, WIDE_START, wideKey, wideValue } from '../bulk.ts';
import type { Cell } from '../cell.ts';
import { cloneRuns } from '../clone.ts';
import { type Data, makeData, SEARCHES, type SearchCase } from '../data.ts';
import { inParallel } from '../http.ts';
import { latency } from '../load.ts';
import { settle, settledSize } from '../postgres.ts';
import { seed } from '../seed.ts';
import { graphql } from './history.ts';
import { measureSearch } from './search.ts';

type Set = (entry: Entry, cell: Cell) => void;
type Tell = (text: string) => void;

const count = (value: number) => value.toLocaleString('en');

/** Searches among each of `sizes` runs. Their way in is told, since copies made in Postgres have equal values in each copy. */
export async function scale(world: World, sizes: number[], set: Set, note: Tell): Promise<void> {
  if (sizes.length === 0) return;
  const { seedBy } = world.options;
  const base = world.seeded ?? (await seed(world, 'scale-base', world.data));
  const byMetric = SEARCHES.find((search) => search.id === 'metric')!;
  const few = await measureSearch({ ...world, seeded: base }, byMetric);
  const copies = {
    from: base.experimentId,
    to: await makeExperiment(world, 'scale'),
    base: world.data.count,
    have: 0,
    shift: world.data.count * 1_000,
  };
  for (const size of [...sizes].sort((a, b) => a - b)) {
    const bySql = size > world.data.count && (seedBy === 'sql' || (seedBy === 'auto' && size > 50_000));
    const started = performance.now();
    let target: World;
    if (bySql) {
      // Whatever is still to be done would be to do for each copy.
      await settle(world.target.database);
      // A greater size goes on from the one before.
      await cloneRuns(world.target.database, { ...copies, count: size });
      copies.have = size;
      target = { ...world, seeded: { experimentId: copies.to, runIds: [] } };
    } else {
      const logged = makeData(size);
      target = { ...world, data: logged, seeded: await seed(world, `scale-${size}`, logged) };
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    await settledSize(world.target.database);
    const how = bySql ? `${count(world.data.count)} logged through the API, copied in Postgres under new ids` : 'logged through the API';
    note(`${count(size)} runs: ${how}, in ${count(seconds)} s.`);
    for (const search of SEARCHES) {
      const entry: Entry = { id: `search-${search.id}-${size}`, title: `${search.title}, of ${count(size)}`, unit: 'ms' };
      const cell = bySql ? await measureCopies(target, search, size) : await measureSearch(target, search);
      if (!cell) continue;
      set(entry, cell);
      if (search !== byMetric || !few) continue;
      const title = `${search.title}: of ${count(size)} in times of ${count(world.data.count)}`;
      set({ id: `growth-${size}`, title, unit: '×', goal: 2 }, { value: cell.value / few.value });
    }
  }
}

/** Among copies, runs of equal values are told apart by nothing that is fixed: what is compared is what they are ordered by. */
async function measureCopies(world: World, search: SearchCase, size: number): Promise<Cell> {
  const { data } = world;
  /** The last round may copy only the oldest. */
  const copies = (index: number) => Math.floor(size / data.count) + (index < size % data.count ? 1 : 0);
  const body = {
    experiment_ids: [world.seeded!.experimentId],
    ...(search.filter ? { filter: search.filter } : {}),
    ...(search.orderBy ? { order_by: search.orderBy } : {}),
    max_results: search.limit,
  };
  const expected = search.expected(data);
  const { runs: found = [] } = await call(world, 'POST', 'runs/search', body);
  const wrong = checkCopies(data, search, found, expected, copies);
  const cell = await latency(world, { path: '/api/2.0/mlflow/runs/search', body: JSON.stringify(body) });
  return judged(cell, wrong);
}

function checkCopies(data: Data, search: SearchCase, found: Json[], expected: number[], copies: (index: number) => number): string | undefined {
  if (
    found.length !==
    Math.min(
      search.limit,
      expected.reduce((sum, index) => sum + copies(index), 0),
    )
  )
    return `${found.length} runs`;
  const names = new Set(expected.map((index) => data.run(index).name));
  if (found.some((run) => !names.has(run.info.run_name))) return 'a run that does not match';
  if (!search.orderBy) {
    const times = found.map((run) => Number(run.info.start_time));
    return times.every((time, at) => at === 0 || time < times[at - 1]!) ? undefined : 'not the newest first';
  }
  const values = found.map((run) => run.data.metrics.find((one: Json) => one.key === 'metric_00').value);
  const right = expected.flatMap((index) => Array<number>(copies(index)).fill(data.metric(index, 0)));
  return values.every((value, at) => value === right[at]) ? undefined : 'another order';
}

/** Runs × metrics, one value each, loaded by SQL (bulk.ts): how fast they go in, what they take on disk, and what a search by one of them costs. */
export async function wide(world: World, [runs, keys]: [number, number], set: Set, note: Tell, tell: Tell): Promise<void> {
  const { database } = world.target;
  const lack = world.options.database ? undefined : await lackOfRoom(world.folder, runs, keys);
  if (lack) return note(lack);
  // The names and one whole run through the API, so that what is loaded stands beside what was logged.
  const { experimentId, runIds } = await makeRuns(world, 'wide', 1);
  for (let from = 0; from < keys; from += 1_000) {
    const metrics = Array.from({ length: Math.min(1_000, keys - from) }, (_none, offset) => ({
      key: wideKey(from + offset),
      value: wideValue(0, from + offset),
      timestamp: WIDE_START,
      step: 0,
    }));
    await call(world, 'POST', 'runs/log-batch', { run_id: runIds[0]!, metrics });
  }
  const before = await settledSize(database);
  const started = performance.now();
  await loadWide(database, { likeRun: runIds[0]!, runs, keys }, (done) => tell(`wide: ${count(done)} runs loaded`));
  const seconds = (performance.now() - started) / 1000;
  const title = `${count(runs)} runs × ${count(keys)} metrics`;
  note(`${title}: one run logged through the API, the others put into Postgres, in ${count(Math.round(seconds))} s.`);
  set({ id: 'wide-rate', title: `${title}: values loaded, in Postgres`, unit: '/s' }, { value: (runs * keys) / seconds });
  set(
    { id: 'wide-bytes', title: `${title}: bytes a value on disk`, unit: 'B' },
    { value: ((await settledSize(database, 300)) - before) / (runs * keys) },
  );
  const query = `query ($experiment: String!) { team(slug: "default") { runs(experimentIds: [$experiment], orderBy: [{ by: "metrics.wide_7" }], first: 100) {
    nodes { name metrics(keys: ["wide_7", "wide_8"]) { key last } } } } }`;
  const variables = { experiment: experimentId };
  const { team } = await graphql(world, query, variables);
  const best = Array.from({ length: runs }, (_none, run) => wideValue(run, 7)).sort((a, b) => a - b);
  const right = team.runs.nodes.every((run: Json, at: number) => run.metrics.find((one: Json) => one.key === 'wide_7').last === best[at]);
  const cell = await latency(world, { path: '/graphql', body: JSON.stringify({ query, variables }) });
  set(
    { id: 'wide-search', title: `${title}: search 100 by one, two columns`, unit: 'ms', goal: 50 },
    judged(cell, right ? undefined : 'another order'),
  );
  set({ id: 'wide-memory', title: `${title}: the most memory the server held`, unit: 'MB', goal: 400 }, { value: world.target.peak() / 1024 / 1024 });
}

/** Keys × steps of one run: how fast they go in, what they take on disk, and what curves of them cost. */
export async function deep(world: World, [keys, steps]: [number, number], set: Set, tell: Tell): Promise<void> {
  const { database } = world.target;
  const { runIds } = await makeRuns(world, 'deep', 1);
  const before = await settledSize(database);
  const started = performance.now();
  const requests = Math.ceil(steps / 1_000) * keys;
  await inParallel(requests, 8, async (index) => {
    // All keys grow together, as in training.
    const key = index % keys;
    const from = Math.floor(index / keys) * 1_000;
    const metrics = Array.from({ length: Math.min(1_000, steps - from) }, (_none, offset) => {
      const step = from + offset;
      return { key: `deep_${key}`, value: Math.sin(step / 100 + key) + Math.random() / 10, timestamp: 1_700_000_000_000 + step * 250, step };
    });
    await call(world, 'POST', 'runs/log-batch', { run_id: runIds[0]!, metrics });
    if ((index + 1) % 10_000 === 0) tell(`deep: ${count((index + 1) * 1_000)} points`);
  });
  const seconds = (performance.now() - started) / 1000;
  await settle(database, 1_200);
  const title = `1 run, ${count(keys)} keys × ${count(steps)} steps`;
  set({ id: 'deep-rate', title: `${title}: points logged`, unit: '/s' }, { value: (keys * steps) / seconds });
  set(
    { id: 'deep-bytes', title: `${title}: bytes a point on disk`, unit: 'B', goal: 16 },
    { value: ((await settledSize(database, 600)) - before) / (keys * steps) },
  );
  const asked = Math.min(100, keys);
  const query = `query ($run: String!, $keys: [String!]!) { run(runId: $run) { series(keys: $keys, maxPoints: 300) { key points { step value } } } }`;
  const variables = { run: runIds[0]!, keys: Array.from({ length: asked }, (_none, key) => `deep_${key}`) };
  const { run } = await graphql(world, query, variables);
  const right = run.series.length === asked && run.series.every((one: Json) => one.points.length <= 300 && one.points.length >= 100);
  const cell = await latency(world, { path: '/graphql', body: JSON.stringify({ query, variables }) });
  set(
    { id: 'deep-series', title: `${title}: ${asked} curves to 300 points`, unit: 'ms', goal: 150 },
    judged(cell, right ? undefined : 'other numbers of points'),
  );
}
