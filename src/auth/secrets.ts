// Random secrets and the hashes they are stored as. A secret of 200 bits and more needs no slow hash: SHA-256 is enough and is indexable.
import { hash, randomBytes, randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits, each equally likely (randomInt rejects instead of taking a remainder). */
export const randomLetters = (length: number): string => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** 32 random bytes that fit an address. */
export const randomUrlToken = (): string => randomBytes(32).toString('base64url');

export const sha256 = (secret: string): Buffer<ArrayBuffer> => Buffer.from(hash('sha256', secret, 'buffer'));
