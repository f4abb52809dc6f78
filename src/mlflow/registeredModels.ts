// Registered models in MLflow's protocol: the models themselves, their tags and aliases.
import type { TeamCtx } from '../context.ts';
import {
  createRegisteredModel,
  deleteModelAlias,
  deleteRegisteredModel,
  deleteRegisteredModelTag,
  getRegisteredModel,
  renameRegisteredModel,
  setModelAlias,
  setRegisteredModelTag,
  updateRegisteredModel,
} from '../domain/registry/models.ts';
import { searchRegisteredModels } from '../domain/registry/search.ts';
import { getLatestVersions, getVersionByAlias } from '../domain/registry/versions.ts';
import { int, list, message, present, required, string } from './codec.ts';
import { unlessEmpty } from './encode.ts';
import { encodeModels, encodeOneModel, encodeOneVersion, encodeVersions } from './encodeModels.ts';
import { type Method, type Route, route } from './route.ts';

const name = { name: required(string()) };
export const registryTags = list(message({ key: required(string()), value: string() }));
/** A tag without a value has the empty one. */
export const readTags = (tags: { key: string; value: string | undefined }[]) => tags.map(({ key, value }) => ({ key, value: value ?? '' }));

async function search(ctx: TeamCtx, asked: Parameters<typeof searchRegisteredModels>[1]) {
  const { models, nextToken } = await searchRegisteredModels(ctx, asked);
  return { registered_models: unlessEmpty(await encodeModels(ctx, models)), next_page_token: nextToken };
}

const latestVersions = (method: Method): Route =>
  route(
    method,
    '2.0/mlflow/registered-models/get-latest-versions',
    'P0',
    'the newest version in each stage',
    { ...name, stages: list(present(string())) },
    async (ctx, request) => ({ model_versions: encodeVersions(await getLatestVersions(ctx, request.name, request.stages)) }),
  );

export const registeredModelRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/registered-models/create',
    'P0',
    'create a registered model',
    { ...name, tags: registryTags, description: string() },
    async (ctx, request) => {
      const made = await createRegisteredModel(ctx, { ...request, tags: readTags(request.tags) });
      return { registered_model: await encodeOneModel(ctx, made) };
    },
  ),
  route('POST', '2.0/mlflow/registered-models/rename', 'P0', 'rename', { ...name, new_name: required(string()) }, async (ctx, request) => ({
    registered_model: await encodeOneModel(ctx, await renameRegisteredModel(ctx, request.name, request.new_name)),
  })),
  route('PATCH', '2.0/mlflow/registered-models/update', 'P0', 'change the description', { ...name, description: string() }, async (ctx, request) => ({
    registered_model: await encodeOneModel(ctx, await updateRegisteredModel(ctx, request.name, request.description ?? null)),
  })),
  route('DELETE', '2.0/mlflow/registered-models/delete', 'P0', 'delete, with its versions', name, (ctx, request) =>
    deleteRegisteredModel(ctx, request.name),
  ),
  route('GET', '2.0/mlflow/registered-models/get', 'P0', 'one registered model', name, async (ctx, request) => ({
    registered_model: await encodeOneModel(ctx, await getRegisteredModel(ctx, request.name)),
  })),
  route(
    'GET',
    '2.0/mlflow/registered-models/search',
    'P0',
    'find registered models',
    { filter: string(), max_results: int(), order_by: list(present(string())), page_token: string() },
    (ctx, request) => search(ctx, { filter: request.filter, orderBy: request.order_by, limit: request.max_results, token: request.page_token }),
  ),
  route(
    'GET',
    '2.0/mlflow/registered-models/list',
    'OLD',
    'registered models (clients before 2.0)',
    { max_results: int(), page_token: string() },
    (ctx, request) => search(ctx, { limit: request.max_results, token: request.page_token }),
  ),
  latestVersions('POST'),
  latestVersions('GET'),
  route('POST', '2.0/mlflow/registered-models/set-tag', 'P0', 'set a tag', { ...name, key: required(string()), value: string() }, (ctx, request) =>
    setRegisteredModelTag(ctx, request.name, { key: request.key, value: request.value ?? '' }),
  ),
  route('DELETE', '2.0/mlflow/registered-models/delete-tag', 'P0', 'delete a tag', { ...name, key: required(string()) }, (ctx, request) =>
    deleteRegisteredModelTag(ctx, request.name, request.key),
  ),
  route(
    'POST',
    '2.0/mlflow/registered-models/alias',
    'P0',
    'point an alias at a version',
    { ...name, alias: required(string()), version: required(string()) },
    (ctx, request) => setModelAlias(ctx, request.name, request.alias, request.version),
  ),
  route('DELETE', '2.0/mlflow/registered-models/alias', 'P0', 'delete an alias', { ...name, alias: required(string()) }, (ctx, request) =>
    deleteModelAlias(ctx, request.name, request.alias),
  ),
  route(
    'GET',
    '2.0/mlflow/registered-models/alias',
    'P0',
    'the version that an alias points at',
    { ...name, alias: required(string()) },
    async (ctx, request) => ({
      model_version: await encodeOneVersion(ctx, await getVersionByAlias(ctx, request.name, request.alias)),
    }),
  ),
];
