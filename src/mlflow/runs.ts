// Runs in MLflow's protocol: lifecycle, logging, search.
import type { TeamCtx } from '../context.ts';
import { isText } from '../domain/limits.ts';
import { deleteTag, logBatch } from '../domain/tracking/logging.ts';
import { readRuns, type WholeRun } from '../domain/tracking/runData.ts';
import { searchRuns } from '../domain/tracking/runSearch.ts';
import { createRun, deleteRuns, getRun, type Run, restoreRuns, updateRun } from '../domain/tracking/runs.ts';
import { Written } from '../http/streamedJson.ts';
import { invalid } from '../lib/errors.ts';
import { stringifyJson } from '../lib/json.ts';
import { double, int, int64, list, message, mostly, oneOf, present, type Read, required, string } from './codec.ts';
import { encodeNewRun, encodeRunInfo, encodeValues } from './encode.ts';
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
type MetricMessage = Read<typeof metric>;
/** A thousand of these are a request; field by field they would take as long as parsing their JSON. */
function plainMetric(given: Record<string, unknown>): MetricMessage | undefined {
  const { key, value, timestamp, step, model_id, modelId, dataset_name, datasetName, dataset_digest, datasetDigest } = given;
  if (typeof key !== 'string' || key === '' || !isText(key)) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(timestamp) || !Number.isSafeInteger(step)) return undefined;
  if ((model_id ?? modelId ?? dataset_name ?? datasetName ?? dataset_digest ?? datasetDigest) !== undefined) return undefined;
  return {
    key,
    value,
    timestamp: timestamp as number,
    step: step as number,
    model_id: undefined,
    dataset_name: undefined,
    dataset_digest: undefined,
  };
}
const metrics = list(mostly(message(metric), plainMetric));
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

/** Read at once: what a page of many runs holds in memory, beside its rows, and how long reading them takes the thread. */
const RUNS_A_READ = 50;
/** Written at once: other requests wait so long (some 2 ms). The usual page of 100 is one piece. */
const RUNS_A_PIECE = 25;
const FIRST_PIECE = 100;

/** A run as `runs/get` and `runs/search` print it, in pieces: what is joined once is copied once. */
function runTexts({ run, values, inputs, outputs }: WholeRun): string[] {
  const links = stringifyJson({ inputs: encodeInputs(inputs), outputs: encodeOutputs(outputs) ?? {} });
  return ['{"info":', stringifyJson(encodeRunInfo(run)), ',"data":', encodeValues(values), ',', links.slice(1)];
}

async function* searchPieces(ctx: TeamCtx, runs: Run[], nextToken: string | undefined): AsyncGenerator<string> {
  const end = nextToken === undefined ? '}' : `"next_page_token":${JSON.stringify(nextToken)}}`;
  if (runs.length === 0) {
    yield `{${end}`;
    return;
  }
  let written = 0;
  for (let from = 0; from < runs.length; from += RUNS_A_READ) {
    const found = await readRuns(ctx, runs.slice(from, from + RUNS_A_READ));
    for (let at = 0; at < found.length; ) {
      const some = found.slice(at, at + (written === 0 ? FIRST_PIECE : RUNS_A_PIECE));
      const texts = some.flatMap((run, index) => [written + index === 0 ? '{"runs":[' : ',', ...runTexts(run)]);
      at += some.length;
      written += some.length;
      if (written >= runs.length) texts.push(nextToken === undefined ? ']' : '],', end);
      yield texts.join('');
    }
  }
}

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
      return { run: encodeNewRun(run, run.tags) };
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
  route('GET', '2.0/mlflow/runs/get', 'P0', 'one run with its data', runId, async (ctx, request) => {
    const [run] = await readRuns(ctx, [await getRun(ctx, idOf(request))]);
    return new Written([['{"run":', ...runTexts(run!), '}'].join('')]);
  }),
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
      return new Written(searchPieces(ctx, runs, nextToken));
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
