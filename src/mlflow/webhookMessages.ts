// A webhook message as MLflow sends it (mlflow/webhooks/delivery.py): envelope, payload, headers, signature.
import { createHmac } from 'node:crypto';
import type { WebhookEvent, WebhookFacts } from '../domain/webhooks/events.ts';
import type { WebhookFormat } from '../domain/webhooks/format.ts';

const asUuid = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const sign = (secret: string, deliveryId: string, timestamp: string, body: string): string =>
  `v1,${createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64')}`;

/** MLflow's names and types, in the order of the facts. */
function payloadOf({ entity }: WebhookEvent, facts: WebhookFacts): Record<string, unknown> {
  const entries = Object.entries(facts).map(([name, value]): [string, unknown] => {
    if (name === 'name') return [entity === 'RUN' ? 'run_name' : 'name', value];
    if (name === 'runId') return ['run_id', value];
    if (name === 'experimentId') return ['experiment_id', String(value)];
    if (name === 'version') return ['version', String(value)];
    if (name === 'tags') return ['tags', Object.fromEntries((facts.tags ?? []).map((tag) => [tag.key, tag.value]))];
    return [name, value];
  });
  return Object.fromEntries(entries);
}

export const mlflowWebhookMessage: WebhookFormat = ({ event, told, deliveryId, at, now, secret }) => {
  const data = 'payload' in told ? told.payload : JSON.stringify(payloadOf(event, told.facts));
  const head = JSON.stringify({ entity: event.entity.toLowerCase(), action: event.action.toLowerCase(), timestamp: at.toISOString() });
  const body = `${head.slice(0, -1)},"data":${data}}`;
  const timestamp = String(Math.floor(now / 1000));
  const id = asUuid(deliveryId);
  return {
    body,
    headers: {
      'X-MLflow-Delivery-Id': id,
      'X-MLflow-Timestamp': timestamp,
      ...(secret !== null && { 'X-MLflow-Signature': sign(secret, id, timestamp, body) }),
    },
  };
};
