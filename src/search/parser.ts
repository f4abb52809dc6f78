// Tokens → tree, by recursive descent. Decides what is a clause, not whether it makes sense: fields, comparators and value types are check.ts.
import { lex, QUOTE_NAMES, type Token } from './lexer.ts';
import { cut, quoted, refusal } from './refusals.ts';
import { durationIn } from './times.ts';
import type { Comparison, Dialect, Literal, Name, Syntax, Word } from './tree.ts';

export const MAX_DEPTH = 50;
export const MAX_CLAUSES = 200;

const MAX_OFFSET = 1e15;

/** The tree of a filter, or null for an empty one. @throws INVALID_ARGUMENT with `position` and what was expected there. */
export function parseFilter(text: string, dialect: Dialect, argument = 'filter'): Syntax | null {
  if (text === '') return null;
  if (text.trim() === '') {
    throw refusal('Write a clause such as metrics.loss < 0.1, or leave the filter empty.', {
      reason: 'filter-blank',
      argument,
      position: 0,
      filter: cut(text),
    });
  }
  return new Parser(text, dialect, argument).filter();
}

/** One value, as it could stand in a filter of the widened language: 5, 'text', now() - 7d. @throws INVALID_ARGUMENT. */
export const parseValue = (text: string, argument: string): Literal => new Parser(text, 'widened', argument).single();

class Parser {
  readonly #text: string;
  readonly #dialect: Dialect;
  readonly #argument: string;
  readonly #tokens: Token[];
  #at = 0;
  #clauses = 0;

  constructor(text: string, dialect: Dialect, argument: string) {
    this.#text = text;
    this.#dialect = dialect;
    this.#argument = argument;
    this.#tokens = lex(text, argument, dialect);
  }

  filter(): Syntax {
    const tree = this.#or(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') this.#fail(rest, this.#dialect === 'mlflow' ? 'AND or the end of the filter' : 'AND, OR or the end of the filter');
    return tree;
  }

  single(): Literal {
    const value = this.#value();
    if (this.#peek().kind !== 'end') this.#fail(this.#peek(), 'the end of the value');
    return value;
  }

  #or(depth: number): Syntax {
    const items = [this.#and(depth)];
    while (this.#isWord('OR')) {
      this.#onlyWidened('OR');
      this.#next();
      items.push(this.#and(depth));
    }
    return items.length === 1 ? items[0]! : { kind: 'or', items };
  }

  #and(depth: number): Syntax {
    const items = [this.#unary(depth)];
    // Words stand beside each other, and beside what follows them.
    while (this.#isWord('AND') || (items.at(-1)!.kind === 'word' && this.#begins())) {
      if (this.#isWord('AND')) this.#next();
      // MLflow lets a filter end in AND.
      if (this.#peek().kind === 'end') break;
      items.push(this.#unary(depth));
    }
    return items.length === 1 ? items[0]! : { kind: 'and', items };
  }

  #unary(depth: number): Syntax {
    const token = this.#peek();
    if (depth > MAX_DEPTH) {
      throw refusal(`The filter nests more than ${MAX_DEPTH} levels deep at position ${token.start}.`, {
        reason: 'filter-too-deep',
        argument: this.#argument,
        position: token.start,
      });
    }
    if (this.#isWord('NOT')) {
      this.#onlyWidened('NOT');
      this.#next();
      return { kind: 'not', item: this.#unary(depth + 1) };
    }
    if (token.text === '(') {
      this.#onlyWidened('parentheses');
      this.#next();
      const inner = this.#or(depth + 1);
      this.#expect(')', "AND, OR or ')'");
      return inner;
    }
    return this.#comparison();
  }

  /** Whether a comparison, a word or a parenthesis can begin here. */
  #begins(): boolean {
    const { kind, text } = this.#peek();
    return (
      kind === 'string' ||
      kind === 'number' ||
      kind === 'duration' ||
      text === '(' ||
      (kind === 'name' && (!this.#isKeyword() || this.#isWord('NOT')))
    );
  }

  #isKeyword(): boolean {
    const token = this.#peek();
    return token.kind === 'name' && isKeyword(token.word);
  }

  /** A name or value that nothing compares: what behind it can only be the end, AND, OR, or the next of them. */
  #plainWord(): Word | null {
    const token = this.#peek();
    if (this.#dialect === 'mlflow' || token.kind === 'end' || !this.#begins() || token.text === '(' || this.#isWord('NOT')) return null;
    // Names of fields, metrics.loss, wait for their comparator.
    if (token.kind === 'name' && token.name.entity !== null && (token.name.quoted || isEntity(token.name.entity))) return null;
    const after = this.#tokens[this.#at + 1]!;
    const last = after.kind === 'end' || after.text === ')' || (after.kind === 'name' && /^(and|or)$/i.test(after.word ?? ''));
    this.#at += 1;
    const next = last || (this.#begins() && !this.#comparesNext());
    this.#at -= 1;
    if (!next) return null;
    this.#next();
    const text = token.kind === 'string' ? token.value : token.kind === 'name' && token.name.entity === null ? token.name.key : token.text;
    return text === '' ? null : { kind: 'word', text, position: token.start };
  }

  /** Whether what stands here is a comparator: NOT and CONTAINS are, where a list, a pattern or a text follows. */
  #comparesNext(): boolean {
    const after = this.#tokens[this.#at + 1];
    if (this.#isWord('CONTAINS')) return after?.kind === 'string' || after?.kind === 'name';
    return this.#isWord('NOT') && after?.kind === 'name' && /^(in|i?like|between)$/i.test(after.word ?? '');
  }

  #comparison(): Comparison | Word {
    this.#clauses += 1;
    const first = this.#peek();
    if (this.#clauses > MAX_CLAUSES) {
      throw refusal(`The filter has more than ${MAX_CLAUSES} clauses. Lists are shorter with IN.`, {
        reason: 'filter-too-many-clauses',
        argument: this.#argument,
        position: first.start,
      });
    }
    const word = this.#plainWord();
    if (word) return word;
    const name = this.#name();
    const opToken = this.#peek();
    const clause = (op: string, values: Literal[]): Comparison => ({ kind: 'comparison', name, op, opPosition: opToken.start, values });
    if (opToken.kind === 'operator') {
      this.#next();
      return clause(opToken.text, [this.#value()]);
    }
    if (this.#takeWord('IS')) {
      const not = this.#takeWord('NOT');
      if (!this.#takeWord('NULL')) this.#fail(this.#peek(), not ? 'NULL' : 'NULL or NOT NULL');
      return clause(not ? 'IS NOT NULL' : 'IS NULL', []);
    }
    if (opToken.text === '-' && opToken.start === name.position + name.text.length) {
      const found = /\S+/.exec(this.#text.slice(name.position, name.position + 200))?.[0] ?? name.text;
      throw refusal(`${quoted(found)} needs quotes. ${QUOTE_NAMES}`, {
        reason: 'field-key-unquoted',
        argument: this.#argument,
        position: opToken.start,
        found: cut(found),
      });
    }
    const not = this.#takeWord('NOT') ? 'NOT ' : '';
    if (this.#takeWord('LIKE')) return clause(`${not}LIKE`, [this.#value()]);
    if (this.#takeWord('ILIKE')) return clause(`${not}ILIKE`, [this.#value()]);
    if (this.#takeWord('IN')) return clause(`${not}IN`, this.#list());
    if (this.#dialect === 'widened' && this.#takeWord('CONTAINS')) return clause(`${not}CONTAINS`, [this.#value()]);
    if (this.#isWord('BETWEEN')) {
      this.#onlyWidened('BETWEEN');
      this.#next();
      const low = this.#value();
      if (!this.#takeWord('AND')) this.#fail(this.#peek(), 'AND between the two bounds of BETWEEN');
      return clause(`${not}BETWEEN`, [low, this.#value()]);
    }
    return this.#fail(this.#peek(), not ? 'IN, LIKE or ILIKE' : 'a comparator (=, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL)');
  }

  #name(): Name {
    const token = this.#next();
    if (token.kind === 'name' && !isKeyword(token.word)) return token.name;
    // "run name" = 'x': double quotes name an attribute here, single quotes never do.
    if (token.kind === 'string' && token.quote === '"') {
      return { entity: null, key: token.value, quoted: true, stat: null, text: token.text, position: token.start };
    }
    return this.#fail(token, 'a name such as metrics.loss, params.`learning rate`, tags.team or status');
  }

  #value(): Literal {
    const token = this.#next();
    if (token.kind === 'string') return { kind: 'string', text: token.value, position: token.start };
    if (token.kind === 'number') return { kind: 'number', text: token.text, position: token.start };
    if (token.kind === 'duration' && this.#dialect === 'widened') return { kind: 'duration', text: token.text, position: token.start };
    if (token.kind === 'name' && token.word?.toLowerCase() === 'now' && this.#peek().text === '(') return this.#relativeTime(token);
    // Words and `…` are told apart from values later: MLflow has its own words for these mistakes.
    if (token.kind === 'name' && !isKeyword(token.word)) {
      // champion.metrics.`val/loss`: a key in back quotes ends the word.
      const next = this.#peek();
      const goesOn = this.#dialect === 'widened' && token.text.endsWith('.') && next.start === token.end && next.text.startsWith('`');
      return { kind: 'word', text: goesOn ? token.text + this.#next().text : token.text, position: token.start };
    }
    return this.#fail(token, "a number or a quoted string, such as 0.1 or 'adam'");
  }

  #relativeTime(start: Token): Literal {
    this.#onlyWidened('now()', start);
    this.#next();
    let end = this.#expect(')', "')' after now(");
    let offset = 0;
    while (this.#peek().text === '-' || this.#peek().text === '+') {
      const sign = this.#next().text === '-' ? -1 : 1;
      end = this.#next();
      const span = end.kind === 'duration' ? durationIn(end.text) : null;
      if (span === null) return this.#fail(end, 'a duration such as 30m, 12h, 7d or 2w');
      offset += sign * span;
      if (!(Math.abs(offset) <= MAX_OFFSET)) return this.#fail(end, 'a duration of less than 30,000 years');
    }
    return { kind: 'now', offset, text: this.#text.slice(start.start, end.end), position: start.start };
  }

  #list(): Literal[] {
    const open = this.#expect('(', "a list in parentheses, such as ('a', 'b')");
    const values: Literal[] = [];
    while (this.#peek().text !== ')') {
      values.push(this.#value());
      if (this.#peek().text === ',') this.#next();
      else break;
    }
    this.#expect(')', "',' or ')'");
    if (values.length === 0) {
      throw refusal("A list needs at least one value, such as ('a', 'b').", {
        reason: 'list-empty',
        argument: this.#argument,
        position: open.start,
      });
    }
    return values;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'name' && token.word?.toUpperCase() === word;
  }

  #takeWord(word: string): boolean {
    const is = this.#isWord(word);
    if (is) this.#next();
    return is;
  }

  #expect(text: string, expected: string): Token {
    const token = this.#peek();
    if (token.kind !== 'punctuation' || token.text !== text) this.#fail(token, expected);
    return this.#next();
  }

  #onlyWidened(what: string, token = this.#peek()): void {
    if (this.#dialect === 'widened') return;
    throw refusal(`'${token.text}' can't stand at position ${token.start}: this search has no ${what}. Join clauses by AND.`, {
      reason: 'filter-operator-unknown',
      argument: this.#argument,
      position: token.start,
      found: token.text,
      what,
    });
  }

  #fail(token: Token, expected: string): never {
    const detail = { argument: this.#argument, position: token.start };
    if (token.kind === 'end') throw refusal(`It ends too early: add ${expected}.`, { ...detail, reason: 'filter-ends-early', expected });
    if (token.text === ';' && this.#tokens[this.#tokens.indexOf(token) + 1]?.kind !== 'end') {
      throw refusal("Join clauses by AND, not by ';'.", { ...detail, reason: 'filter-semicolon', filter: cut(this.#text) });
    }
    throw refusal(`${quoted(token.text)} can't stand at position ${token.start}: expected ${expected}.`, {
      ...detail,
      reason: 'filter-token-unexpected',
      found: cut(token.text),
      expected,
    });
  }
}

const KEYWORDS = new Set(['AND', 'OR', 'NOT', 'IS', 'NULL', 'IN', 'LIKE', 'ILIKE', 'BETWEEN']);
const isEntity = (word: string) => /^(metric|param|parameter|tag|attribute|dataset)s?$|^(attr|run)$/i.test(word);
const isKeyword = (word: string | null) => word !== null && KEYWORDS.has(word.toUpperCase());
