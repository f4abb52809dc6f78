// Dataset inputs, model inputs and outputs of runs, and MLflow 2.x's log-model.
import {
  type DatasetInput,
  type DatasetSummary,
  logInputs,
  logOutputs,
  type ModelOutput,
  type RunInputs,
  recordLogModel,
  searchDatasets,
} from '../domain/tracking/datasets.ts';
import { int64, list, message, present, required, string } from './codec.ts';
import { type Route, route } from './route.ts';

const tag = message({ key: required(string()), value: present(string()) });
const dataset = message({
  name: required(string()),
  digest: required(string()),
  source_type: present(string()),
  source: present(string()),
  schema: string(),
  profile: string(),
});
const datasetInput = message({ tags: list(tag), dataset: present(dataset) });
const modelInput = message({ model_id: required(string()) });
const modelOutput = message({ model_id: required(string()), step: int64() });

/** A list of strings that clients may leave out, to be refused by the rule with its own words. */
const experimentIds = list(required(string()));

/** Half of MLflow's DatasetInput message: what is empty is left out. */
export const encodeDatasetInput = ({ dataset: { name, digest, sourceType, source, schema, profile }, tags }: DatasetInput) => ({
  ...(tags.length > 0 && { tags }),
  dataset: { name, digest, source_type: sourceType, source, ...(schema !== null && { schema }), ...(profile !== null && { profile }) },
});

/** The `inputs` of a run, `{}` when it has none. */
export const encodeInputs = (inputs: RunInputs | undefined) => ({
  ...(inputs && inputs.datasets.length > 0 && { dataset_inputs: inputs.datasets.map(encodeDatasetInput) }),
  ...(inputs && inputs.models.length > 0 && { model_inputs: inputs.models.map(({ modelId }) => ({ model_id: modelId })) }),
});

/** The `outputs` of a run; undefined, and so left out, when it has none. */
export const encodeOutputs = (outputs: ModelOutput[] | undefined) =>
  outputs && outputs.length > 0 ? { model_outputs: outputs.map(({ modelId, step }) => ({ model_id: modelId, step })) } : undefined;

export const encodeDatasetSummary = ({ experimentId, name, digest, context }: DatasetSummary) => ({
  experiment_id: String(experimentId),
  name,
  digest,
  ...(context !== null && { context }),
});

export const inputRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/runs/log-inputs',
    'P0',
    'attach datasets and models as run inputs',
    { run_id: required(string()), datasets: list(datasetInput), models: list(modelInput) },
    async (ctx, request) => {
      const datasets = request.datasets.map(({ tags, dataset: given }) => ({
        tags,
        dataset: {
          name: given.name,
          digest: given.digest,
          sourceType: given.source_type,
          source: given.source,
          schema: given.schema ?? null,
          profile: given.profile ?? null,
        },
      }));
      await logInputs(ctx, request.run_id, { datasets, models: request.models.map((model) => ({ modelId: model.model_id })) });
    },
  ),
  route(
    'POST',
    '2.0/mlflow/runs/outputs',
    'P0',
    'note models that a run made',
    { run_id: required(string()), models: required(list(modelOutput)) },
    (ctx, request) =>
      logOutputs(
        ctx,
        request.run_id,
        request.models.map((model) => ({ modelId: model.model_id, step: model.step ?? 0 })),
      ),
  ),
  route(
    'POST',
    '2.0/mlflow/runs/log-model',
    'P0',
    'note a model in the run’s history tag (MLflow 2.x)',
    { run_id: required(string()), model_json: required(string()) },
    (ctx, request) => recordLogModel(ctx, request.run_id, request.model_json),
  ),
  route(
    'POST',
    '2.0/mlflow/experiments/search-datasets',
    'P1',
    'datasets used in experiments, for filters',
    { experiment_ids: experimentIds },
    async (ctx, request) => {
      const summaries = await searchDatasets(ctx, request.experiment_ids);
      return summaries.length > 0 ? { dataset_summaries: summaries.map(encodeDatasetSummary) } : {};
    },
  ),
];
