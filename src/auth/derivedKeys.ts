// Keys for purposes other than access tokens (signed artifact addresses, cursors), derived so that no two purposes share one.
import { hkdfSync } from 'node:crypto';
import type { Config } from '../config.ts';

const derive = (secret: string, purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `runledger ${purpose}`, 32));

/** 32 bytes to sign with for `purpose`, from the first of the configured secrets. */
export const deriveKey = (config: Config, purpose: string): Buffer => derive(config.jwtSecrets[0]!, purpose);

/** The keys to verify with, the signing one first: what was signed before a rotation stays valid. */
export const deriveKeys = (config: Config, purpose: string): Buffer[] => config.jwtSecrets.map((secret) => derive(secret, purpose));
