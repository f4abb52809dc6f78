// Domain objects as MLflow's messages: snake_case, unset fields left out, doubles that JSON can't hold as strings.
import type { Experiment } from '../domain/tracking/experiments.ts';
import type { KeyValue } from '../domain/tracking/runData.ts';
import type { Run } from '../domain/tracking/runs.ts';
import type { Long } from '../lib/long.ts';

/**
 * MLflow shows the infinities as the largest doubles, and clients compare with those. Here they are stored, and shown elsewhere, as what they are.
 */
export const encodeDouble = (value: number): number | string =>
  Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

const INFINITE = /"value":"(-?)Infinity","timestamp":/g;

/** The text of a run's values (src/points/codec/summaryText.ts) as MLflow prints it. No quote of a text is without a backslash, so that none looks like this. */
export const encodeValues = (text: string): string =>
  text.includes('Infinity"') ? text.replace(INFINITE, '"value":$11.7976931348623157e+308,"timestamp":') : text;

/** Protobuf's JSON leaves out empty lists. */
export const unlessEmpty = <T>(list: T[] | undefined): T[] | undefined => (list && list.length > 0 ? list : undefined);

export const encodeExperiment = (experiment: Experiment) => ({
  experiment_id: String(experiment.experimentId),
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.deletedAt ? 'deleted' : 'active',
  last_update_time: experiment.lastUpdateTime,
  creation_time: experiment.creationTime,
  tags: unlessEmpty(experiment.tags),
});

export const encodeRunInfo = (run: Run) => ({
  run_uuid: run.runId,
  run_id: run.runId,
  run_name: run.name,
  experiment_id: String(run.experimentId),
  user_id: run.userId,
  status: run.status,
  start_time: run.startTime,
  end_time: run.endTime ?? undefined,
  artifact_uri: run.artifactUri,
  lifecycle_stage: run.deletedAt ? 'deleted' : 'active',
});

export const encodePoint = (key: string, { value, timestamp, step }: Point) => ({ key, value: encodeDouble(value), timestamp, step });

type Point = { value: number; step: Long; timestamp: Long };

const POINTS_A_PIECE = 2_000;

/**
 * `{"metrics":[…]}` of one key, written piece by piece: 25,000 points are 2 MB. `end`: further fields. An empty list is left out, unless it is `kept`.
 */
export function* metricsText<P extends Point>(
  key: string,
  points: P[],
  { runOf, end = {}, kept = false }: { runOf?: (point: P) => string; end?: object; kept?: boolean } = {},
): Generator<string> {
  const start = `{"key":${JSON.stringify(key)},"value":`;
  const fields = JSON.stringify(end).slice(1);
  if (points.length === 0) {
    yield kept ? `{"metrics":[]${fields === '}' ? '' : ','}${fields}` : `{${fields}`;
    return;
  }
  for (let from = 0; from < points.length; from += POINTS_A_PIECE) {
    let text = from === 0 ? '{"metrics":[' : '';
    for (let index = from; index < Math.min(from + POINTS_A_PIECE, points.length); index += 1) {
      const point = points[index]!;
      const value = Number.isFinite(point.value) ? point.value : JSON.stringify(encodeDouble(point.value));
      text += `${index === 0 ? '' : ','}${start}${value},"timestamp":${point.timestamp},"step":${point.step}${runOf ? `,"run_id":"${runOf(point)}"}` : '}'}`;
    }
    yield from + POINTS_A_PIECE < points.length ? text : `${text}]${fields === '}' ? '' : ','}${fields}`;
  }
}

/** A run as `runs/create` prints it. */
export const encodeNewRun = (run: Run, tags: KeyValue[]) => ({ info: encodeRunInfo(run), data: { tags: unlessEmpty(tags) }, inputs: {} });
