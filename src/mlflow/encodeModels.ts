// Registered models and versions as MLflow's messages.
import type { TeamCtx } from '../context.ts';
import type { RegisteredModel } from '../domain/registry/models.ts';
import { latestVersionsByModels, type ModelVersion } from '../domain/registry/versions.ts';
import { type LoggedModel, loggedModelsByIds, showModelId } from '../domain/tracking/loggedModels.ts';
import { encodeDouble, unlessEmpty } from './encode.ts';

/** Clients take a missing description for None and print it, so an empty one is sent. */
export const encodeVersion = (version: ModelVersion, model?: LoggedModel) => ({
  name: version.name,
  version: String(version.version),
  creation_timestamp: version.creationTime,
  last_updated_timestamp: version.lastUpdateTime,
  user_id: version.userId,
  current_stage: version.stage,
  description: version.description ?? '',
  source: version.source,
  run_id: version.runId ?? '',
  status: version.status,
  status_message: version.statusMessage ?? undefined,
  run_link: version.runLink ?? undefined,
  tags: unlessEmpty(version.tags),
  aliases: unlessEmpty(version.aliases),
  model_id: version.modelId ? showModelId(version.modelId) : undefined,
  model_params: unlessEmpty(model?.params.map(({ key, value }) => ({ name: key, value }))),
  model_metrics: unlessEmpty(
    model?.metrics.map((point) => ({
      key: point.key,
      value: encodeDouble(point.value),
      timestamp: point.timestamp,
      step: point.step,
      dataset_name: point.datasetName || undefined,
      dataset_digest: point.datasetDigest || undefined,
      model_id: model.modelId,
      run_id: point.runId,
    })),
  ),
});

export const encodeVersions = (versions: ModelVersion[]) => unlessEmpty(versions.map((version) => encodeVersion(version)));

/** One version with its logged model's params and metrics, which pages leave out. */
export async function encodeOneVersion(ctx: TeamCtx, version: ModelVersion) {
  if (!version.modelId) return encodeVersion(version);
  const modelId = showModelId(version.modelId);
  return encodeVersion(version, (await loggedModelsByIds(ctx, [modelId])).get(modelId));
}

const encodeModel = (model: RegisteredModel, latest: ModelVersion[]) => ({
  name: model.name,
  creation_timestamp: model.creationTime,
  last_updated_timestamp: model.lastUpdateTime,
  description: model.description ?? '',
  latest_versions: encodeVersions(latest),
  tags: unlessEmpty(model.tags),
  aliases: unlessEmpty(model.aliases.map(({ alias, version }) => ({ alias, version: String(version) }))),
});

/** With their latest versions, which takes one statement for all. */
export async function encodeModels(ctx: TeamCtx, models: RegisteredModel[]) {
  const latest = await latestVersionsByModels(
    ctx,
    models.map((model) => model.registeredModelId),
  );
  return models.map((model) => encodeModel(model, latest.get(model.registeredModelId) ?? []));
}

export const encodeOneModel = async (ctx: TeamCtx, model: RegisteredModel) => (await encodeModels(ctx, [model]))[0];
