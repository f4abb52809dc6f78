// JSON as Python writes it, every number as it stands in the file: JavaScript's have 53 bits, and 1.0 and 1 are one to it. Pure.

/** Begins a text that stands for a number; texts that begin so themselves have it twice. */
const MARK = '\u0000';
const ESCAPED = '\\u0000';
const TOKEN = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/g;

/** With bare NaN and Infinity. Undefined for what is no JSON all the same. See `literalOf`. */
export function parseLoosely(text: string): { value: unknown } | undefined {
  const marked = text.replace(TOKEN, (token, inside: string | undefined, colon: string | undefined) => {
    if (inside !== undefined) return colon === undefined && inside.startsWith(ESCAPED) ? `"${ESCAPED}${token.slice(1)}` : token;
    return String(Number(token)) === token && /\d/.test(token) ? token : `"${ESCAPED}${token}"`;
  });
  try {
    return { value: JSON.parse(marked) };
  } catch {
    return undefined;
  }
}

/** A leaf of what was parsed, as the file has it. */
export function literalOf(value: unknown): { text: string; kind: 'number' | 'string' | 'literal' } {
  if (typeof value === 'number') return { text: String(value), kind: 'number' };
  if (typeof value !== 'string') return { text: String(value), kind: 'literal' };
  if (!value.startsWith(MARK)) return { text: JSON.stringify(value), kind: 'string' };
  return value.startsWith(MARK + MARK) ? { text: JSON.stringify(value.slice(1)), kind: 'string' } : { text: value.slice(1), kind: 'number' };
}

/** As JSON, numbers of 64 bits and those that JSON has not as they are. For values that were not parsed here. */
export const stringifyLoosely = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'bigint' || (typeof one === 'number' && !Number.isFinite(one))) return `${MARK}${one}`;
    return one instanceof Uint8Array ? `${one.length} bytes` : one;
  })?.replaceAll(/"\\u0000(-?(?:\d+|Infinity|NaN))"/g, '$1');
