// Versions of registered models in MLflow's protocol.

import { searchModelVersions } from '../domain/registry/search.ts';
import {
  createModelVersion,
  deleteModelVersion,
  deleteModelVersionTag,
  getDownloadUri,
  getModelVersion,
  setModelVersionTag,
  transitionStage,
  updateModelVersion,
} from '../domain/registry/versions.ts';
import { bool, int, list, present, required, string } from './codec.ts';
import { encodeOneVersion, encodeVersions } from './encodeModels.ts';
import { readTags, registryTags } from './registeredModels.ts';
import { type Route, route } from './route.ts';

const version = { name: required(string()), version: required(string()) };

export const modelVersionRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/model-versions/create',
    'P0',
    'create a version',
    {
      name: required(string()),
      source: required(string()),
      run_id: string(),
      tags: registryTags,
      run_link: string(),
      description: string(),
      model_id: string(),
    },
    async (ctx, request) => {
      const made = await createModelVersion(ctx, {
        name: request.name,
        source: request.source,
        runId: request.run_id,
        runLink: request.run_link,
        description: request.description,
        modelId: request.model_id,
        tags: readTags(request.tags),
      });
      return { model_version: await encodeOneVersion(ctx, made) };
    },
  ),
  route('PATCH', '2.0/mlflow/model-versions/update', 'P0', 'change the description', { ...version, description: string() }, async (ctx, request) => ({
    model_version: await encodeOneVersion(ctx, await updateModelVersion(ctx, request.name, request.version, request.description ?? null)),
  })),
  route(
    'POST',
    '2.0/mlflow/model-versions/transition-stage',
    'P0',
    'move to a stage, archiving those there if asked',
    { ...version, stage: required(string()), archive_existing_versions: bool() },
    async (ctx, request) => {
      const moved = await transitionStage(ctx, request.name, request.version, request.stage, request.archive_existing_versions);
      return { model_version: await encodeOneVersion(ctx, moved) };
    },
  ),
  route('DELETE', '2.0/mlflow/model-versions/delete', 'P0', 'delete a version', version, (ctx, request) =>
    deleteModelVersion(ctx, request.name, request.version),
  ),
  route('GET', '2.0/mlflow/model-versions/get', 'P0', 'one version', version, async (ctx, request) => ({
    model_version: await encodeOneVersion(ctx, await getModelVersion(ctx, request.name, request.version)),
  })),
  route(
    'GET',
    '2.0/mlflow/model-versions/search',
    'P0',
    'find versions',
    { filter: string(), max_results: int(), order_by: list(present(string())), page_token: string() },
    async (ctx, request) => {
      const { versions, nextToken } = await searchModelVersions(ctx, {
        filter: request.filter,
        orderBy: request.order_by,
        limit: request.max_results,
        token: request.page_token,
      });
      return { model_versions: encodeVersions(versions), next_page_token: nextToken };
    },
  ),
  route('GET', '2.0/mlflow/model-versions/get-download-uri', 'P0', 'where a version is downloaded from', version, async (ctx, request) => ({
    artifact_uri: await getDownloadUri(ctx, request.name, request.version),
  })),
  route('POST', '2.0/mlflow/model-versions/set-tag', 'P0', 'set a tag', { ...version, key: required(string()), value: string() }, (ctx, request) =>
    setModelVersionTag(ctx, request.name, request.version, { key: request.key, value: request.value ?? '' }),
  ),
  route('DELETE', '2.0/mlflow/model-versions/delete-tag', 'P0', 'delete a tag', { ...version, key: required(string()) }, (ctx, request) =>
    deleteModelVersionTag(ctx, request.name, request.version, request.key),
  ),
];
