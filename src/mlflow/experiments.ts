// Experiments in MLflow's protocol.

import { searchExperiments } from '../domain/tracking/experimentSearch.ts';
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../domain/tracking/experiments.ts';
import type { Lifecycle } from '../domain/tracking/runSearch.ts';
import { int, list, message, oneOf, present, required, string } from './codec.ts';
import { encodeExperiment, unlessEmpty } from './encode.ts';
import { type Method, type Route, route } from './route.ts';

export const VIEW_TYPES = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 };
export const toLifecycle = (view: keyof typeof VIEW_TYPES | undefined): Lifecycle =>
  view === 'ALL' ? 'ALL' : view === 'DELETED_ONLY' ? 'DELETED' : 'ACTIVE';

const id = { experiment_id: required(string()) };
export const tagList = list(message({ key: required(string()), value: present(string()) }));

const search = (method: Method): Route =>
  route(
    method,
    '2.0/mlflow/experiments/search',
    'P0',
    'find experiments',
    { max_results: int(), page_token: string(), filter: string(), order_by: list(present(string())), view_type: oneOf(VIEW_TYPES) },
    async (ctx, request) => {
      const { experiments, nextToken } = await searchExperiments(ctx, {
        filter: request.filter,
        orderBy: request.order_by,
        lifecycle: toLifecycle(request.view_type),
        limit: request.max_results,
        token: request.page_token,
      });
      return { experiments: unlessEmpty(experiments.map(encodeExperiment)), next_page_token: nextToken };
    },
  );

export const experimentRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/experiments/create',
    'P0',
    'create an experiment',
    { name: required(string()), artifact_location: string(), tags: tagList },
    async (ctx, request) => {
      const made = await createExperiment(ctx, { name: request.name, artifactLocation: request.artifact_location, tags: request.tags });
      return { experiment_id: String(made.experimentId) };
    },
  ),
  route('GET', '2.0/mlflow/experiments/get', 'P0', 'one experiment by id', id, async (ctx, request) => ({
    experiment: encodeExperiment(await getExperiment(ctx, request.experiment_id)),
  })),
  route(
    'GET',
    '2.0/mlflow/experiments/get-by-name',
    'P0',
    'one experiment by name',
    { experiment_name: required(string()) },
    async (ctx, request) => ({ experiment: encodeExperiment(await getExperimentByName(ctx, request.experiment_name)) }),
  ),
  search('POST'),
  search('GET'),
  route(
    'GET',
    '2.0/mlflow/experiments/list',
    'OLD',
    'experiments (clients before 2.0)',
    { max_results: int(), page_token: string(), view_type: oneOf(VIEW_TYPES) },
    async (ctx, request) => {
      const page = { lifecycle: toLifecycle(request.view_type), limit: request.max_results, token: request.page_token };
      const { experiments, nextToken } = await searchExperiments(ctx, { orderBy: [], ...page });
      return { experiments: unlessEmpty(experiments.map(encodeExperiment)), next_page_token: nextToken };
    },
  ),
  route('POST', '2.0/mlflow/experiments/delete', 'P0', 'mark as deleted, with its runs', id, (ctx, request) =>
    deleteExperiment(ctx, request.experiment_id),
  ),
  route('POST', '2.0/mlflow/experiments/restore', 'P0', 'bring back, with its runs', id, (ctx, request) =>
    restoreExperiment(ctx, request.experiment_id),
  ),
  route('POST', '2.0/mlflow/experiments/update', 'P0', 'rename', { ...id, new_name: required(string()) }, (ctx, request) =>
    renameExperiment(ctx, request.experiment_id, request.new_name),
  ),
  route(
    'POST',
    '2.0/mlflow/experiments/set-experiment-tag',
    'P0',
    'set a tag',
    { ...id, key: required(string()), value: present(string()) },
    (ctx, request) => setExperimentTag(ctx, request.experiment_id, request.key, request.value),
  ),
  route('POST', '2.0/mlflow/experiments/delete-experiment-tag', 'P0', 'delete a tag', { ...id, key: required(string()) }, (ctx, request) =>
    deleteExperimentTag(ctx, request.experiment_id, request.key),
  ),
];
