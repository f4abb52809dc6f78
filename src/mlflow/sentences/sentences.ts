// MLflow's exact sentences, by the reason that a rule gives: its tests and clients compare the words. A reason that isn't here is told in the rule's own.
import { HOW_TO_AUTHENTICATE } from '../../auth/authenticate.ts';
import type { AppError, ErrorDetail } from '../../lib/errors.ts';
import { SEARCH_SENTENCES } from './searchSentences.ts';

/** MLflow's names of arguments, where they aren't ours in snake_case. */
const NAMES: Record<string, string> = {
  user: 'user_id',
  startedAt: 'start_time',
  endedAt: 'end_time',
  type: 'model_type',
  first: 'max_results',
  alias: 'Registered model alias name',
};

function parameter({ argument = '', of }: ErrorDetail): string {
  if (of === 'run' && argument === 'name') return 'run_name';
  const [, metric] = /^(metrics\[\d+\])\.key$/.exec(argument) ?? [];
  if (metric !== undefined) return `${metric}.name`;
  return NAMES[argument] ?? argument.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const badValue = (detail: ErrorDetail, value: unknown, hint: string) =>
  `Invalid value ${value} for parameter '${parameter(detail)}' supplied: ${hint}`;
const quoted = (value: unknown) => JSON.stringify(value);
const listed = (values: unknown, show: (value: string) => string = (value) => `'${value}'`) => (values as string[]).map(show).join(', ');

const AS_FILES =
  'Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to';
const UNSUPPORTED: Record<string, string> = {
  'multipart upload': 'Multipart upload',
  'presigned download': 'Presigned URL download',
  'presigned upload': 'Presigned URL upload',
};

function modelExists({ name, isPrompt, takenByPrompt }: ErrorDetail): string {
  const made = isPrompt ? 'Prompt' : 'Registered Model';
  if (isPrompt === takenByPrompt) return `${made} (name=${name}) already exists.`;
  return (
    `Tried to create a ${made.toLowerCase()} with name '${name}', but the name is already taken by a ${takenByPrompt ? 'prompt' : 'registered model'}. ` +
    'MLflow does not allow creating a model and a prompt with the same name.'
  );
}

const SENTENCES: Record<string, ((detail: ErrorDetail) => string) | null> = {
  ...SEARCH_SENTENCES,

  // Values
  'key-empty': (d) => `Missing value for required parameter '${parameter(d)}'. A key name must be provided.`,
  'key-invalid': (d) =>
    badValue(
      d,
      quoted(d.value),
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    ),
  'key-unsafe': (d) => badValue(d, quoted(d.value), `${AS_FILES} '${d.resolved}'`),
  'too-long': (d) => `'${parameter(d)}' exceeds the maximum length of ${d.limit} characters`,
  'batch-too-large': ({ what, limit, asked }) =>
    `A batch logging request can contain at most ${limit} ${what}. Got ${asked} ${what}. Please split up ${what} across multiple requests and try again.`,
  'page-size': (d) => badValue(d, d.asked, `It must be at least 1 and at most ${d.limit}, but got value ${d.asked}`),
  'not-int64': (d) => badValue(d, quoted(d.value), 'It must be a 64-bit integer.'),

  // Runs and experiments
  'run-not-found': (d) => `Run with id=${d.runId} not found`,
  'run-deleted': (d) => `The run ${d.runId} must be in the 'active' state. Current state is deleted.`,
  'files-of-deleted-run': (d) => `The run ${d.runId} must be in the 'active' state. It is deleted; restore it first.`,
  'run-exists': (d) => `Run with id=${d.runId} already exists`,
  'run-names-differ': (d) =>
    `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${d.name}', mlflow.runName='${d.tagged}').`,
  'run-tag-not-found': (d) => `No tag with name: ${d.key} in run with id ${d.runId}`,
  'timestamp-negative': (d) =>
    badValue(d, d.timestamp, `metric '${d.key}' (value=${d.value}). Timestamp must be a nonnegative long (64-bit integer) `),
  'duplicate-params': (d) =>
    `Duplicate parameter keys have been submitted: [${listed(d.keys)}]. Please ensure the request contains only one param value per param key.`,
  'param-differs': (d) =>
    `Changing param values is not allowed. Param with key='${d.key}' was already logged with value='${d.value}' for ${d.modelId ? `model ID='${d.modelId}'` : `run ID='${d.runId}'`}. Attempted logging new value '${d.attempted}'.`,
  'param-given-twice': (d) => `Param with key='${d.key}' is given twice, with different values.`,
  'experiment-not-found': (d) => `No Experiment with id=${d.experimentId} exists`,
  'experiment-id-not-a-number': (d) => `Invalid experiment ID '${d.experimentId}'. Experiment ID must be a valid integer.`,
  'experiment-id-invalid': (d) => `Invalid experiment ID: '${d.experimentId}'`,
  'experiment-deleted': (d) => `The experiment ${d.experimentId} must be in the 'active' state. Current state is deleted.`,
  'experiment-name-not-found': (d) => `Could not find experiment with name '${d.name}'`,
  'experiment-name-empty': (d) => `Invalid experiment name: '${d.name}'`,
  'experiment-tag-not-found': (d) => `No tag with name: ${d.key}`,
  'location-in-run': () => 'Artifact location cannot be a runs:/ URI.',
  'no-experiments': () => 'SearchDatasets request must specify at least one experiment_id.',
  'too-many-experiments': (d) => `SearchDatasets request cannot specify more than ${d.limit} experiment_ids. Received ${d.asked} experiment_ids.`,

  // Logged models
  'logged-model-not-found': (d) => `Logged model with ID '${d.modelId}' not found.`,
  'logged-model-name-invalid': (d) =>
    `Invalid model name ('${d.name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
  'logged-model-tag-not-found': (d) => `No tag with key '${d.key}' found for model with ID '${d.modelId}'.`,

  // The registry
  'model-name-empty': (d) => `Missing value for required parameter '${parameter(d)}'.`,
  'model-name-invalid': (d) => `Invalid model name '${d.name}'. Names cannot contain '/' or ':'.`,
  'model-name-unsafe': (d) => `Invalid value ${quoted(d.name)} for parameter 'name' supplied: ${AS_FILES} '${d.name}'`,
  'registered-model-not-found': (d) => `Registered Model with name=${d.name} not found`,
  'registered-model-exists': modelExists,
  'version-not-found': (d) => `Model Version (name=${d.name}, version=${d.version}) not found`,
  'version-not-a-number': (d) => `Parameter 'version' must be an integer, got '${d.version}'.`,
  'no-versions': (d) => `Latest version not found for model ${d.name}.`,
  'stage-unknown': (d) => `Invalid Model Version stage: ${d.stage}. Value must be one of ${listed(d.stages, String)}.`,
  'stage-not-active': (d) =>
    `Model version transition cannot archive existing model versions because '${d.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
  'alias-empty': () => 'Registered model alias name cannot be empty.',
  'alias-invalid': (d) => `Invalid alias name: '${d.alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
  'alias-reserved': ({ alias }) =>
    String(alias).toLowerCase() === 'latest' ? "'latest' alias name (case insensitive) is reserved." : `Version alias name '${alias}' is reserved.`,
  'alias-not-found': (d) => `Registered model alias ${d.alias} not found.`,
  'source-missing': () => "Missing value for required parameter 'source'.",
  'source-not-found': (d) => `Unable to fetch model from model URI source artifact location '${d.source}'. No such model version exists.`,
  'model-uri-invalid': (d) =>
    `Not a proper models:/ URI: ${d.source}. Models URIs must be of the form 'models:/name/suffix' or 'models:/name@alias' where suffix is a version, ` +
    "stage, or the string 'latest' and where alias is a registered model alias. Only one of suffix or alias can be defined at a time.",
  'source-of-another-machine': (d) =>
    `${d.source} is not a valid remote uri. For remote access on windows, please consider using a different scheme such as SMB (e.g. smb://<hostname>/<path>).`,
  'source-local': ({ source, ofModel }) => {
    const given = ofModel ? 'model_id' : 'run_id';
    return (
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${given} request parameter has to be specified ` +
      `and the local path has to be contained within the artifact directory of the run specified by the ${given}.`
    );
  },
  'source-not-absolute': (d) =>
    `Invalid model version source: '${d.source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, ` +
    'an absolute path must be provided without relative path references present. Please provide an absolute path.',
  'prompt-source-local': (d) => `Invalid prompt source: '${d.source}'. Local source paths are not allowed for prompts.`,

  // Artifacts, webhooks, teams
  'path-unsafe': () => 'Invalid path',
  'store-not-direct': (d) =>
    `${UNSUPPORTED[String(d.what)]} is not supported for the current artifact repository (a local folder). Send the bytes to this server.`,
  'webhook-not-found': (d) => `Webhook with ID ${d.webhookId} not found.`,
  'webhook-name-invalid': (d) =>
    `Webhook name '${d.name}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
  'webhook-url-empty': (d) => `Webhook URL cannot be empty or just whitespace: '${d.url}'`,
  'webhook-url-scheme': (d) => `Invalid webhook URL scheme: '${d.scheme}'. Allowed schemes are: https, http.`,
  'webhook-url-without-host': (d) => `Invalid webhook URL '${d.url}'. It must include a hostname: 'https://host/path'.`,
  'webhook-url-private': (d) => `Webhook URL must not resolve to a non-public IP address. '${d.host}' resolves to ${d.address}.`,
  'webhook-events-empty': () => 'Webhook events must be a non-empty list of webhook events.',
  'webhook-entity-unknown': (d) => `Invalid entity '${d.entity}' of a webhook event. Valid entities are: ${listed(d.entities, String)}.`,
  'webhook-action-unknown': (d) =>
    `Invalid action '${String(d.action).toLowerCase()}' for entity '${String(d.entity).toLowerCase()}'. Valid actions are: [${listed(d.actions, (action) => `'${action.toLowerCase()}'`)}]`,
  'default-team-stays': () => "The 'default' workspace is reserved and cannot be deleted",
};

export const REASONS = Object.keys(SENTENCES).filter((reason) => SENTENCES[reason] !== null);

const HOW = "Send 'Authorization: Bearer <API token>' (for MLflow set MLFLOW_TRACKING_TOKEN), or sign in.";

export function sentenceOf(error: AppError): string {
  const { reason, code, message, detail } = error;
  if (code === 'UNAUTHENTICATED') return message.replace(HOW_TO_AUTHENTICATE, HOW);
  const sentence = reason === undefined ? undefined : SENTENCES[reason];
  return sentence ? sentence(detail) : message;
}
