// Page tokens: the sort values of a row, and a fingerprint of the search they belong to. Opaque to clients, but not secret and not trusted.
import { createHash } from 'node:crypto';
import type { ValueType } from './nouns.ts';
import { refusal } from './refusals.ts';

const VERSION = 1;

/** Sort values as Postgres prints them, null where the row has none. `now`: the time that `now()` meant on the first page, in ms. */
export type Cursor = { values: (string | null)[]; now: number };

/** The same for the same search only. `parts` is JSON: filter, order, scope; not the size of the page, which may change on the way. */
export const fingerprint = (parts: unknown): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);

export function encodeCursor(cursor: Cursor, print: string): string {
  return Buffer.from(JSON.stringify({ v: VERSION, k: cursor.values, f: print, t: cursor.now })).toString('base64url');
}

/**
 * @throws INVALID_ARGUMENT for text that no server made and for the cursor of another search.
 * What it returns is safe to cast to `types`.
 */
export function decodeCursor(token: string, print: string, types: readonly ValueType[], argument: string): Cursor {
  const malformed = () =>
    refusal("This isn't a cursor of this list. Give one that it returned, or leave it out to start again.", { reason: 'cursor-invalid', argument });
  if (token.length > 1_000_000 || !/^[A-Za-z0-9_-]+={0,2}$/.test(token)) throw malformed();
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw malformed();
  }
  if (typeof decoded !== 'object' || decoded === null) throw malformed();
  const { v, k, f, t } = decoded as { v?: unknown; k?: unknown; f?: unknown; t?: unknown };
  if (v !== VERSION || typeof f !== 'string' || !Array.isArray(k) || typeof t !== 'number' || !Number.isSafeInteger(t)) throw malformed();
  if (f !== print) {
    throw refusal('The filter, the order or the scope of the search has changed since this cursor was made. Start again without it.', {
      reason: 'cursor-of-another-search',
      argument,
    });
  }
  if (k.length !== types.length || !types.every((type, index) => isValue(k[index], type))) throw malformed();
  return { values: k as (string | null)[], now: t };
}

function isValue(value: unknown, type: ValueType): boolean {
  if (value === null) return true;
  if (typeof value !== 'string') return false;
  switch (type) {
    case 'integer':
      return /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
    case 'float':
      // An exponent that Postgres printed never overflows; one that somebody typed might, and then isn't finite here either.
      return /^(NaN|-?Infinity)$/.test(value) || (/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(value) && isFloat(value));
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
    case 'text':
      return !value.includes('\0');
  }
}

const isFloat = (text: string) => {
  const number = Number(text);
  return Number.isFinite(number) && (number !== 0 || /^-?0+(\.0+)?(e[+-]\d+)?$/.test(text));
};
