// What a format of webhook messages is given, and what it makes of that. The composition (src/process.ts) says which format is sent.
import type { WebhookEvent, WebhookFacts } from './events.ts';

export type Occasion = {
  event: WebhookEvent;
  /** Payloads as JSON text are of messages that waited since before facts were kept: they go out as they are. */
  told: { facts: WebhookFacts } | { payload: string };
  /** 32 hex digits; the same for every attempt at one delivery, so that receivers can drop repetitions. */
  deliveryId: string;
  /** When it happened. */
  at: Date;
  /** When it is sent, in milliseconds since 1970; receivers refuse what is old. */
  now: number;
  /** To sign with. */
  secret: string | null;
};

export type WebhookFormat = (occasion: Occasion) => { body: string; headers: Record<string, string> };
