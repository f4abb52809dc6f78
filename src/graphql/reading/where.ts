// RunWhere → the tree that filter texts are parsed to, and orders → what searches take. The checker is the same as for text.
import type { RunSearch } from '../../domain/tracking/runSearch.ts';
import { invalid } from '../../lib/errors.ts';
import type { OrderInput } from '../../search/order.ts';
import { parseValue } from '../../search/parser.ts';
import type { Literal, Syntax } from '../../search/tree.ts';
import type { CompareOp, MetricWhere, OrderDirection, RunOrder, RunWhere, TextWhere } from '../types.gen.ts';

const OPS: Record<CompareOp, string> = {
  EQ: '=',
  NE: '!=',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  LIKE: 'LIKE',
  ILIKE: 'ILIKE',
  NOT_LIKE: 'NOT LIKE',
  NOT_ILIKE: 'NOT ILIKE',
  MATCHES: '=~',
  IN: 'IN',
  NOT_IN: 'NOT IN',
  BETWEEN: 'BETWEEN',
  NOT_BETWEEN: 'NOT BETWEEN',
  IS_NULL: 'IS NULL',
  IS_NOT_NULL: 'IS NOT NULL',
};
const ORDERED = new Set<CompareOp>(['LT', 'LE', 'GT', 'GE', 'BETWEEN', 'NOT_BETWEEN']);
const LISTED = new Set<CompareOp>(['IN', 'NOT_IN', 'BETWEEN', 'NOT_BETWEEN']);
const LONE = new Set<CompareOp>(['IS_NULL', 'IS_NOT_NULL']);
const TIMES = new Set(['start_time', 'created', 'Created', 'end_time']);
const NUMBERS = new Set(['experiment_id', 'duration']);

/** Null for no condition. Throws INVALID_ARGUMENT with the place in `where` as the argument. */
export function toSyntax(where: RunWhere | null | undefined, path = ''): Syntax | null {
  if (!where) return null;
  const [kind] = Object.keys(where).filter((key) => where[key as keyof RunWhere] != null) as (keyof RunWhere)[];
  if (!kind) throw invalid('A condition has exactly one field, not null.', { argument: `where${path && `.${path}`}` });
  const place = path ? `${path}.${kind}` : kind;
  if (kind === 'and' || kind === 'or') return { kind, items: all(where[kind]!, place) };
  if (kind === 'not') return { kind: 'not', item: toSyntax(where.not, place)! };
  if (kind === 'metric') return metric(where.metric!, place);
  return text(kind, where[kind]!, place);
}

function all(list: RunWhere[], path: string): Syntax[] {
  if (list.length === 0) throw invalid("'and' and 'or' take at least one condition.", { argument: `where.${path}` });
  return list.map((where, index) => toSyntax(where, `${path}[${index}]`)!);
}

type Given<V> = { key: string; op: CompareOp; value?: V | null; values?: V[] | null };

/** None, one, two or a list, as the comparator takes them. */
function valuesOf<V>({ op, value, values }: Given<V>, path: string): V[] {
  const refuse = (message: string): never => {
    throw invalid(`${op} ${message}.`, { argument: `where.${path}` });
  };
  if (LONE.has(op)) return value == null && values == null ? [] : refuse("takes neither 'value' nor 'values'");
  if (!LISTED.has(op)) return value != null && values == null ? [value] : refuse("takes 'value', and no 'values'");
  if (values == null || value != null) return refuse("takes 'values', and no 'value'");
  return op.endsWith('BETWEEN') && values.length !== 2 ? refuse("takes two 'values': the bounds, both included") : values;
}

function comparison(entity: string | null, key: string, stat: string | null, op: CompareOp, values: Literal[], path: string): Syntax {
  // Quoted: the text is the key, whatever dots it holds. Attributes are names, not keys.
  const name = { entity, key, quoted: entity !== null && entity !== 'dataset', stat, text: key, position: -1 };
  return { kind: 'comparison', name, op: OPS[op], opPosition: -1, values, path };
}

const literal = (kind: 'string' | 'number', value: string): Literal => ({ kind, text: value, position: -1 });

function metric(given: MetricWhere, path: string): Syntax {
  const values = valuesOf(given, path).map((one) => literal(Number.isFinite(one) ? 'number' : 'string', String(one)));
  return comparison('metrics', given.key, (given.stat ?? 'LAST').toLowerCase(), given.op, values, path);
}

const ENTITIES = { param: 'params', tag: 'tags', dataset: 'dataset', attribute: null } as const;

function text(kind: keyof typeof ENTITIES, given: TextWhere, path: string): Syntax {
  const { key, op, numeric } = given;
  const values = valuesOf(given, path);
  if (kind === 'attribute' && TIMES.has(key))
    return comparison(
      null,
      key,
      null,
      op,
      values.map((value) => time(value, path)),
      path,
    );
  const usual = kind === 'attribute' ? NUMBERS.has(key) : kind !== 'dataset' && ORDERED.has(op) && values.every(isNumber);
  const literals = values.map((value) => literal((numeric ?? usual) ? 'number' : 'string', value));
  return comparison(ENTITIES[kind], key, null, op, literals, path);
}

/** Milliseconds since 1970, a moment as ISO 8601, or relative to now as in filters. */
function time(value: string, path: string): Literal {
  if (isNumber(value)) return literal('number', value);
  const moment = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(moment)) return literal('number', String(moment));
  const parsed = /^\s*now\b/i.test(value) ? parseValue(value, `where.${path}`) : null;
  if (parsed?.kind !== 'now') {
    throw invalid(`'${value.slice(0, 100)}' is no time: give milliseconds since 1970, 2026-01-31T12:00:00Z, or now() - 7d.`, {
      argument: `where.${path}`,
    });
  }
  return { ...parsed, position: -1 };
}

const isNumber = (value: string) => /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value);

type SearchArgs = Pick<RunSearch, 'experimentIds' | 'filter' | 'lifecycle'> & { where?: RunWhere | null; orderBy?: RunOrder[] | null };

/** The arguments that all fields over runs share. */
export const toSearch = ({ experimentIds, filter, where, orderBy, lifecycle }: Nullable<SearchArgs>): RunSearch => ({
  experimentIds,
  filter,
  where: toSyntax(where),
  orderBy: runOrder(orderBy),
  lifecycle: lifecycle ?? 'ACTIVE',
});

type Nullable<T> = { [K in keyof T]?: T[K] | null };

type Direction = { direction?: OrderDirection | null };

export const runOrder = (terms: ({ by: string } & Direction)[] | null | undefined): OrderInput[] | undefined =>
  terms?.map(({ by, direction }) => ({ field: by, ascending: direction !== 'DESC' }));

/** `names`: what the search calls each field of an enum. */
export const fieldOrder = <F extends string>(
  names: Record<F, string>,
  terms: ({ field: F } & Direction)[] | null | undefined,
): OrderInput[] | undefined => terms?.map(({ field, direction }) => ({ field: names[field], ascending: direction !== 'DESC' }));
