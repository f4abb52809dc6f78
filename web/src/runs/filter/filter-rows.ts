// A simple filter as rows of field, operator and value, and back to text: what the form edits. Pure. What is more than such rows is left to the text.
import { columnText, quoteText } from '../../api/filter-text.ts';

export const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE', '=~', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL'] as const;
export type Operator = (typeof OPERATORS)[number];
/** `field`: `metrics.rmse`, `metrics.loss@min`, `params.lr`, `tags.stage`, `attributes.status`. `value`: as a person reads it, without quotes unless it has to be told apart by them. */
export type FilterRow = { field: string; operator: Operator; value: string };
export type Join = 'AND' | 'OR';
export type FilterRows = { join: Join; rows: FilterRow[] };

const STATS = ['last', 'min', 'max', 'mean', 'first', 'count'];
const TIMES = ['start_time', 'end_time'];
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

export const isNumeric = (field: string): boolean =>
  field.startsWith('metrics.') || field === 'attributes.duration' || TIMES.includes(field.replace('attributes.', ''));
export const isTime = (field: string): boolean => TIMES.includes(field.replace('attributes.', ''));
export const hasValue = (operator: Operator): boolean => !operator.startsWith('IS ');
/** Operators that make sense of a field. */
export function operatorsOf(field: string): Operator[] {
  if (isNumeric(field)) return ['<', '<=', '>', '>=', '=', '!=', 'IS NULL', 'IS NOT NULL'];
  const ordered: Operator[] = field.startsWith('params.') ? ['<', '<=', '>', '>='] : [];
  return ['=', '!=', ...ordered, 'IN', 'NOT IN', 'LIKE', 'ILIKE', '=~', 'IS NULL', 'IS NOT NULL'];
}

const QUOTED = /^'((?:[^']|'')*)'$/;
/** A text as it is in quotes, else without the space around it. */
function meant(shown: string): string {
  const text = QUOTED.exec(shown.trim())?.[1];
  return text === undefined ? shown.trim() : text.replaceAll("''", "'");
}
const isList = (operator: Operator) => operator === 'IN' || operator === 'NOT IN';
/** As a person reads it. In quotes where it would else be read otherwise: empty, with space around it, in quotes of its own, with a comma in a list. */
export const shownAs = (text: string, operator: Operator): string =>
  text === meant(text) && text !== '' && !(isList(operator) && /^'|,/.test(text)) ? text : quoteText(text);

/** What stands between commas; in quotes these have no meaning. */
const partsOf = (value: string): string[] => value.match(/(?:\s*'(?:[^']|'')*'\s*(?=,|$)|[^,]+|(?<=,)(?=,|$))/g) ?? [];

function valueText({ field, operator, value }: FilterRow): string {
  const one = (shown: string) => {
    const text = meant(shown);
    if (isTime(field) && !NUMBER.test(text)) {
      const time = Date.parse(text);
      return text.startsWith('now') ? text : Number.isNaN(time) ? quoteText(text) : String(time);
    }
    if (isNumeric(field)) return NUMBER.test(text) ? text : quoteText(text);
    // Params that are compared by size are compared as numbers where they are numbers.
    return field.startsWith('params.') && /^[<>]/.test(operator) && NUMBER.test(text) ? text : quoteText(text);
  };
  return isList(operator) ? `(${partsOf(value).map(one).join(', ')})` : one(value);
}

const isWhole = (row: FilterRow) => row.field !== '' && (!hasValue(row.operator) || row.value.trim() !== '');

/** Rows that aren't filled in are left out. */
export const printRows = ({ join, rows }: FilterRows): string =>
  rows
    .filter(isWhole)
    .map((row) => `${columnText(row.field)} ${row.operator}${hasValue(row.operator) ? ` ${valueText(row)}` : ''}`)
    .join(` ${join} `);

const SPACE = /^\s+/;
const FIELD =
  /^(?:(metrics?|params?|parameters?|tags?|attributes?|attr)\.)?(`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\w/-]+(?:[.:/-]\w+)*)(?:\.(last|min|max|mean|first|count))?(?=[\s=!<>]|$)/i;
const OPERATOR = /^(is\s+not\s+null|is\s+null|not\s+in|ilike|like|in|=~|<=|>=|!=|<>|=|<|>)/i;
const STRING = /^(['"])((?:(?!\1).|\1\1)*)\1/s;
const LITERAL = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|now\(\)(?:\s*-\s*\d+\s*[a-z]+)?)(?=[\s,)]|$)/i;
const KINDS: Record<string, string> = {
  metric: 'metrics',
  param: 'params',
  parameter: 'params',
  tag: 'tags',
  attribute: 'attributes',
  attr: 'attributes',
};

/** Reads from the front of a text; null where it isn't what is looked for. */
class Reader {
  rest: string;

  constructor(text: string) {
    this.rest = text;
  }

  take(pattern: RegExp): RegExpExecArray | null {
    this.rest = this.rest.replace(SPACE, '');
    const found = pattern.exec(this.rest);
    if (found) this.rest = this.rest.slice(found[0].length);
    return found;
  }

  value(operator: Operator): string | null {
    const text = this.take(STRING);
    if (text) return shownAs(text[2]!.replaceAll(text[1]!.repeat(2), text[1]!), operator);
    return this.take(LITERAL)?.[0] ?? null;
  }
}

function readField(reader: Reader): string | null {
  const found = reader.take(FIELD);
  if (!found) return null;
  const [, kind, name = ''] = found;
  let [, , , stat] = found;
  const quote = /^[`"]/.exec(name)?.[0];
  let key = quote ? name.slice(1, -1).replaceAll(quote.repeat(2), quote) : name;
  const noun = kind ? KINDS[kind.toLowerCase().replace(/s$/, '')]! : 'attributes';
  if (noun !== 'metrics' && stat) {
    key = `${key}.${stat}`;
    stat = undefined;
  }
  // `loss.min` without quotes is the statistic, as the server takes it where no metric has the whole name.
  const tail = key === name && noun === 'metrics' ? STATS.find((one) => key.endsWith(`.${one}`)) : undefined;
  if (tail && !stat) return `metrics.${key.slice(0, -tail.length - 1)}${tail === 'last' ? '' : `@${tail}`}`;
  return `${noun}.${key}${stat && stat.toLowerCase() !== 'last' ? `@${stat.toLowerCase()}` : ''}`;
}

function readRow(reader: Reader): FilterRow | null {
  const field = readField(reader);
  const found = field && reader.take(OPERATOR)?.[0].toUpperCase().replaceAll(/\s+/g, ' ').replace('<>', '!=');
  const operator = OPERATORS.find((one) => one === found);
  if (!field || !operator) return null;
  if (!hasValue(operator)) return { field, operator, value: '' };
  if (operator !== 'IN' && operator !== 'NOT IN') {
    const value = reader.value(operator);
    return value === null ? null : { field, operator, value };
  }
  if (!reader.take(/^\(/)) return null;
  const values: string[] = [];
  do {
    const value = reader.value(operator);
    // A comma inside would read as two.
    if (value === null || value.includes(',')) return null;
    values.push(value);
  } while (reader.take(/^,/));
  return reader.take(/^\)/) ? { field, operator, value: values.join(', ') } : null;
}

/** Null for what isn't a list of comparisons joined by AND alone or OR alone. */
export function parseRows(text: string): FilterRows | null {
  const reader = new Reader(text.trim());
  if (reader.rest === '') return { join: 'AND', rows: [] };
  const rows: FilterRow[] = [];
  let join: Join | null = null;
  for (;;) {
    const row = readRow(reader);
    if (!row) return null;
    rows.push(row);
    if (reader.rest.trim() === '') return { join: join ?? 'AND', rows };
    const next = reader.take(/^(and|or)\b/i)?.[0].toUpperCase() as Join | undefined;
    if (!next || (join && join !== next)) return null;
    join = next;
  }
}
