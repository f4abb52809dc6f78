// Logged models in the MLflow protocol.

import { searchLoggedModels } from '../domain/tracking/loggedModelSearch.ts';
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  type LoggedModel,
  logLoggedModelParams,
  type ModelStatus,
  setLoggedModelTags,
} from '../domain/tracking/loggedModels.ts';
import { invalid } from '../lib/errors.ts';
import { bool, int, list, message, oneOf, present, required, string } from './codec.ts';
import { encodePoint } from './encode.ts';
import { type Route, route } from './route.ts';

const STATUS_NAMES: Record<ModelStatus, string> = {
  PENDING: 'LOGGED_MODEL_PENDING',
  READY: 'LOGGED_MODEL_READY',
  UPLOAD_FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
};
const STATUSES = { LOGGED_MODEL_STATUS_UNSPECIFIED: 0, LOGGED_MODEL_PENDING: 1, LOGGED_MODEL_READY: 2, LOGGED_MODEL_UPLOAD_FAILED: 3 } as const;

const entry = message({ key: required(string()), value: present(string()) });
const modelId = { model_id: required(string()) };

const someOf = <T>(name: string, items: T[]) => (items.length > 0 ? { [name]: items } : {});
const unlessEmpty = (name: string, value: string | null) => (value ? { [name]: value } : {});

export const encodeLoggedModel = (model: LoggedModel) => ({
  info: {
    model_id: model.modelId,
    experiment_id: String(model.experimentId),
    name: model.name,
    creation_timestamp_ms: model.creationTime,
    last_updated_timestamp_ms: model.lastUpdateTime,
    artifact_uri: model.artifactUri,
    status: STATUS_NAMES[model.status],
    ...(model.createdBy !== null && { creator_id: model.createdBy }),
    ...unlessEmpty('model_type', model.modelType),
    ...unlessEmpty('source_run_id', model.sourceRunId),
    ...unlessEmpty('status_message', model.statusMessage),
    ...someOf('tags', model.tags),
    ...someOf(
      'registrations',
      model.registrations.map(({ name, version }) => ({ name, version: String(version) })),
    ),
  },
  data: {
    ...someOf('params', model.params),
    ...someOf(
      'metrics',
      model.metrics.map((point) => ({
        ...encodePoint(point.key, point),
        ...unlessEmpty('dataset_name', point.datasetName),
        ...unlessEmpty('dataset_digest', point.datasetDigest),
        model_id: model.modelId,
        run_id: point.runId,
      })),
    ),
  },
});

const readStatus = (name: keyof typeof STATUSES): ModelStatus => {
  if (name === 'LOGGED_MODEL_READY') return 'READY';
  if (name === 'LOGGED_MODEL_UPLOAD_FAILED') return 'UPLOAD_FAILED';
  throw invalid(`Invalid value "${name}" for parameter 'status' supplied: It must be LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED.`, {
    argument: 'status',
  });
};

const answer = (model: LoggedModel) => ({ model: encodeLoggedModel(model) });

export const loggedModelRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/logged-models',
    'P0',
    'create a logged model (PENDING)',
    {
      experiment_id: required(string()),
      name: string(),
      model_type: string(),
      source_run_id: string(),
      params: list(entry),
      tags: list(entry),
    },
    async (ctx, request) =>
      answer(
        await createLoggedModel(ctx, {
          experimentId: request.experiment_id,
          name: request.name,
          modelType: request.model_type,
          sourceRunId: request.source_run_id,
          params: request.params,
          tags: request.tags,
        }),
      ),
  ),
  route(
    'POST',
    '2.0/mlflow/logged-models/search',
    'P0',
    'search logged models',
    {
      experiment_ids: required(list(required(string()))),
      filter: string(),
      datasets: list(message({ dataset_name: required(string()), dataset_digest: string() })),
      max_results: int(),
      order_by: list(message({ field_name: required(string()), ascending: bool(), dataset_name: string(), dataset_digest: string() })),
      page_token: string(),
    },
    async (ctx, request) => {
      const page = await searchLoggedModels(ctx, {
        experimentIds: request.experiment_ids,
        filter: request.filter,
        datasets: request.datasets.map((scope) => ({ datasetName: scope.dataset_name, datasetDigest: scope.dataset_digest || undefined })),
        orderBy: request.order_by.map((term) => ({
          field: term.field_name,
          ascending: term.ascending,
          datasetName: term.dataset_name,
          datasetDigest: term.dataset_digest,
        })),
        limit: request.max_results,
        token: request.page_token,
      });
      return { ...someOf('models', page.models.map(encodeLoggedModel)), next_page_token: page.nextToken };
    },
  ),
  route('GET', '2.0/mlflow/logged-models/:model_id', 'P0', 'get a logged model', { ...modelId, allow_deleted: bool() }, async (ctx, request) =>
    answer(await getLoggedModel(ctx, request.model_id, { allowDeleted: request.allow_deleted === true })),
  ),
  route(
    'PATCH',
    '2.0/mlflow/logged-models/:model_id',
    'P0',
    'finalize: READY or UPLOAD_FAILED',
    { ...modelId, status: required(oneOf(STATUSES)) },
    async (ctx, request) => answer(await finalizeLoggedModel(ctx, request.model_id, readStatus(request.status))),
  ),
  route('DELETE', '2.0/mlflow/logged-models/:model_id', 'P0', 'mark a logged model as deleted', modelId, (ctx, request) =>
    deleteLoggedModel(ctx, request.model_id),
  ),
  route(
    'PATCH',
    '2.0/mlflow/logged-models/:model_id/tags',
    'P0',
    'set tags of a logged model',
    { ...modelId, tags: list(entry) },
    async (ctx, request) => answer(await setLoggedModelTags(ctx, request.model_id, request.tags)),
  ),
  route(
    'DELETE',
    '2.0/mlflow/logged-models/:model_id/tags/:tag_key',
    'P0',
    'delete a tag of a logged model',
    { ...modelId, tag_key: required(string()) },
    (ctx, request) => deleteLoggedModelTag(ctx, request.model_id, request.tag_key),
  ),
  route(
    'POST',
    '2.0/mlflow/logged-models/:model_id/params',
    'P0',
    'add params to a logged model',
    { ...modelId, params: list(entry) },
    (ctx, request) => logLoggedModelParams(ctx, request.model_id, request.params),
  ),
];
