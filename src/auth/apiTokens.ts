// API tokens: exactly 40 letters and digits (what W&B's clients accept as a key too), shown once and kept as SHA-256.
import { randomLetters, sha256 } from './secrets.ts';

export const isApiToken = (text: string): boolean => /^[A-Za-z0-9]{40}$/.test(text);
export const newApiTokenSecret = (): string => randomLetters(40);
export const hashApiToken = (secret: string): Buffer => sha256(secret);
