// Guards `=~`. Lets through those of Postgres's regular expressions that can't fail in the database and cost little; says why it refuses others.
import { refusal } from './refusals.ts';

const MAX_LENGTH = 500;
/** Postgres expands a{1000} into states: this bounds what one pattern can become. */
const MAX_STATES = 2_000;
const MAX_REPEAT = 255;
const MAX_GROUPS = 20;
const CLASSES = new Set(['alpha', 'digit', 'alnum', 'upper', 'lower', 'space', 'blank', 'punct', 'print', 'graph', 'cntrl', 'xdigit']);

/**
 * Checks a pattern: characters, `.`, `^`, `$`, `[…]` with ranges and [:classes:], `\d \w \s` and their capitals, `\y`, groups, `|`, and
 * `* + ? {m,n}`; `(?i)` in front ignores case. No back-references and no look-around.
 * @throws INVALID_ARGUMENT; `position` is that of the value in the filter.
 */
export function checkRegex(pattern: string, detail: { argument: string; position?: number }): void {
  const fail = (why: string): never => {
    throw refusal(`Change the regular expression '${pattern.slice(0, 100)}': ${why}.`, { reason: 'regex-invalid', ...detail });
  };
  if (pattern.length > MAX_LENGTH) fail(`it is longer than ${MAX_LENGTH} characters`);
  const chars = [...pattern];
  let at = pattern.startsWith('(?i)') ? 4 : 0;

  const alternatives = (depth: number): number => {
    if (depth > MAX_GROUPS) fail(`groups nest more than ${MAX_GROUPS} deep`);
    let states = branch(depth);
    while (chars[at] === '|') {
      at += 1;
      states += branch(depth);
    }
    return states + 2;
  };
  const branch = (depth: number): number => {
    let states = 0;
    let items = 0;
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')') {
      states += repeated(depth);
      items += 1;
      if (states > MAX_STATES) fail('it repeats too much');
    }
    if (items === 0) fail('a group or an alternative is empty');
    return states;
  };
  const repeated = (depth: number): number => {
    const atom = one(depth);
    const times = quantifier();
    if (times === null) return atom.states;
    if (atom.anchor) fail('an anchor is repeated');
    if ('*+?{'.includes(chars[at] ?? ' ')) {
      // A `?` after a quantifier makes it lazy; anything else is a second quantifier.
      if (chars[at] !== '?' || '*+?{'.includes(chars[at + 1] ?? ' ')) fail('two quantifiers follow each other');
      at += 1;
    }
    const states = atom.states * times + 1;
    return states > MAX_STATES ? fail('it repeats too much') : states;
  };
  const one = (depth: number): { states: number; anchor: boolean } => {
    const char = chars[at]!;
    at += 1;
    if (char === '(') {
      if (chars[at] === '?') {
        if (chars[at + 1] !== ':') fail('only plain and (?:…) groups are allowed');
        at += 2;
      }
      const states = alternatives(depth + 1);
      if (chars[at] !== ')') fail('a parenthesis is not closed');
      at += 1;
      return { states, anchor: false };
    }
    if (char === '[') return bracket();
    if (char === '^' || char === '$') return { states: 1, anchor: true };
    if (char === '\\') return escaped();
    if ('*+?{'.includes(char)) fail(`there is nothing before '${char}' to repeat; write \\${char} for the character`);
    return { states: 1, anchor: false };
  };
  const escaped = (): { states: number; anchor: boolean } => {
    const char = chars[at];
    at += 1;
    if (char === undefined) return fail('it ends in a backslash');
    if ('mMyYAZ'.includes(char)) return { states: 1, anchor: true };
    if ('dDwWsSntrf'.includes(char) || /^[^\p{L}\p{N}_]$/u.test(char)) return { states: 1, anchor: false };
    return fail(`\\${char} is not supported`);
  };
  const quantifier = (): number | null => {
    const char = chars[at] ?? ' ';
    if ('*+?'.includes(char)) {
      at += 1;
      return 1;
    }
    if (char !== '{') return null;
    const bound = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(chars.slice(at, at + 9).join(''));
    if (!bound) return fail('{ starts a repetition such as {2,5}; write \\{ for the character');
    at += bound[0].length;
    const low = Number(bound[1]);
    const high = bound[3] === undefined ? low : Number(bound[3]);
    if (high < low || high > MAX_REPEAT) fail(`a repetition goes from low to high, and to ${MAX_REPEAT} at most`);
    return high + 1;
  };
  const bracket = (): { states: number; anchor: boolean } => {
    if (chars[at] === '^') at += 1;
    let first = true;
    while (first || chars[at] !== ']') {
      if (at >= chars.length) fail('a bracket is not closed');
      const low = member();
      if (chars[at] === '-' && chars[at + 1] !== ']') {
        at += 1;
        const high = at < chars.length ? member() : fail('a bracket is not closed');
        if (low === null || high === null || low > high) fail('a range in brackets goes from a lower to a higher character');
      }
      first = false;
    }
    at += 1;
    return { states: 1, anchor: false };
  };
  /** The code point of one member of a bracket, or null for a class, which can't bound a range. */
  const member = (): number | null => {
    const char = chars[at]!;
    at += 1;
    if (char === '[') {
      const name = /^:([a-z]+):\]/.exec(chars.slice(at, at + 10).join(''));
      if (!name || !CLASSES.has(name[1]!)) return fail('a [ inside brackets starts a class such as [:alpha:]; write \\[ for the character');
      at += name[0].length;
      return null;
    }
    if (char === '\\') {
      const char = chars[at] ?? fail('a bracket is not closed');
      at += 1;
      if ('dws'.includes(char)) return null;
      if (!/^[^\p{L}\p{N}_]$/u.test(char)) fail(`\\${char} is not supported inside brackets`);
      return char.codePointAt(0)!;
    }
    return char.codePointAt(0)!;
  };

  alternatives(0);
  if (at < chars.length) fail('a parenthesis is closed that was never opened');
}
