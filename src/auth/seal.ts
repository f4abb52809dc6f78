// Small facts that clients carry for us: readable, signed, and good for one purpose. Nothing secret belongs in them.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config.ts';
import { deriveKey, deriveKeys } from './derivedKeys.ts';

const markOf = (key: Buffer, payload: string) => createHmac('sha256', key).update(payload).digest();

export function seal(config: Config, purpose: string, facts: unknown): string {
  const payload = Buffer.from(JSON.stringify(facts)).toString('base64url');
  return `${payload}.${markOf(deriveKey(config, purpose), payload).toString('base64url')}`;
}

/** What was sealed for this purpose, also before the signing secret was rotated; undefined for anything else. */
export function unseal(config: Config, purpose: string, sealed: string): unknown {
  const [payload = '', mark = ''] = sealed.split('.');
  const given = Buffer.from(mark, 'base64url');
  const valid = deriveKeys(config, purpose).some((key) => {
    const expected = markOf(key, payload);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return valid ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : undefined;
}
