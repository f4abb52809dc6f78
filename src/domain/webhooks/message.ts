// Sending one webhook message, and the sealing of the secrets that messages are signed with.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey, deriveKeys } from '../../auth/derivedKeys.ts';
import type { Config } from '../../config.ts';
import type { Deps } from '../../context.ts';
import { post } from '../../lib/post.ts';
import type { Occasion } from './format.ts';

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

/** Sends once, as `format` words it. Throws as `post` does. */
export function sendMessage(
  { config, webhookFormat }: Pick<Deps, 'config' | 'webhookFormat'>,
  url: string,
  occasion: Occasion,
  signal?: AbortSignal,
): ReturnType<typeof post> {
  const { body, headers } = webhookFormat(occasion);
  return post(url, {
    body,
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'runledger', ...headers },
    timeoutMs: TIMEOUT_MS,
    allowPrivate: config.webhookAllowPrivate,
    signal,
  });
}
