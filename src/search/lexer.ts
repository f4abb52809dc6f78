// Filter text → tokens with positions, in one pass. Knows quotes, numbers and names; knows no keyword, entity or comparator.
import { refusal } from './refusals.ts';
import type { Dialect, Name } from './tree.ts';

export type Token =
  /** `metrics.a`, `params."a b"`, `status`, and keywords, which the parser tells apart by `word`: the text if it is bare and undotted. */
  | { kind: 'name'; name: Name; word: string | null; text: string; start: number; end: number }
  /** '…' or "…". A doubled quote stands for one; in MLflow's dialect it stays doubled, as there. Backslashes stay as they are. */
  | { kind: 'string'; value: string; quote: "'" | '"'; text: string; start: number; end: number }
  | { kind: 'number' | 'duration' | 'operator' | 'punctuation' | 'end'; text: string; start: number; end: number };

export const MAX_FILTER_LENGTH = 100_000;
export const QUOTE_NAMES = 'Put names with other characters than letters, digits, _ and . in `…` or "…".';

const SPACE = /\s+/uy;
const WORD = /[\p{L}\p{M}\p{N}_]+/uy;
const DOTTED = /[\p{L}\p{M}\p{N}_.]+/uy;
const SUFFIX = /\.([a-z]+)(?![\p{L}\p{M}\p{N}_.])/uy;
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{M}\p{N}_.])/uy;
const DURATION = /\d+(?:\.\d+)?(?:ms|[smhdw])(?![\p{L}\p{M}\p{N}_.])/uy;
const OPERATOR = /[<>=~!]+/uy;
const PUNCTUATION = /[(),;+-]/uy;

/** @throws INVALID_ARGUMENT with the position of the first character that can't start anything, or of a quote that is never closed. */
export function lex(text: string, argument: string, dialect: Dialect): Token[] {
  if (text.length > MAX_FILTER_LENGTH) {
    throw refusal(`The filter is ${text.length} characters long; at most ${MAX_FILTER_LENGTH} are allowed.`, {
      reason: 'filter-too-long',
      argument,
      position: MAX_FILTER_LENGTH,
    });
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw refusal(`Remove the character NUL at position ${nul}.`, { reason: 'filter-nul', argument, position: nul });

  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp, from = at): string | null => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.[0] ?? null;
  };
  const quotedEnd = (start: number): number => {
    const end = dialect === 'mlflow' ? mlflowClosingQuote(text, start) : closingQuote(text, start);
    if (end < 0) {
      throw refusal(`Close the quote that opens at position ${start}.`, { reason: 'filter-quote-open', argument, position: start });
    }
    return end;
  };
  /** What stands between the quotes of text[start..end]. */
  const inQuotes = (start: number, end: number): string => {
    const inside = text.slice(start + 1, end - 1);
    return dialect === 'mlflow' ? inside : inside.replaceAll(text[start]!.repeat(2), text[start]!);
  };
  /** The name whose first part, `head`, ends at `from`. */
  const finishName = (start: number, from: number, head: string, headQuoted: boolean): Token => {
    const token = (name: Omit<Name, 'text' | 'position'>, end: number): Token => {
      const word = name.entity === null && !name.quoted ? name.key : null;
      return { kind: 'name', name: { ...name, text: text.slice(start, end), position: start }, word, text: text.slice(start, end), start, end };
    };
    if (text[from] !== '.') return token({ entity: null, key: head, quoted: headQuoted, stat: null }, from);
    const next = text[from + 1];
    if (next === '`' || next === '"' || next === "'") {
      const end = quotedEnd(from + 1);
      const key = inQuotes(from + 1, end);
      const stat = match(SUFFIX, end);
      return token({ entity: head, key, quoted: true, stat: stat?.slice(1) ?? null }, end + (stat?.length ?? 0));
    }
    const key = match(DOTTED, from + 1) ?? '';
    return token({ entity: head, key, quoted: false, stat: null }, from + 1 + key.length);
  };

  const plain = (kind: 'number' | 'duration' | 'operator' | 'punctuation', found: string): Token => {
    return { kind, text: found, start: at, end: at + found.length };
  };
  const rest = (start: number): Token => {
    const duration = match(DURATION);
    if (duration !== null) return plain('duration', duration);
    const word = match(WORD);
    if (word !== null) return finishName(start, start + word.length, word, false);
    const operator = match(OPERATOR);
    if (operator !== null) return plain('operator', operator);
    const punctuation = match(PUNCTUATION);
    if (punctuation !== null) return plain('punctuation', punctuation);
    const found = String.fromCodePoint(text.codePointAt(at) ?? 0);
    throw refusal(`'${found}' can't stand at position ${at}. ${QUOTE_NAMES}`, { reason: 'filter-character', argument, position: at, found });
  };

  for (;;) {
    at += match(SPACE)?.length ?? 0;
    if (at >= text.length) break;
    const start = at;
    const char = text[at];
    const last = tokens.at(-1);
    let token: Token;
    if (char === '`') {
      const end = quotedEnd(at);
      token = finishName(start, end, inQuotes(at, end), true);
    } else if (char === "'" || char === '"') {
      const end = quotedEnd(at);
      token = { kind: 'string', value: inQuotes(at, end), quote: char, text: text.slice(at, end), start, end };
    } else {
      // A minus after a parenthesis is that of `now() - 7d`, never a sign.
      const numbers = char === '-' && last?.text === ')' ? null : match(NUMBER);
      token = numbers !== null ? plain('number', numbers) : rest(start);
    }
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

/**
 * The offset after the quote that closes the one at `start`, or -1. A doubled quote stands for one, and nothing else has a meaning of its own:
 * so every text can be said.
 */
function closingQuote(text: string, start: number): number {
  const quote = text[start]!;
  for (let at = text.indexOf(quote, start + 1); at >= 0; at = text.indexOf(quote, at + 2)) if (text[at + 1] !== quote) return at + 1;
  return -1;
}

/** As in MLflow's lexer, a doubled quote and (not for `…`) one after a backslash belong to the text, unless nothing else could close it. */
function mlflowClosingQuote(text: string, start: number): number {
  const quote = text[start];
  let fallback = -1;
  let at = start + 1;
  while (at < text.length) {
    if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      fallback = at + 1;
      at += 2;
    } else if (text[at] === '\\' && quote !== '`' && text[at + 1] === quote) {
      fallback = at + 2;
      at += 2;
    } else {
      at += 1;
    }
  }
  return fallback;
}
