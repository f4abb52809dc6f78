// What a measurement is: the words of a row, how it is done against a server, and what it costs in Postgres alone.
import type { Cell, Unit } from './cell.ts';
import type { Data } from './data.ts';
import { HttpError, inParallel, send } from './http.ts';
import type { Group, Options } from './options.ts';
import type { Raw } from './raw.ts';
import type { Target } from './targets.ts';

/** The words of a row. */
export type Entry = {
  id: string;
  title: string;
  unit: Unit;
  /** What we want to reach at the default sizes. */
  goal?: number;
  /** What a bare prototype reached on the machine on which the goal was set: on any other, their ratio says what to reach. */
  prototype?: number;
};

export type Act = Entry & {
  group: Group;
  /** Nothing: this server has no such thing. Throws when it refuses. */
  run(world: World): Promise<Cell | undefined>;
  raw?(raw: Raw): Promise<Cell>;
};

/** One server under measurement, and what the acts have made there. */
export type World = {
  target: Target;
  options: Options;
  /** A folder for files of this target. */
  folder: string;
  data: Data;
  /** The experiment with the seeded runs; their ids by index. */
  seeded: { experimentId: string; runIds: string[] } | undefined;
  /** Reserves numbers, so that no two measurements log the same point. */
  take(count: number): number;
  /** What several acts share, made once. */
  once<T>(name: string, make: () => Promise<T>): Promise<T>;
};

/** The cell with what is wrong with the answer, if anything is. */
export const judged = (cell: Cell, wrong: string | undefined): Cell => (wrong ? { ...cell, wrong } : cell);

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
export type Json = any;

/** A call of MLflow's protocol: `path` after /api/2.0/mlflow/. Throws HttpError on anything but 200. */
export async function call(world: World, method: 'GET' | 'POST', path: string, body?: Record<string, unknown>): Promise<Json> {
  const { url, headers } = world.target;
  const search =
    method === 'GET' && body ? `?${new URLSearchParams(Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]))}` : '';
  const answer = await send(method, `${url}/api/2.0/mlflow/${path}${search}`, headers, method === 'GET' ? undefined : body);
  if (answer.status !== 200) throw new HttpError(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return JSON.parse(answer.text);
}

export async function makeExperiment(world: World, name: string): Promise<string> {
  const { experiment_id: id } = await call(world, 'POST', 'experiments/create', { name });
  return String(id);
}

export async function makeRuns(world: World, name: string, count: number): Promise<{ experimentId: string; runIds: string[] }> {
  const experimentId = await makeExperiment(world, name);
  const runIds: string[] = new Array(count);
  await inParallel(count, 8, async (index) => {
    const { run } = await call(world, 'POST', 'runs/create', { experiment_id: experimentId, run_name: `${name}-${index}`, start_time: Date.now() });
    runIds[index] = run.info.run_id;
  });
  return { experimentId, runIds };
}

export type Point = { key: string; value: number | string; timestamp: number | string; step: number | string };

/** Every point of a metric, page by page. */
export async function readHistory(world: World, runId: string, key: string): Promise<Point[]> {
  const points: Point[] = [];
  let token: string | undefined;
  do {
    const page = await call(world, 'GET', 'metrics/get-history', {
      run_id: runId,
      metric_key: key,
      max_results: 25_000,
      ...(token ? { page_token: token } : {}),
    });
    for (const point of page.metrics ?? []) points.push(point);
    token = page.next_page_token || undefined;
  } while (token);
  return points;
}
