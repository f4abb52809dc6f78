// A simple filter as rows of field, operator and value, and as text: what the form edits. Pure. What is more than such rows is left to the text; filter-reader.ts
// reads it back.
import { columnText, quoteText } from '../../api/filter-text.ts';

export const OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'CONTAINS',
  'LIKE',
  'ILIKE',
  'NOT LIKE',
  'NOT ILIKE',
  '=~',
  'IN',
  'NOT IN',
  'IS NULL',
  'IS NOT NULL',
] as const;
export type Operator = (typeof OPERATORS)[number];
/** `field`: `metrics.rmse`, `metrics.loss@min`, `params.lr`, `tags.stage`, `attributes.status`. `value`: as a person reads it, without quotes unless it has to be told apart by them. */
export type FilterRow = { field: string; operator: Operator; value: string };
export type Join = 'AND' | 'OR';
export type FilterRows = { join: Join; rows: FilterRow[] };

const TIMES = ['start_time', 'end_time'];
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const SPAN = /^(\d+(\.\d+)?(ms|[smhdw]))+$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TEXTS = ['run_name', 'status', 'user_id', 'run_id', 'name', 'user', 'artifact_uri'];
/** A name without its kind stands for whatever is called so. */
const isBare = (field: string): boolean => field.startsWith('attributes.') && !isNumeric(field) && !TEXTS.includes(field.slice('attributes.'.length));

export const isNumeric = (field: string): boolean =>
  field.startsWith('metrics.') || field === 'attributes.duration' || TIMES.includes(field.replace('attributes.', ''));
export const isTime = (field: string): boolean => TIMES.includes(field.replace('attributes.', ''));
export const hasValue = (operator: Operator): boolean => !operator.startsWith('IS ');
/** Operators that make sense of a field. */
export function operatorsOf(field: string): Operator[] {
  if (isNumeric(field)) return ['<', '<=', '>', '>=', '=', '!=', 'IS NULL', 'IS NOT NULL'];
  const ordered: Operator[] = field.startsWith('params.') || isBare(field) ? ['<', '<=', '>', '>='] : [];
  return ['=', '!=', ...ordered, 'CONTAINS', 'IN', 'NOT IN', 'LIKE', 'NOT LIKE', 'ILIKE', 'NOT ILIKE', '=~', 'IS NULL', 'IS NOT NULL'];
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
      // A day is all of it to the server, and no time of day.
      return text.startsWith('now') ? text : DAY.test(text) || Number.isNaN(time) ? quoteText(text) : String(time);
    }
    if (isNumeric(field)) return NUMBER.test(text) || SPAN.test(text) ? text : quoteText(text);
    if (isBare(field)) return NUMBER.test(text) ? text : quoteText(text);
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
