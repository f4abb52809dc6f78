// Metric history in MLflow's protocol.
import { HISTORY_PAGE, metricHistory, metricHistoryOfRuns, sampledHistory } from '../domain/tracking/metrics.ts';
import { Written } from '../http/streamedJson.ts';
import { invalid } from '../lib/errors.ts';
import { int, int64, list, present, required, string } from './codec.ts';
import { metricsText } from './encode.ts';
import { type Route, route } from './route.ts';

const MAX_RUNS = 100;
const MAX_SAMPLE = 2_500;

function checkRuns(name: string, runIds: string[]): void {
  if (runIds.length > MAX_RUNS) throw invalid(`${name} request must specify at most ${MAX_RUNS} run_ids. Received ${runIds.length} run_ids.`);
}

export const metricRoutes: Route[] = [
  route(
    'GET',
    '2.0/mlflow/metrics/get-history',
    'P0',
    'every point of a metric, by pages',
    { run_id: string(), run_uuid: string(), metric_key: required(string()), page_token: string(), max_results: int() },
    async (ctx, request) => {
      const runId = request.run_id || request.run_uuid;
      if (!runId) throw invalid(`Missing value for required parameter 'run_id'.`);
      if (request.max_results !== undefined && request.max_results < 1) throw invalid('max_results must be at least 1.');
      const page = { limit: request.max_results, token: request.page_token };
      const { points, nextToken } = await metricHistory(ctx, runId, request.metric_key, page);
      return new Written(metricsText(request.metric_key, points, { end: { next_page_token: nextToken } }));
    },
  ),
  route(
    'GET',
    '2.0/mlflow/metrics/get-history-bulk',
    'P1',
    'one metric of many runs',
    { run_id: list(present(string())), metric_key: string(), max_results: int() },
    async (ctx, request) => {
      if (request.run_id.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.');
      if (request.run_id.length > MAX_RUNS) {
        throw invalid(`GetMetricHistoryBulk request cannot specify more than ${MAX_RUNS} run_ids. Received ${request.run_id.length} run_ids.`);
      }
      if (!request.metric_key) throw invalid('GetMetricHistoryBulk request must specify a metric_key.');
      const limit = Math.min(request.max_results ?? HISTORY_PAGE, HISTORY_PAGE);
      if (limit < 1) throw invalid('max_results must be at least 1.');
      const points = await metricHistoryOfRuns(ctx, request.run_id, request.metric_key, limit);
      return new Written(metricsText(request.metric_key, points, { runOf: (point) => point.runId, kept: true }));
    },
  ),
  route(
    'GET',
    '2.0/mlflow/metrics/get-history-bulk-interval',
    'P1',
    'one metric of many runs, sampled by steps',
    { run_ids: list(present(string())), metric_key: required(string()), start_step: int64(), end_step: int64(), max_results: int() },
    async (ctx, request) => {
      if (request.run_ids.length === 0) throw invalid(`Missing value for required parameter 'run_ids'.`);
      checkRuns('GetMetricHistoryBulkInterval', request.run_ids);
      const limit = request.max_results ?? MAX_SAMPLE;
      if (limit < 1 || limit > MAX_SAMPLE) throw invalid(`max_results must be between 1 and ${MAX_SAMPLE}.`);
      const { start_step: from, end_step: to } = request;
      if ((from === undefined) !== (to === undefined)) throw invalid('If either start step or end step are specified, both must be specified.');
      if (from !== undefined && to !== undefined && from > to) {
        throw invalid(`end_step must be greater than start_step. Found start_step=${from} and end_step=${to}.`);
      }
      const points = await sampledHistory(ctx, request.run_ids, request.metric_key, { limit, from, to });
      return new Written(metricsText(request.metric_key, points, { runOf: (point) => point.runId }));
    },
  ),
];
