// The text of a filter as rows, where it is no more than that. Pure.
import { type FilterRow, type FilterRows, hasValue, type Join, OPERATORS, type Operator, shownAs } from './filter-rows.ts';

const STATS = ['last', 'min', 'max', 'mean', 'first', 'count'];
const SPACE = /^\s+/;
const FIELD =
  /^(?:(metrics?|params?|parameters?|tags?|attributes?|attr)\.)?(`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\w/-]+(?:[.:/-]\w+)*)(?:\.(last|min|max|mean|first|count))?(?=[\s=!<>]|$)/i;
const OPERATOR = /^(is\s+not\s+null|is\s+null|not\s+in|not\s+ilike|not\s+like|ilike|like|contains|in|=~|<=|>=|!=|<>|=|<|>)/i;
const STRING = /^(['"])((?:(?!\1).|\1\1)*)\1/s;
const NUMBER = /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|now\(\)(?:\s*-\s*\d+\s*[a-z]+)?)(?=[\s,)]|$)/i;
/** A text without quotes, a duration, a day. */
const WORD = /^(?!(?:and|or|not|null)\b)[\w]+(?:[./:-]+\w+)*(?=[\s,)]|$)/i;
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
    return (this.take(NUMBER) ?? this.take(WORD))?.[0] ?? null;
  }

  /** A status without quotes is taken in any case. */
  valueOf(field: string, operator: Operator): string | null {
    const bare = /^\s*\w/.test(this.rest);
    const value = this.value(operator);
    return bare && field === 'attributes.status' ? (value?.toUpperCase() ?? null) : value;
  }
}

/** `params.lr`, metrics.`val/loss`.min as a column's id: params.lr, metrics.val/loss@min. A name alone is an attribute's, or of any kind. */
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

export const parseField = (text: string): string | null => readField(new Reader(text));

function readRow(reader: Reader): FilterRow | null {
  const before = reader.rest;
  const field = readField(reader);
  const found = field && reader.take(OPERATOR)?.[0].toUpperCase().replaceAll(/\s+/g, ' ').replace('<>', '!=');
  const operator = OPERATORS.find((one) => one === found);
  if (!field || !operator) {
    reader.rest = before;
    return readWord(reader);
  }
  if (!hasValue(operator)) return { field, operator, value: '' };
  if (operator !== 'IN' && operator !== 'NOT IN') {
    const value = reader.valueOf(field, operator);
    return value === null ? null : { field, operator, value };
  }
  if (!reader.take(/^\(/)) return null;
  const values: string[] = [];
  do {
    const value = reader.valueOf(field, operator);
    // A comma inside would read as two.
    if (value === null || value.includes(',')) return null;
    values.push(value);
  } while (reader.take(/^,/));
  return reader.take(/^\)/) ? { field, operator, value: values.join(', ') } : null;
}

/** What nothing compares is part of the name. */
function readWord(reader: Reader): FilterRow | null {
  const value = /^\s*(?:metrics?|params?|parameters?|tags?|attributes?|attr)\./i.test(reader.rest) ? null : reader.value('CONTAINS');
  return value === null || !/^\s*($|(and|or)\b|[\w'"])/i.test(reader.rest) ? null : { field: 'attributes.run_name', operator: 'CONTAINS', value };
}

/** Null for what isn't a list of comparisons joined by AND alone or OR alone. Words that stand beside each other are joined by AND. */
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
    const beside = row.operator === 'CONTAINS' && row.field === 'attributes.run_name';
    const said = reader.take(/^(and|or)\b/i)?.[0].toUpperCase() as Join | undefined;
    const next: Join | undefined = said ?? (beside ? 'AND' : undefined);
    if (!next || (join && join !== next)) return null;
    join = next;
  }
}
