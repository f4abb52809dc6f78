// Runs in MLflow's protocol: lifecycle, logging, search.
import type { TeamCtx } from '../context.ts';
import { deleteTag, logBatch } from '../domain/logging.ts';
import { readRuns } from '../domain/runData.ts';
import { searchRuns } from '../domain/runSearch.ts';
import { createRun, deleteRuns, getRun, type Run, restoreRuns, updateRun } from '../domain/runs.ts';
import { invalid } from '../errors.ts';
import { double, int, int64, list, message, oneOf, present, required, string } from './codec.ts';
import { encodeRun, encodeRunInfo, unlessEmpty } from './encode.ts';
import { tagList, toLifecycle, VIEW_TYPES } from './experiments.ts';
import { encodeInputs, encodeOutputs } from './inputs.ts';
import { type Route, route } from './route.ts';

const STATUSES = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 };

/** Clients send both names of a run's id; either will do. */
const runId = { run_id: string(), run_uuid: string() };
function idOf(request: { run_id?: string | undefined; run_uuid?: string | undefined }): string {
  const id = request.run_id || request.run_uuid;
  if (!id) {
    throw invalid(`Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.`, {
      argument: 'run_id',
    });
  }
  return id;
}

const metric = {
  key: required(string()),
  value: required(double()),
  timestamp: required(int64()),
  step: int64(),
  model_id: string(),
  dataset_name: string(),
  dataset_digest: string(),
};
const metrics = list(message(metric));
type MetricMessage = ReturnType<typeof metrics.read>[number];
const toMetric = (given: MetricMessage) => ({
  key: given.key,
  value: given.value,
  timestamp: given.timestamp,
  step: given.step ?? 0,
  modelId: given.model_id || undefined,
  datasetName: given.dataset_name,
  datasetDigest: given.dataset_digest,
});
const params = list(message({ key: required(string()), value: present(string()) }));

/** Runs as MLflow prints them, with all their data, in five statements whatever their number. */
export async function encodeRuns(ctx: TeamCtx, runs: Run[]) {
  const data = await readRuns(ctx, runs);
  return runs.map((run) => {
    const id = run.runId;
    const own = { params: data.params.get(id), tags: data.tags.get(id), metrics: data.metrics.get(id) };
    return encodeRun(run, own, { inputs: encodeInputs(data.inputs.get(id)), outputs: encodeOutputs(data.outputs.get(id)) ?? {} });
  });
}

const encodeOne = async (ctx: TeamCtx, run: Run) => ({ run: (await encodeRuns(ctx, [run]))[0] });

export const runRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/runs/create',
    'P0',
    'create a run',
    { experiment_id: required(string()), user_id: string(), run_name: string(), start_time: int64(), tags: tagList },
    async (ctx, request) => {
      const run = await createRun(ctx, {
        experimentId: request.experiment_id,
        name: request.run_name,
        userId: request.user_id,
        startTime: request.start_time,
        tags: request.tags,
      });
      return { run: encodeRun(run, { tags: run.tags }, { inputs: {} }) };
    },
  ),
  route(
    'POST',
    '2.0/mlflow/runs/update',
    'P0',
    'set status, end time, name',
    { ...runId, status: oneOf(STATUSES), end_time: int64(), run_name: string() },
    async (ctx, request) => {
      const run = await updateRun(ctx, idOf(request), { status: request.status, endTime: request.end_time, name: request.run_name });
      return { run_info: encodeRunInfo(run) };
    },
  ),
  route('POST', '2.0/mlflow/runs/delete', 'P0', 'mark as deleted', runId, async (ctx, request) => void (await deleteRuns(ctx, [idOf(request)]))),
  route('POST', '2.0/mlflow/runs/restore', 'P0', 'bring back', runId, async (ctx, request) => void (await restoreRuns(ctx, [idOf(request)]))),
  route('GET', '2.0/mlflow/runs/get', 'P0', 'one run with its data', runId, async (ctx, request) => encodeOne(ctx, await getRun(ctx, idOf(request)))),
  route(
    'POST',
    '2.0/mlflow/runs/search',
    'P0',
    'find runs',
    {
      experiment_ids: list(present(string())),
      filter: string(),
      run_view_type: oneOf(VIEW_TYPES),
      max_results: int(),
      order_by: list(present(string())),
      page_token: string(),
    },
    async (ctx, request) => {
      const { runs, nextToken } = await searchRuns(ctx, {
        experimentIds: request.experiment_ids,
        filter: request.filter,
        orderBy: request.order_by,
        lifecycle: toLifecycle(request.run_view_type),
        limit: request.max_results,
        token: request.page_token,
      });
      return { runs: unlessEmpty(await encodeRuns(ctx, runs)), next_page_token: nextToken };
    },
  ),
  route('POST', '2.0/mlflow/runs/log-metric', 'P0', 'log a metric', { ...runId, ...metric }, (ctx, request) =>
    logBatch(ctx, idOf(request), { metrics: [toMetric(request)] }),
  ),
  route(
    'POST',
    '2.0/mlflow/runs/log-parameter',
    'P0',
    'log a param',
    { ...runId, key: required(string()), value: present(string()) },
    (ctx, request) => logBatch(ctx, idOf(request), { params: [{ key: request.key, value: request.value }] }),
  ),
  route('POST', '2.0/mlflow/runs/log-batch', 'P0', 'log metrics, params and tags', { ...runId, metrics, params, tags: tagList }, (ctx, request) =>
    logBatch(ctx, idOf(request), { metrics: request.metrics.map(toMetric), params: request.params, tags: request.tags }),
  ),
  route('POST', '2.0/mlflow/runs/set-tag', 'P0', 'set a tag', { ...runId, key: required(string()), value: present(string()) }, (ctx, request) =>
    logBatch(ctx, idOf(request), { tags: [{ key: request.key, value: request.value }] }),
  ),
  route('POST', '2.0/mlflow/runs/delete-tag', 'P0', 'delete a tag', { ...runId, key: required(string()) }, (ctx, request) =>
    deleteTag(ctx, idOf(request), request.key),
  ),
];
