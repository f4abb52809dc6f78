// Domain objects as MLflow's messages: snake_case, unset fields left out, doubles that JSON can't hold as strings.
import type { Experiment } from '../db/experiments.ts';
import type { Long } from '../db/pool.ts';
import type { KeyValue, Run } from '../db/runs.ts';

/** MLflow shows the infinities as the largest doubles, and clients compare with that; they are stored, and shown elsewhere, as what they are. */
export const encodeDouble = (value: number): number | string =>
  Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

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

export const encodePoint = (key: string, point: { value: number; step: Long; timestamp: Long }) => ({
  key,
  value: encodeDouble(point.value),
  timestamp: point.timestamp,
  step: point.step,
});

/** A run as `runs/create` prints it. */
export const encodeNewRun = (run: Run, tags: KeyValue[]) => ({ info: encodeRunInfo(run), data: { tags: unlessEmpty(tags) }, inputs: {} });
