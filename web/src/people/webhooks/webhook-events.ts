// What a webhook can be told of, as the server names it and in words.
import type { WebhookAction, WebhookEntity, WebhooksQuery } from '../../api/documents.gen.ts';

export type Hook = NonNullable<WebhooksQuery['team']>['webhooks']['nodes'][number];

type Event = { entity: WebhookEntity; action: WebhookAction };

const EVENTS: [WebhookEntity, WebhookAction, string][] = [
  ['RUN', 'FINISHED', 'A run finished'],
  ['RUN', 'FAILED', 'A run failed'],
  ['REGISTERED_MODEL', 'CREATED', 'A model was registered'],
  ['MODEL_VERSION', 'CREATED', 'A version was made'],
  ['MODEL_VERSION_TAG', 'SET', 'A version was tagged'],
  ['MODEL_VERSION_TAG', 'DELETED', 'A version’s tag was removed'],
  ['MODEL_VERSION_ALIAS', 'CREATED', 'An alias was moved'],
  ['MODEL_VERSION_ALIAS', 'DELETED', 'An alias was removed'],
  ['PROMPT', 'CREATED', 'A prompt was made'],
  ['PROMPT_VERSION', 'CREATED', 'A version of a prompt was made'],
];

export const keyOf = ({ entity, action }: Event) => `${entity}.${action}`;

export const OPTIONS = EVENTS.map(([entity, action, label]) => ({ value: keyOf({ entity, action }), label }));

export const nameOf = (event: Event) => OPTIONS.find(({ value }) => value === keyOf(event))?.label ?? keyOf(event).toLowerCase().replaceAll('_', ' ');

export const eventOf = (key: string): Event => {
  const [entity, action] = key.split('.');
  return { entity: entity as WebhookEntity, action: action as WebhookAction };
};
