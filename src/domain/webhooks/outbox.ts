// The outbox that changes write their webhook messages into. Sending is webhookWorker.ts.

import type { Db } from '../../context.ts';
import { insertDeliveries } from '../../db/webhooks/deliveries.ts';
import { stringifyJson } from '../../lib/json.ts';
import { printEvent, type WebhookEvent } from './events.ts';

/**
 * Queues a message for each active webhook of the event, in the transaction of the change. True when there is any: then publish `webhook`
 * on the bus after the commit, which saves the wait for the worker's next look.
 */
export async function enqueueWebhook(tx: Db, teamId: number, event: WebhookEvent, payload: Record<string, unknown>): Promise<boolean> {
  return (await insertDeliveries(tx, teamId, printEvent(event), stringifyJson(payload))) > 0;
}
