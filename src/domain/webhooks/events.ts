// What webhooks can be told of: events of the registry and of runs. With each, what is told, and an example for test calls.
import { invalid } from '../../lib/errors.ts';

const ACTIONS = {
  REGISTERED_MODEL: ['CREATED'],
  MODEL_VERSION: ['CREATED'],
  MODEL_VERSION_TAG: ['SET', 'DELETED'],
  MODEL_VERSION_ALIAS: ['CREATED', 'DELETED'],
  PROMPT: ['CREATED'],
  PROMPT_VERSION: ['CREATED'],
  PROMPT_TAG: ['SET', 'DELETED'],
  PROMPT_VERSION_TAG: ['SET', 'DELETED'],
  PROMPT_ALIAS: ['CREATED', 'DELETED'],
  RUN: ['FINISHED', 'FAILED'],
} as const;

export type WebhookEntity = keyof typeof ACTIONS;
export type WebhookAction = 'CREATED' | 'SET' | 'DELETED' | 'FINISHED' | 'FAILED';
export type WebhookEvent = { entity: WebhookEntity; action: WebhookAction };

export const WEBHOOK_ENTITIES = Object.keys(ACTIONS) as WebhookEntity[];

/** `ENTITY.ACTION`, as it is stored. */
export const printEvent = ({ entity, action }: WebhookEvent): string => `${entity}.${action}`;

export function parseEvent(text: string): WebhookEvent {
  const [entity, action] = text.split('.');
  return { entity: entity as WebhookEntity, action: action as WebhookAction };
}

/** Throws INVALID_ARGUMENT, naming what goes together. */
export function checkEvent({ entity, action }: { entity: string; action: string }): WebhookEvent {
  if (!Object.hasOwn(ACTIONS, entity)) {
    throw invalid(`Nothing called '${entity}' has webhook events. Choose one of ${WEBHOOK_ENTITIES.join(', ')}.`, {
      reason: 'webhook-entity-unknown',
      argument: 'events',
      entity,
      entities: WEBHOOK_ENTITIES,
    });
  }
  const actions: readonly string[] = ACTIONS[entity as WebhookEntity];
  if (!actions.includes(action)) {
    throw invalid(`${entity} has no event '${action}'. Choose one of ${actions.join(', ')}.`, {
      reason: 'webhook-action-unknown',
      argument: 'events',
      entity,
      action,
      actions,
    });
  }
  return { entity: entity as WebhookEntity, action: action as WebhookAction };
}

/** What happened, in the order in which it is told. `name` is the model's, the prompt's or the run's. */
export type WebhookFacts = {
  runId?: string | null;
  name: string;
  alias?: string;
  version?: number;
  source?: string;
  /** A prompt's text. */
  template?: string | null;
  tags?: { key: string; value: string }[];
  description?: string | null;
  key?: string;
  value?: string;
  experimentId?: number;
  status?: string;
};

const NAME = { name: 'example_model' };
const PROMPT = { name: 'example_prompt' };
const TAG = { key: 'example_key', value: 'example_value' };
const TAGS = { tags: [TAG] };
const ALIAS = { alias: 'example_alias' };
const RUN = { runId: 'abcd1234abcd5678abcd1234abcd5678', name: 'example-run-1', experimentId: 0 };

const EXAMPLES: Record<string, WebhookFacts> = {
  'REGISTERED_MODEL.CREATED': { ...NAME, ...TAGS, description: 'An example registered model' },
  'MODEL_VERSION.CREATED': {
    ...NAME,
    version: 1,
    source: 'models:/123',
    runId: 'abcd1234abcd5678',
    ...TAGS,
    description: 'An example model version',
  },
  'MODEL_VERSION_TAG.SET': { ...NAME, version: 1, ...TAG },
  'MODEL_VERSION_TAG.DELETED': { ...NAME, version: 1, key: TAG.key },
  'MODEL_VERSION_ALIAS.CREATED': { ...NAME, ...ALIAS, version: 1 },
  'MODEL_VERSION_ALIAS.DELETED': { ...NAME, ...ALIAS },
  'PROMPT.CREATED': { ...PROMPT, ...TAGS, description: 'An example prompt' },
  'PROMPT_VERSION.CREATED': { ...PROMPT, version: 1, template: 'Hello {{name}}!', ...TAGS, description: 'An example prompt version' },
  'PROMPT_TAG.SET': { ...PROMPT, ...TAG },
  'PROMPT_TAG.DELETED': { ...PROMPT, key: TAG.key },
  'PROMPT_VERSION_TAG.SET': { ...PROMPT, version: 1, ...TAG },
  'PROMPT_VERSION_TAG.DELETED': { ...PROMPT, version: 1, key: TAG.key },
  'PROMPT_ALIAS.CREATED': { ...PROMPT, ...ALIAS, version: 1 },
  'PROMPT_ALIAS.DELETED': { ...PROMPT, ...ALIAS },
  'RUN.FINISHED': { ...RUN, status: 'FINISHED' },
  'RUN.FAILED': { ...RUN, status: 'FAILED' },
};

export const exampleFacts = (event: WebhookEvent): WebhookFacts => EXAMPLES[printEvent(event)]!;
