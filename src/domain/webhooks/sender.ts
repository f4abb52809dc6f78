// Sends what waits in the webhook outbox, for all teams. Any number of processes may run it: rows are claimed, and a claim ends by itself.
// A message may come twice (a process died between sending and noting it), never not at all; receivers know repetitions by delivery id.
import type { Deps } from '../../context.ts';
import {
  claimDeliveries,
  countWaiting,
  type Delivery,
  finishDelivery,
  type Outcome,
  postponeDelivery,
  trimDeliveries,
} from '../../db/webhooks/deliveries.ts';
import { PrivateAddress } from '../../lib/addresses.ts';
import { measureWebhooksWaiting, webhookMessages } from '../../lib/measures.ts';
import { parseEvent, type WebhookFacts } from './events.ts';
import { openSecret, sendMessage } from './message.ts';
import { SECRET_LOST } from './webhooks.ts';

const POLL_MS = 5_000;
const LEASE_SECONDS = 60;
/** Of one process, and of one webhook in it, so that a slow receiver doesn't hold up the others. */
const MAX_SENDING = 16;
const MAX_SENDING_EACH = 4;
/** The last attempt is about 70 minutes after the first. */
const MAX_ATTEMPTS = 12;
const MAX_WAIT_SECONDS = 3_600;
const TRIM_MS = 600_000;
const KEEP_DAYS = 7;
const TRIM_ROWS = 1_000;

export type WebhookWorker = { stop(): Promise<void> };

const mayPass = (status: number) => status >= 500 || status === 429 || status === 408;

/**
 * 1, 2, 4 … seconds, and at least what the receiver asks for. Half of it is chance, so that messages that failed together don't come back together.
 */
function waitSeconds(attempts: number, retryAfter: number | null, base: number): number {
  const backOff = base * 2 ** (attempts - 1) * (0.5 + Math.random() / 2);
  return Math.min(MAX_WAIT_SECONDS, Math.max(backOff, retryAfter ?? 0));
}

/** `firstWaitSeconds` is for tests. `stop` waits for what is being sent, at most the 10 s that a receiver has. */
export function startWebhookWorker(deps: Deps, { firstWaitSeconds = 1 }: { firstWaitSeconds?: number } = {}): WebhookWorker {
  const sending = new Map<Promise<void>, string>();
  let stopped = false;
  let looking = false;
  let lookAgain = false;
  let lastTrim = 0;
  let waiting = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  const unmeasure = measureWebhooksWaiting(() => waiting);

  async function finish(delivery: Delivery, state: 'DELIVERED' | 'FAILED', outcome: Outcome): Promise<void> {
    webhookMessages.inc({ outcome: state === 'DELIVERED' ? 'sent' : 'failed' });
    await finishDelivery(deps.db, delivery, state, outcome);
  }

  async function retryOrGiveUp(delivery: Delivery, outcome: Outcome, retryAfter: number | null): Promise<void> {
    if (delivery.attempts >= MAX_ATTEMPTS) return finish(delivery, 'FAILED', outcome);
    const seconds = waitSeconds(delivery.attempts, retryAfter, firstWaitSeconds);
    webhookMessages.inc({ outcome: 'postponed' });
    await postponeDelivery(deps.db, delivery, seconds, outcome);
    if (seconds * 1_000 < POLL_MS) setTimeout(look, seconds * 1_000 + 5).unref();
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const fail = (error: string) => finish(delivery, 'FAILED', { status: null, error });
    if (delivery.status !== 'ACTIVE') return fail('The webhook was disabled before this was sent.');
    const secret = delivery.secret && openSecret(deps.config, `${delivery.teamId}:${delivery.webhookId}`, delivery.secret);
    if (secret === undefined) return fail(SECRET_LOST);
    const { url, data, facts, deliveryId } = delivery;
    try {
      const told = facts === null ? { payload: data! } : { facts: JSON.parse(facts) as WebhookFacts };
      const occasion = { event: parseEvent(delivery.event), told, deliveryId, at: delivery.createdAt, now: deps.now(), secret };
      const { status, retryAfter } = await sendMessage(deps, url, occasion);
      if (status < 300) return await finish(delivery, 'DELIVERED', { status, error: null });
      const outcome = { status, error: `The receiver answered ${status}.` };
      await (mayPass(status) ? retryOrGiveUp(delivery, outcome, retryAfter) : finish(delivery, 'FAILED', outcome));
    } catch (error) {
      const message = (error as Error).message;
      if (error instanceof PrivateAddress) await fail(message);
      else await retryOrGiveUp(delivery, { status: null, error: message }, null);
    }
  }

  function busyWebhooks(): string[] {
    const counts = new Map<string, number>();
    for (const webhookId of sending.values()) counts.set(webhookId, (counts.get(webhookId) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= MAX_SENDING_EACH).map(([webhookId]) => webhookId);
  }

  async function claimAll(): Promise<void> {
    while (!stopped && sending.size < MAX_SENDING) {
      const room = Math.min(MAX_SENDING - sending.size, MAX_SENDING_EACH);
      const claimed = await claimDeliveries(deps.db, room, busyWebhooks(), LEASE_SECONDS);
      for (const delivery of claimed) {
        const sent = deliver(delivery)
          .catch((error: unknown) => deps.log.warn({ err: error, webhook: delivery.webhookId }, 'could not note what became of a webhook message'))
          .finally(() => {
            sending.delete(sent);
            look();
          });
        sending.set(sent, delivery.webhookId);
      }
      if (claimed.length < room) return;
    }
  }

  async function trim(): Promise<void> {
    if (performance.now() - lastTrim < TRIM_MS) return;
    lastTrim = performance.now();
    while (!stopped && (await trimDeliveries(deps.db, KEEP_DAYS, TRIM_ROWS)) === TRIM_ROWS);
  }

  async function count(): Promise<void> {
    if (performance.now() - countedAt < POLL_MS) return;
    countedAt = performance.now();
    waiting = await countWaiting(deps.db);
  }

  /** One look at a time; what wakes us meanwhile makes for one more. */
  function look(): void {
    lookAgain = true;
    if (looking || stopped) return;
    looking = true;
    running = (async () => {
      try {
        while (lookAgain && !stopped) {
          lookAgain = false;
          await claimAll();
          await trim();
          await count();
        }
      } catch (error) {
        lookAgain = false;
        if (!stopped) deps.log.warn({ err: error }, 'could not look for webhook messages to send');
      } finally {
        looking = false;
      }
    })();
  }

  let running: Promise<void> = Promise.resolve();
  const unsubscribe = deps.bus.on(null, 'webhook', look);
  const timer = setInterval(look, POLL_MS);
  timer.unref();
  look();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      unsubscribe();
      unmeasure();
      await running;
      await Promise.all(sending.keys());
    },
  };
}
