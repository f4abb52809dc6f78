// Webhooks in the MLflow protocol. Run events (RUN, FINISHED, FAILED) are ours; their numbers lie beyond MLflow's.
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  testWebhook,
  updateWebhook,
  type Webhook,
  type WebhookTest,
} from '../domain/webhooks/webhooks.ts';
import { int, list, message, oneOf, required, string } from './codec.ts';
import { type Route, route } from './route.ts';

const ENTITIES = {
  ENTITY_UNSPECIFIED: 0,
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
  RUN: 1000,
} as const;
const ACTIONS = { ACTION_UNSPECIFIED: 0, CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4, EXCEEDED: 5, FINISHED: 1000, FAILED: 1001 } as const;
const STATUSES = { ACTIVE: 1, DISABLED: 2 } as const;

const event = message({ entity: required(oneOf(ENTITIES)), action: required(oneOf(ACTIONS)) });
const webhookId = { webhook_id: required(string()) };

const encodeWebhook = (hook: Webhook) => ({
  webhook: {
    webhook_id: hook.webhookId,
    name: hook.name,
    ...(hook.description && { description: hook.description }),
    url: hook.url,
    events: hook.events,
    status: hook.status,
    creation_timestamp: hook.creationTime,
    last_updated_timestamp: hook.lastUpdateTime,
  },
});

const encodeTest = ({ success, responseStatus, responseBody, errorMessage }: WebhookTest) => ({
  result: {
    success,
    ...(responseStatus !== null && { response_status: responseStatus }),
    ...(responseBody !== null && { response_body: responseBody }),
    ...(errorMessage !== null && { error_message: errorMessage }),
  },
});

export const webhookRoutes: Route[] = [
  route(
    'POST',
    '2.0/mlflow/webhooks',
    'P1',
    'create a webhook',
    {
      name: required(string()),
      description: string(),
      url: required(string()),
      events: required(list(event)),
      secret: string(),
      status: oneOf(STATUSES),
    },
    async (ctx, request) => encodeWebhook(await createWebhook(ctx, request)),
  ),
  route('GET', '2.0/mlflow/webhooks', 'P1', 'list webhooks', { max_results: int(), page_token: string() }, async (ctx, request) => {
    const page = await listWebhooks(ctx, { maxResults: request.max_results || undefined, pageToken: request.page_token });
    return {
      ...(page.webhooks.length > 0 && { webhooks: page.webhooks.map((hook) => encodeWebhook(hook).webhook) }),
      ...(page.nextPageToken !== null && { next_page_token: page.nextPageToken }),
    };
  }),
  route('GET', '2.0/mlflow/webhooks/:webhook_id', 'P1', 'get a webhook', webhookId, async (ctx, request) =>
    encodeWebhook(await getWebhook(ctx, request.webhook_id)),
  ),
  route(
    'PATCH',
    '2.0/mlflow/webhooks/:webhook_id',
    'P1',
    'change a webhook',
    { ...webhookId, name: string(), description: string(), url: string(), events: list(event), secret: string(), status: oneOf(STATUSES) },
    async (ctx, request) =>
      encodeWebhook(
        // Empty means not given, as in MLflow.
        await updateWebhook(ctx, request.webhook_id, {
          name: request.name || undefined,
          description: request.description || undefined,
          url: request.url || undefined,
          events: request.events.length > 0 ? request.events : undefined,
          secret: request.secret || undefined,
          status: request.status,
        }),
      ),
  ),
  route('DELETE', '2.0/mlflow/webhooks/:webhook_id', 'P1', 'delete a webhook', webhookId, (ctx, request) => deleteWebhook(ctx, request.webhook_id)),
  route(
    'POST',
    '2.0/mlflow/webhooks/:webhook_id/test',
    'P1',
    'send an example now',
    { ...webhookId, event: { read: (value, path) => (value === undefined || value === null ? undefined : event.read(value, path)) } },
    async (ctx, request) => encodeTest(await testWebhook(ctx, request.webhook_id, request.event)),
  ),
];
