// Pieces of SQL: parameters, and one comparison of one column. Every parameter is cast, and no value a user can write makes Postgres fail.
import type { Clause, Literal } from './tree.ts';

/** Appends to the statement's own list of parameters, so that fragments of several makers can stand in one statement. */
export type Parameters = { values: unknown[]; now: number };

export function push(parameters: Parameters, value: unknown, type: string): string {
  parameters.values.push(value);
  return `$${parameters.values.length}::${type}`;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * Text that looks like a decimal number as a number, other text as null. CASE, because Postgres may test conditions in any order. At most 30 digits
 * and an exponent of two, because the cast of 1e400 would fail.
 */
export const numberIn = (sql: string) =>
  `(case when ${sql} ~ '^[+-]?([0-9]{1,30}([.][0-9]{0,30})?|[.][0-9]{1,30})([eE][+-]?[0-9]{1,2})?$' then ${sql}::float8 end)`;

/** The test of a column that holds text. Null where the column is null. */
export function textTest(sql: string, clause: Clause, parameters: Parameters): string {
  const { op, values } = clause;
  const text = (index: number) => push(parameters, values[index]!.text, 'text');
  switch (op) {
    case 'IS NULL':
      return `${sql} is null`;
    case 'IS NOT NULL':
      return `${sql} is not null`;
    case 'LIKE':
    case 'ILIKE':
    case 'NOT LIKE':
    case 'NOT ILIKE':
      // No character escapes another, as in MLflow on its other databases.
      return `${sql} ${op.toLowerCase()} ${text(0)} escape ''`;
    case '=~':
      return `${sql} ~ ${text(0)}`;
    case 'IN':
      return `${sql} = any(${push(parameters, texts(values), 'text[]')})`;
    case 'NOT IN':
      return `${sql} <> all(${push(parameters, texts(values), 'text[]')})`;
    case 'BETWEEN':
      return `${sql} collate "C" between ${text(0)} and ${text(1)}`;
    case 'NOT BETWEEN':
      return `${sql} collate "C" not between ${text(0)} and ${text(1)}`;
    default:
      return `${sql} ${op === '!=' ? '<>' : op} ${text(0)}`;
  }
}

const texts = (values: Literal[]) => values.map((value) => value.text);

/**
 * The test of a float8. Postgres takes NaN for the greatest number; here it satisfies `!=` and the NOT comparators and nothing else.
 */
export function floatTest(sql: string, clause: Clause, parameters: Parameters): string {
  const { op } = clause;
  const numbers = clause.values.map((value) => String(Number(value.text)));
  const number = (index: number) => push(parameters, numbers[index]!, 'float8');
  switch (op) {
    case 'IS NULL':
      return `${sql} is null`;
    case 'IS NOT NULL':
      return `${sql} is not null`;
    case '>':
    case '>=':
      return `(${sql} ${op} ${number(0)} and ${sql} < 'NaN'::float8)`;
    case 'IN':
      return `${sql} = any(${push(parameters, numbers, 'float8[]')})`;
    case 'NOT IN':
      return `${sql} <> all(${push(parameters, numbers, 'float8[]')})`;
    case 'BETWEEN':
      return `${sql} between ${number(0)} and ${number(1)}`;
    case 'NOT BETWEEN':
      return `${sql} not between ${number(0)} and ${number(1)}`;
    default:
      return `${sql} ${op === '!=' ? '<>' : op} ${number(0)}`;
  }
}

/** Exact for whole numbers as they are written; anything with a fraction or an exponent is read as a 64-bit float. */
function bounds(value: Literal, now: number): { floor: bigint; ceil: bigint } {
  if (value.kind === 'now') return bounds({ kind: 'number', text: String(now + value.offset), position: -1 }, now);
  if (/^-?\d{1,1000}$/.test(value.text)) return { floor: BigInt(value.text), ceil: BigInt(value.text) };
  const number = Number(value.text);
  if (number > 1e19) return { floor: INT64_MAX + 1n, ceil: INT64_MAX + 1n };
  if (number < -1e19) return { floor: INT64_MIN - 1n, ceil: INT64_MIN - 1n };
  return { floor: BigInt(Math.floor(number)), ceil: BigInt(Math.ceil(number)) };
}

/** The test of a bigint column against numbers that may have fractions or lie beyond 64 bits. */
export function integerTest(sql: string, clause: Clause, parameters: Parameters): string {
  const { op } = clause;
  if (op === 'IS NULL') return `${sql} is null`;
  if (op === 'IS NOT NULL') return `${sql} is not null`;
  const wanted = clause.values.map((value) => bounds(value, parameters.now));
  const bigint = (value: bigint) => push(parameters, value.toString(), 'bigint');
  const all = `${sql} is not null`;
  const less = (than: bigint) => (than > INT64_MAX ? all : than <= INT64_MIN ? 'false' : `${sql} < ${bigint(than)}`);
  const more = (than: bigint) => (than < INT64_MIN ? all : than >= INT64_MAX ? 'false' : `${sql} > ${bigint(than)}`);
  const exact = wanted.flatMap(({ floor, ceil }) => (floor === ceil && floor >= INT64_MIN && floor <= INT64_MAX ? [floor.toString()] : []));
  const { floor, ceil } = wanted[0]!;
  switch (op) {
    case '<':
      return less(ceil);
    case '<=':
      return less(floor + 1n);
    case '>':
      return more(floor);
    case '>=':
      return more(ceil - 1n);
    case 'BETWEEN':
      return `(${more(ceil - 1n)} and ${less(wanted[1]!.floor + 1n)})`;
    case 'NOT BETWEEN':
      return `(${less(ceil)} or ${more(wanted[1]!.floor)})`;
    case '=':
    case 'IN':
      return exact.length === 0
        ? 'false'
        : exact.length === 1
          ? `${sql} = ${push(parameters, exact[0], 'bigint')}`
          : `${sql} = any(${push(parameters, exact, 'bigint[]')})`;
    default:
      return exact.length === 0 ? all : `${sql} <> all(${push(parameters, exact, 'bigint[]')})`;
  }
}

/** The test of a uuid shown as `prefix` and 32 hex digits. What isn't such an id (upper case too, as in MLflow) equals none; it never reaches a cast. */
export function uuidTest(sql: string, prefix: string, clause: Clause, parameters: Parameters): string {
  const shown = `(${prefix ? `'${prefix}' || ` : ''}replace(${sql}::text, '-', ''))`;
  const ids = () =>
    clause.values.flatMap(({ text }) =>
      text.startsWith(prefix) && /^[0-9a-f]{32}$/.test(text.slice(prefix.length)) ? [text.slice(prefix.length)] : [],
    );
  switch (clause.op) {
    case '=':
    case 'IN':
      return `${sql} = any(${push(parameters, ids(), 'uuid[]')})`;
    case '!=':
    case 'NOT IN':
      return `${sql} <> all(${push(parameters, ids(), 'uuid[]')})`;
    default:
      return textTest(shown, clause, parameters);
  }
}
