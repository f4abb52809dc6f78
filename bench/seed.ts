// Puts the runs to search among into a server through its own API, as training scripts would: create, log, finish. Sixteen at a time.
import { call, makeExperiment, type World } from './act.ts';
import type { Data, SeedRun } from './data.ts';
import { HttpError, inParallel } from './http.ts';

export type Seeded = { experimentId: string; runIds: string[]; seconds: number; retried: number };

/** The name as a tag too: MLflow's clients send both, and FastTrackML finds names by the tag alone. */
export const tagsOf = ({ name, tags }: SeedRun) => [...tags, { key: 'mlflow.runName', value: name }];

/** Makes the first `count` of `data`'s runs in a new experiment. An answer of 5xx is tried again (FastTrackML's deadlocks), and counted. */
export async function seed(world: World, name: string, data: Data, count = data.count, tell: (done: number) => void = () => {}): Promise<Seeded> {
  const experimentId = await makeExperiment(world, name);
  const runIds: string[] = new Array(count);
  const started = performance.now();
  let retried = 0;
  let done = 0;
  const insist = async (path: string, body: Record<string, unknown>) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call(world, 'POST', path, body);
      } catch (error) {
        if (!(error instanceof HttpError) || !/: 5\d\d /.test(error.message) || attempt === 10) throw error;
        retried += 1;
      }
    }
  };
  await inParallel(count, 16, async (index) => {
    const run = data.run(index);
    const { name: runName, startTime, metrics, params } = run;
    const created = await insist('runs/create', { experiment_id: experimentId, run_name: runName, start_time: startTime, tags: tagsOf(run) });
    const runId: string = created.run.info.run_id;
    runIds[index] = runId;
    await insist('runs/log-batch', { run_id: runId, metrics, params });
    await insist('runs/update', { run_id: runId, status: 'FINISHED', end_time: startTime + 500 });
    tell(++done);
  });
  return { experimentId, runIds, seconds: (performance.now() - started) / 1000, retried };
}

/** Points of a curve that rises and falls, with one spike that no down-sampling may lose. */
export const SPIKE = 1_000;
export const curve = (series: number, step: number, steps: number) =>
  step === Math.floor(steps * 0.37) + series ? SPIKE + series : Math.sin(step / 50 + series) + step / steps;

/** Logs `steps` points of `key` to a run, 1,000 a request. */
export async function logCurve(world: World, runId: string, key: string, series: number, steps: number): Promise<void> {
  for (let from = 0; from < steps; from += 1_000) {
    const metrics = Array.from({ length: Math.min(1_000, steps - from) }, (_none, index) => {
      const step = from + index;
      return { key, value: curve(series, step, steps), timestamp: 1_700_000_000_000 + step * 1_000, step };
    });
    await call(world, 'POST', 'runs/log-batch', { run_id: runId, metrics });
  }
}
