// JSON as ML clients speak it: bare NaN and Infinity, 64-bit integers. JSON.parse and JSON.stringify do the work wherever they can.

const NUMBER_TOKEN = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Numbers are matched whole, so that the digits behind a point are no integer. */
const ODD_TOKEN = /-?(?:NaN|Infinity)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const IS_ODD = /^-?(?:NaN|Infinity|\d{16,})$/;
const MOST_DIGITS = 15;

const isDigit = (code: number) => code >= 48 && code <= 57;

/** Digits that are more than a number holds exactly and don't follow a point. Looks at every sixteenth character: an expression takes half as long as parsing. */
function hasLongInteger(text: string): boolean {
  for (let at = MOST_DIGITS; at < text.length; at += MOST_DIGITS + 1) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let from = at;
    while (isDigit(text.charCodeAt(from - 1))) from -= 1;
    while (isDigit(text.charCodeAt(at + 1))) at += 1;
    if (at - from >= MOST_DIGITS && text[from - 1] !== '.') return true;
  }
  return false;
}

const mayBeOdd = (text: string) => text.includes('NaN') || text.includes('Infinity') || hasLongInteger(text);

function isEscaped(text: string, quote: number): boolean {
  let start = quote;
  while (text[start - 1] === '\\') start -= 1;
  return (quote - start) % 2 === 1;
}

/** Changes what stands outside of strings. No regular expression over the whole: those give up on strings of many megabytes. */
function outsideStrings(text: string, change: (part: string) => string): string {
  let out = '';
  for (let at = 0; ; ) {
    const open = text.indexOf('"', at);
    if (open < 0) return out + change(text.slice(at));
    let close = text.indexOf('"', open + 1);
    while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    out += change(text.slice(at, open));
    if (close < 0) return out + text.slice(open);
    out += text.slice(open, close + 1);
    at = close + 1;
  }
}

const quoteOdd = (part: string) => part.replace(ODD_TOKEN, (token) => (IS_ODD.test(token) ? `"${token}"` : token));

/** Parses JSON. Bare NaN, Infinity and integers of 16 and more digits come out as strings, which codecs read exactly. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return JSON.parse(mayBeOdd(text) ? outsideStrings(text, quoteOdd) : text);
}

/** The value at `path` (keys and indexes) of a JSON text as its author wrote it (9.0 stays 9.0), for error messages. */
export function sourceAt(text: string, path: (string | number)[]): string | undefined {
  const mark = '\u0001';
  try {
    let value: unknown = JSON.parse(outsideStrings(text, (part) => part.replace(NUMBER_TOKEN, (token) => `"\\u0001${token}"`)));
    for (const key of path) value = (value as Record<string | number, unknown> | undefined)?.[key];
    return JSON.stringify(value)
      ?.replaceAll(/"\\u0001([^"]*)"/g, '$1')
      .replaceAll(mark, '');
  } catch {
    return undefined;
  }
}

const nonce = Math.random().toString(36).slice(2);
const longMark = new RegExp(`"${nonce}:(-?\\d+)"`, 'g');

/** JSON.stringify that prints bigints as JSON numbers. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const marked = JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${nonce}:${item}` : item));
    return marked.replace(longMark, '$1');
  }
}
