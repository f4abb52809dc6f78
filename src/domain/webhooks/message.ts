// A webhook message as MLflow sends it (mlflow/webhooks/delivery.py): envelope, headers, signature; and the sealing of secrets at rest.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { deriveKey, deriveKeys } from '../../auth/keys.ts';
import type { Config } from '../../config.ts';
import { stringifyJson } from '../../lib/json.ts';
import { type PostOptions, post } from '../../lib/post.ts';
import type { WebhookEvent } from './events.ts';

const PURPOSE = 'webhook-secrets';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TIMEOUT_MS = 10_000;

/** `owner` binds the secret to its webhook: what is copied to another row doesn't open. */
export function sealSecret(config: Config, owner: string, secret: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(config, PURPOSE), nonce).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Undefined when none of the server's secrets opens it: it was sealed with one that has been taken out of the configuration. */
export function openSecret(config: Config, owner: string, sealed: Buffer): string | undefined {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  for (const key of deriveKeys(config, PURPOSE)) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(owner)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      // Sealed with another of the secrets.
    }
  }
  return undefined;
}

export const sign = (secret: string, deliveryId: string, timestamp: string, body: string): string =>
  `v1,${createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64')}`;

const asUuid = (id: string) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export type Message = {
  url: string;
  secret: string | null;
  event: WebhookEvent;
  /** The payload as JSON text. */
  data: string;
  /** 32 hex digits; the same for every attempt at one delivery, so that receivers can drop repetitions. */
  deliveryId: string;
  /** When it happened. */
  at: Date;
  /** When it is sent, in milliseconds since 1970; receivers refuse what is old. */
  now: number;
};

/** Sends once. Throws as `post` does. */
export function sendMessage(config: Config, message: Message, signal?: AbortSignal) {
  const { entity, action } = message.event;
  const head = stringifyJson({ entity: entity.toLowerCase(), action: action.toLowerCase(), timestamp: message.at.toISOString() });
  const body = `${head.slice(0, -1)},"data":${message.data}}`;
  const timestamp = String(Math.floor(message.now / 1000));
  const deliveryId = asUuid(message.deliveryId);
  const options: PostOptions = {
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'runledger',
      'X-MLflow-Delivery-Id': deliveryId,
      'X-MLflow-Timestamp': timestamp,
      ...(message.secret !== null && { 'X-MLflow-Signature': sign(message.secret, deliveryId, timestamp, body) }),
    },
    timeoutMs: TIMEOUT_MS,
    allowPrivate: config.webhookAllowPrivate,
    signal,
  };
  return post(message.url, options);
}
