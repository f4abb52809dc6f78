// Checked order terms → joins, order by, the columns a cursor is made of, and the condition that a row lies beyond a cursor.
// In every direction a value comes before NaN and NaN before a missing value, as in MLflow.
import { attributeOf } from './check.ts';
import type { ValueType } from './nouns.ts';
import { sortTypes } from './order.ts';
import { numberIn, type Parameters, push } from './sql.ts';
import type { Dialect, Field, OrderTerm } from './tree.ts';
import { datasetRows, fence, sideOf, type Target, valueSql } from './where.ts';

/** One thing rows are compared by. `sql` null: no row has it, so it decides nothing. `nan`: NaN is among the values. */
export type SortKey = { sql: string | null; type: ValueType; descending: boolean; nullable: boolean; nan: boolean };

/**
 * A search ordered by a metric first can be run in three partitions, one after the other. First the runs that have a number there, which an index
 * holds in order; then those with NaN; then those without it, in the order of what comes after the metric. Most pages never reach the last two.
 */
export const PARTITIONS = ['valued', 'nan', 'missing'] as const;
export type Partition = 'all' | (typeof PARTITIONS)[number];

/** Where in the order a cursor's first value lies. */
export const partitionOf = (value: string | null): (typeof PARTITIONS)[number] => (value === null ? 'missing' : value === 'NaN' ? 'nan' : 'valued');

export const canSplit = ([first]: readonly OrderTerm[]) => first?.field.kind === 'metric' && first.field.stat === 'last';

const CASTS: Record<ValueType, string> = { text: 'text', integer: 'bigint', float: 'float8', uuid: 'uuid' };
const NAN = `'NaN'::float8`;
const joinAlias = (index: number) => `o${index + 1}`;
/** What is joined for the first key of an order, if it is no column of the row. */
export const FIRST_JOIN = joinAlias(0);
/** Text is ordered by code point: the same in every database, and the same here as in the keyset condition. */
const comparable = (key: SortKey) => (key.type === 'text' ? `${key.sql} collate "C"` : key.sql!);

/** `walked`: read before the noun's rows, which are looked up from it. */
type Join = { text: string; walked: boolean };
const join = (text: string): Join => ({ text, walked: false });

export type CompiledOrder = {
  joins: string;
  walked: string | null;
  orderBy: string;
  cursorColumns: string;
  cursorNames: string[];
  keys: SortKey[];
  where: string[];
};

/** `backward` turns the whole order round, for the last rows before a cursor. */
export function compileOrder(terms: readonly OrderTerm[], dialect: Dialect, backward: boolean, partition: Partition, target: Target): CompiledOrder {
  const joins: Join[] = [];
  const where: string[] = [];
  const keys = terms.flatMap((term, index) => {
    const missing = partition === 'missing' && index === 0 ? withoutMetric(term.field, target) : null;
    if (missing) where.push(missing);
    return missing ? [{ ...NO_METRIC, descending: term.descending }] : sortKeys(term, dialect, joinAlias(index), joins, target);
  });
  const first = keys[0]!;
  if (partition === 'valued' || partition === 'nan') {
    where.push(first.sql === null ? 'false' : `${first.sql} ${partition === 'nan' ? '=' : '<'} ${NAN}`);
    if (first.sql !== null) keys[0] = { ...first, nullable: false, nan: false };
  }
  return {
    joins: joins.flatMap((one) => (one.walked ? [] : one.text)).join(' '),
    walked: joins.find((one) => one.walked)?.text ?? null,
    orderBy: orderBySql(keys, backward),
    cursorColumns: cursorColumnsSql(keys),
    cursorNames: cursorNames(keys),
    keys,
    where,
  };
}

const NO_METRIC = { sql: null, type: 'float', nullable: true, nan: false } as const;

/** That a row has no such metric; null where the team has none. */
function withoutMetric(field: Field, target: Target): string | null {
  const side = field.kind === 'metric' ? sideOf(field, target, 's') : null;
  return side && `not exists (select 1 from ${side.table} s where ${side.on}${fence(target)})`;
}

export function orderBySql(keys: readonly SortKey[], backward = false): string {
  const terms = keys.flatMap((key) => {
    if (key.sql === null) return [];
    const value = `${comparable(key)}${key.descending !== backward ? ' desc' : ''}`;
    if (!key.nullable) return [value];
    const nan = key.nan ? ` when ${key.sql} = ${NAN} then 1` : '';
    return [`(case when ${key.sql} is null then 2${nan} else 0 end)${backward ? ' desc' : ''}`, value];
  });
  return terms.join(', ');
}

/** What a row's cursor is made of, under these names. */
export const cursorNames = (keys: readonly SortKey[]): string[] => keys.map((_, index) => `cursor_${index}`);
export const cursorColumnsSql = (keys: readonly SortKey[]): string =>
  keys.map((key, index) => `${key.sql === null ? 'null' : key.sql}::text as cursor_${index}`).join(', ');

function sortKeys(term: OrderTerm, dialect: Dialect, alias: string, joins: Join[], target: Target): SortKey[] {
  const { field, descending } = term;
  const { noun } = target;
  const types = sortTypes(term, { noun, dialect });
  if (field.kind === 'attribute') {
    const attribute = attributeOf(noun, field.name);
    return [{ sql: attribute.sql, type: attribute.type, descending, nullable: attribute.nullable === true, nan: false }];
  }
  const value = field.kind === 'dataset' ? joinDataset(field.name, alias, joins, target) : joinValue(field, term, alias, joins, target);
  if (value === null) return types.map((type) => ({ sql: null, type, descending, nullable: true, nan: false }));
  const asText: SortKey = { sql: value, type: types.at(-1)!, descending, nullable: true, nan: field.kind === 'metric' };
  return types.length === 2 ? [{ sql: numberIn(value), type: 'float', descending, nullable: true, nan: false }, asText] : [asText];
}

function joinValue(
  field: Field & { kind: 'metric' | 'param' | 'tag' },
  term: OrderTerm,
  alias: string,
  joins: Join[],
  target: Target,
): string | null {
  const { noun, parameters } = target;
  if (field.kind === 'metric' && !noun.stats) {
    // Points, not latest values: the newest of the asked dataset.
    const side = sideOf(field, target, 'p')!;
    const name = term.datasetName === undefined ? '' : ` and p.dataset_name = ${push(parameters, term.datasetName, 'text')}`;
    const digest = term.datasetDigest === undefined ? '' : ` and p.dataset_digest = ${push(parameters, term.datasetDigest, 'text')}`;
    const newest = `select p.value from ${side.table} p where ${side.on}${name}${digest} order by p.timestamp desc, p.step desc, p.value desc limit 1`;
    joins.push(join(`left join lateral (${newest}) ${alias} on true`));
    return `${alias}.value`;
  }
  if (target.rowByRow && target.walked !== alias) {
    // Looked up from each row. As a plain join, Postgres may read it first and look for the row in all of the experiment.
    const side = sideOf(field, target, 'v');
    if (!side) return null;
    joins.push(
      join(`left join lateral (select ${valueSql(field, side, 'v')} as value from ${side.table} v where ${side.on} offset 0) ${alias} on true`),
    );
    return `${alias}.value`;
  }
  const side = sideOf(field, target, alias);
  if (!side) return null;
  if (target.walked === alias) joins.push({ walked: true, text: `${side.table} ${alias} where ${side.on}` });
  else joins.push(join(`left join ${side.table} ${alias} on ${side.on}`));
  return valueSql(field, side, alias);
}

/** Of a run's datasets the one that comes first by its text. */
function joinDataset(name: 'name' | 'digest' | 'context', alias: string, joins: Join[], target: Target): string {
  const { column, rows } = datasetRows(name, target);
  joins.push(join(`left join lateral (select min(${column} collate "C") as value from ${rows}) ${alias} on true`));
  return `${alias}.value`;
}

/** compileBeyond in one partition of an order. */
export function beyondInPartition(
  keys: readonly SortKey[],
  values: readonly (string | null)[],
  side: 'after' | 'before',
  parameters: Parameters,
  partition: Partition,
): string {
  if (partition === 'all' || partition === 'valued') return compileBeyond(keys, values, side, parameters);
  // All rows of the partition are equal in the first value.
  const distance = PARTITIONS.indexOf(partition) - PARTITIONS.indexOf(partitionOf(values[0] ?? null));
  if (distance === 0) return compileBeyond(keys.slice(1), values.slice(1), side, parameters);
  return distance > 0 === (side === 'after') ? 'true' : 'false';
}

/** The condition that a row comes after (or before) the row with these sort values; not true for that row itself. */
export function compileBeyond(
  keys: readonly SortKey[],
  values: readonly (string | null)[],
  side: 'after' | 'before',
  parameters: Parameters,
): string {
  const alternatives: string[] = [];
  const equals: string[] = [];
  keys.forEach((key, index) => {
    if (key.sql === null) return;
    const value = values[index] ?? null;
    const sql = comparable(key);
    const given = value === null ? 'null' : push(parameters, value, CASTS[key.type]);
    const beyond = side === 'after' ? beyondAfter(key, value, sql, given) : beyondBefore(key, value, sql, given);
    if (beyond !== null) alternatives.push(equals.length > 0 ? `(${[...equals, beyond].join(' and ')})` : beyond);
    equals.push(value === null ? `${key.sql} is null` : `${sql} = ${given}`);
  });
  if (alternatives.length === 0) return 'false';
  return `${bound(keys[0]!, values[0] ?? null, side, parameters)}(${alternatives.join(' or ')})`;
}

/** Says of the first key what the alternatives say already, in the one form that an index can start from. */
export function bound(key: SortKey, value: string | null, side: 'after' | 'before', parameters: Parameters): string {
  // NaN comes after every value, whichever way they are ordered; Postgres takes it for the greatest.
  if (key.sql === null || key.nullable || value === null || value === 'NaN') return '';
  const operator = key.descending === (side === 'after') ? '<=' : '>=';
  return `${comparable(key)} ${operator} ${push(parameters, value, CASTS[key.type])} and `;
}

/** The condition that a row's first sort value comes before this one. */
export function before(key: SortKey, value: unknown, backward: boolean, parameters: Parameters): string {
  return `${comparable(key)} ${key.descending === backward ? '<' : '>'} ${push(parameters, value, CASTS[key.type])}`;
}

function beyondAfter(key: SortKey, value: string | null, sql: string, given: string): string | null {
  if (value === null) return null;
  if (value === 'NaN' && key.type === 'float') return `${sql} is null`;
  // Ascending needs no word about NaN: Postgres takes it for the greatest number.
  const later = key.descending ? `${sql} < ${given}${key.nan ? ` or ${sql} = ${NAN}` : ''}` : `${sql} > ${given}`;
  return key.nullable ? `(${later} or ${key.sql} is null)` : later;
}

function beyondBefore(key: SortKey, value: string | null, sql: string, given: string): string | null {
  if (value === null) return `${key.sql} is not null`;
  if (value === 'NaN' && key.type === 'float') return `${sql} < ${NAN}`;
  if (!key.descending) return `${sql} < ${given}`;
  return key.nan ? `(${sql} > ${given} and ${sql} < ${NAN})` : `${sql} > ${given}`;
}
