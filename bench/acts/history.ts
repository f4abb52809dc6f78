// Reading curves: one long history whole, and many of them down-sampled.
import { type Act, call, type Json, judged, makeRuns, readHistory, type World } from '../act.ts';
import type { Cell } from '../cell.ts';
import { HttpError, inParallel, send } from '../http.ts';
import { latency } from '../load.ts';
import { curve, logCurve, SPIKE } from '../seed.ts';

const LONG = 15_000;
export const CURVES = 100;
export const ASKED = 300;

const long = (world: World) =>
  world.once('long', async () => {
    const { runIds } = await makeRuns(world, 'long', 1);
    await logCurve(world, runIds[0]!, 'loss', 0, LONG);
    return runIds[0]!;
  });

export const curves = (world: World) =>
  world.once('curves', async () => {
    const made = await makeRuns(world, 'curves', CURVES);
    await inParallel(CURVES, 8, (index) => logCurve(world, made.runIds[index]!, 'loss', index, world.options.points));
    return made;
  });

/** A call of GraphQL; throws on errors. */
export async function graphql(world: World, query: string, variables: Record<string, unknown>): Promise<Json> {
  const answer = await send('POST', `${world.target.url}/graphql`, world.target.headers, { query, variables });
  const body = JSON.parse(answer.text);
  if (answer.status !== 200 || body.errors) throw new HttpError(`GraphQL: ${answer.status} ${JSON.stringify(body.errors ?? body).slice(0, 300)}`);
  return body.data;
}

export const SERIES = `query ($experiment: String!) { team(slug: "default") { runs(experimentIds: [$experiment], first: ${CURVES}) { nodes { runId
  series(keys: ["loss"], maxPoints: ${ASKED}) { points { step value } } } } } }`;

type Sampled = { runId: string; points: { step: number; value: number }[] }[];

/** Why these are not the curves that were logged, each with at least half of the points asked for; `spikes`: none may be lost. */
export function checkCurves(world: World, runIds: string[], sampled: Sampled, spikes: boolean, most: number): string | undefined {
  if (sampled.length !== CURVES) return `${sampled.length} curves instead of ${CURVES}`;
  const { points: steps } = world.options;
  for (const { runId, points } of sampled) {
    const series = runIds.indexOf(runId);
    if (points.length > most || points.length < Math.min(steps, ASKED) / 2) return `${points.length} points for ${ASKED} asked`;
    if (points.some((point) => point.value !== curve(series, Number(point.step), steps))) return 'a value that was not logged';
    if (spikes && !points.some((point) => point.value === SPIKE + series)) return 'a spike was lost';
  }
  return undefined;
}

/** MLflow's own way of asking for curves; it takes every n-th step, and its page draws them. Its address, and why the answer isn't right. */
export async function intervalOf(world: World, runIds: string[]): Promise<{ path: string; wrong: string | undefined }> {
  const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${runIds.map((id) => `run_ids=${id}`).join('&')}&metric_key=loss&max_results=${ASKED}`;
  const answer = await send('GET', `${world.target.url}${path}`, world.target.headers);
  if (answer.status !== 200) throw new HttpError(`get-history-bulk-interval: ${answer.status} ${answer.text.slice(0, 300)}`);
  const byRun = new Map<string, Sampled[number]>(runIds.map((runId) => [runId, { runId, points: [] }]));
  for (const point of JSON.parse(answer.text).metrics as { run_id: string; step: number; value: number }[])
    byRun.get(point.run_id)?.points.push(point);
  // It adds the first and the last step of each run, for all of them.
  return { path, wrong: checkCurves(world, runIds, [...byRun.values()], false, ASKED + 10) };
}

async function sampledByProtocol(world: World): Promise<Cell | undefined> {
  if (world.target.name.startsWith('FastTrackML')) return undefined;
  const { runIds } = await curves(world);
  const { path, wrong } = await intervalOf(world, runIds);
  return judged(await latency(world, { method: 'GET', path }), wrong);
}

export const historyActs = (points: number): Act[] => {
  const many = `${CURVES} curves × ${points.toLocaleString('en')} points`;
  return [
    {
      id: 'history',
      group: 'history',
      title: 'history of 15,000 points',
      unit: 'ms',
      goal: 30,
      async run(world) {
        const runId = await long(world);
        // The protocol promises no order; clients sort.
        const points = (await readHistory(world, runId, 'loss')).sort((a, b) => Number(a.step) - Number(b.step));
        const right =
          points.length === LONG && points.every((point, step) => Number(point.step) === step && Number(point.value) === curve(0, step, LONG));
        const path = `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=loss&max_results=25000`;
        const cell = await latency(world, { method: 'GET', path });
        return judged(cell, right ? undefined : `${points.length} points, or not those logged`);
      },
      raw: (postgres) => postgres.pgbench('history', 1),
    },
    {
      id: 'interval',
      group: 'history',
      title: `${many}, sampled to ${ASKED} (MLflow's get-history-bulk-interval)`,
      unit: 'ms',
      run: sampledByProtocol,
    },
    {
      id: 'series',
      group: 'graphql',
      title: `GraphQL: ${many}, min and max kept, to ${ASKED}`,
      unit: 'ms',
      goal: 150,
      async run(world) {
        if (world.target.name !== 'ours') return undefined;
        const { experimentId, runIds } = await curves(world);
        const variables = { experiment: experimentId };
        const { team } = await graphql(world, SERIES, variables);
        const sampled = team.runs.nodes.map((run: Json) => ({ runId: run.runId, points: run.series[0]?.points ?? [] }));
        const wrong = checkCurves(world, runIds, sampled, true, ASKED);
        const cell = await latency(world, { path: '/graphql', body: JSON.stringify({ query: SERIES, variables }) });
        return judged(cell, wrong);
      },
    },
    {
      id: 'get-run',
      group: 'history',
      title: 'get a run with 20 metrics, 20 params, 8 tags',
      unit: 'ms',
      async run(world) {
        if (!world.seeded) return undefined;
        const [runId] = world.seeded.runIds;
        const { run } = await call(world, 'GET', 'runs/get', { run_id: runId! });
        const cell = await latency(world, { method: 'GET', path: `/api/2.0/mlflow/runs/get?run_id=${runId}` });
        return run.data.metrics.length === 20 && run.data.params.length === 20 ? cell : { ...cell, wrong: 'not all of it' };
      },
    },
  ];
};
