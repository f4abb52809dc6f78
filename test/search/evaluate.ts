// The search language said again, as plainly as possible and without SQL: filters and orders as data, evaluated over rows in memory.
// It shares nothing with src/search, so that the two can be compared.

export type Metric = { points: number[]; value: number };
export type Row = {
  id: string;
  /** null: the row has no such value. Integers are bigint. */
  attributes: Record<string, string | bigint | null>;
  metrics: Map<string, Metric>;
  params: Map<string, string>;
  tags: Map<string, string>;
  datasets: { name: string; digest: string; context: string | null }[];
  /** Metric clauses hold if any point satisfies them, as for logged models; else the latest value counts. */
  everyPoint?: boolean;
};

export type Op =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'ILIKE'
  | 'NOT LIKE'
  | 'CONTAINS'
  | 'IN'
  | 'NOT IN'
  | 'BETWEEN'
  | 'NOT BETWEEN'
  | '=~'
  | 'IS NULL'
  | 'IS NOT NULL';
/** `bare`: a name without its kind. */
export type Where = { entity: 'attribute' | 'metric' | 'param' | 'tag' | 'dataset' | 'bare'; key: string; stat?: string };
/** bigint: a whole number that is written out exactly. */
export type Value = string | number | bigint;
export type Filter =
  | { kind: 'and' | 'or'; items: Filter[] }
  | { kind: 'not'; item: Filter }
  | { kind: 'clause'; at: Where; op: Op; values: Value[] }
  /** Part of the name, which is the attribute `of`. */
  | { kind: 'word'; of: string; text: string };

export function matches(row: Row, filter: Filter): boolean {
  if (filter.kind === 'not') return !matches(row, filter.item);
  if (filter.kind === 'and') return filter.items.every((item) => matches(row, item));
  if (filter.kind === 'word') return contains(String(row.attributes[filter.of]), filter.text);
  if (filter.kind !== 'clause') return filter.items.some((item) => matches(row, item));
  // Texts ask no metric.
  const texts = filter.at.entity === 'bare' && filter.values.some((value) => typeof value === 'string');
  const found = valuesAt(row, filter.at).filter((value) => !texts || typeof value === 'string');
  if (filter.op === 'IS NULL') return found.length === 0;
  if (filter.op === 'IS NOT NULL') return found.length > 0;
  return found.some((value) => holds(value, filter.op, filter.values));
}

/** What the row has there: nothing, one value, or as many as it has datasets. */
function valuesAt(row: Row, { entity, key, stat }: Where): (string | number | bigint)[] {
  const one = <T>(value: T | null | undefined) => (value === null || value === undefined ? [] : [value]);
  if (entity === 'attribute') return one(row.attributes[key]);
  if (entity === 'param') return one(row.params.get(key));
  if (entity === 'tag') return one(row.tags.get(key));
  if (entity === 'dataset') return row.datasets.flatMap((dataset) => one(dataset[key as 'name' | 'digest' | 'context']));
  if (entity === 'bare') {
    return [...one(statistic(row.metrics.get(key), 'last')), ...one(row.params.get(key)), ...one(row.tags.get(key))];
  }
  const metric = row.metrics.get(key);
  return row.everyPoint ? (metric?.points ?? []) : one(statistic(metric, stat ?? 'last'));
}

/** What the row is ordered by there: one value or null. */
function valueAt(row: Row, at: Where): string | number | bigint | null {
  return at.entity === 'metric' ? statistic(row.metrics.get(at.key), at.stat ?? 'last') : (valuesAt(row, at)[0] ?? null);
}

export function statistic(metric: Metric | undefined, stat: string): number | null {
  if (!metric) return null;
  const numbers = metric.points.filter((point) => !Number.isNaN(point));
  if (stat === 'count') return metric.points.length;
  if (stat === 'first') return metric.points[0]!;
  if (stat === 'last') return metric.value;
  if (numbers.length === 0) return null;
  if (stat === 'min') return Math.min(...numbers);
  if (stat === 'max') return Math.max(...numbers);
  return (scaledSum(metric) / numbers.length) * 2 ** 64;
}

/** As run_metrics keeps it: times 2^-64, what is next to nothing as nothing. */
export const scaledSum = (metric: Metric): number =>
  metric.points.reduce((sum, point) => sum + (Number.isNaN(point) || Math.abs(point) < 1e-280 ? 0 : point * 2 ** -64), 0);

function holds(value: Value, op: Op, given: Value[]): boolean {
  // Text against unquoted numbers: as a number, if it looks like one.
  if (typeof value === 'string' && typeof given[0] === 'number') {
    const number = asNumber(value);
    return number !== null && holds(number, op, given);
  }
  const [first, second] = given as [Value, Value];
  switch (op) {
    case 'LIKE':
      return like(String(first), false).test(String(value));
    case 'NOT LIKE':
      return !like(String(first), false).test(String(value));
    case 'ILIKE':
      return like(String(first), true).test(String(value));
    case 'CONTAINS':
      return contains(String(value), String(first));
    case '=~':
      return new RegExp(String(first), 'su').test(String(value));
    case 'IN':
      return given.some((one) => same(value, one));
    case 'NOT IN':
      return !given.some((one) => same(value, one));
    case 'BETWEEN':
      return compare(value, first) >= 0 && compare(value, second) <= 0;
    case 'NOT BETWEEN':
      return !(compare(value, first) >= 0 && compare(value, second) <= 0);
    case '=':
      return same(value, first);
    case '!=':
      return !same(value, first);
    case '<':
      return compare(value, first) < 0;
    case '<=':
      return compare(value, first) <= 0;
    case '>':
      return compare(value, first) > 0;
    default:
      return compare(value, first) >= 0;
  }
}

// biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number by value.
const same = (value: Value, given: Value) => (typeof value === 'string' ? value === given : value == given);

/** NaN where either is NaN, so that no comparison holds. JavaScript compares bigint with number exactly, and text by UTF-16, which is the same below U+D800. */
function compare(value: Value, given: Value): number {
  if (value < given) return -1;
  if (value > given) return 1;
  return same(value, given) ? 0 : Number.NaN;
}

export const asNumber = (text: string): number | null =>
  /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : null;

const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

function like(pattern: string, anyCase: boolean): RegExp {
  const body = [...pattern].map((char) => (char === '%' ? '.*' : char === '_' ? '.' : char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'))).join('');
  return new RegExp(`^${body}$`, anyCase ? 'sui' : 'su');
}

export type Order = { at: Where; descending: boolean; asNumbers?: boolean };

/** Value, then NaN, then nothing, in both directions. Ends in the noun's own tie-break, given as further orders. */
export function compareRows(a: Row, b: Row, orders: Order[]): number {
  for (const { at, descending, asNumbers } of orders) {
    const pair = [valueAt(a, at), valueAt(b, at)] as const;
    const numbers = pair.map((value) => (value === null ? null : asNumber(String(value))));
    const ways = asNumbers ? [[numbers[0] ?? null, numbers[1] ?? null] as const, pair] : [pair];
    for (const [left, right] of ways) {
      const byRank = rank(left) - rank(right);
      if (byRank !== 0) return byRank;
      if (left === null || right === null || left === right || rank(left) === 1) continue;
      if (left < right) return descending ? 1 : -1;
      if (left > right) return descending ? -1 : 1;
    }
  }
  return 0;
}

const rank = (value: string | number | bigint | null) => (value === null ? 2 : Number.isNaN(value) ? 1 : 0);

/** The filter as text, in the widened language. */
export function render(filter: Filter): string {
  if (filter.kind === 'not') return `NOT (${render(filter.item)})`;
  if (filter.kind === 'word') return `'${filter.text}'`;
  if (filter.kind !== 'clause') return `(${filter.items.map(render).join(filter.kind === 'and' ? ' AND ' : ' or ')})`;
  const { at, op, values } = filter;
  const name = renderWhere(at);
  const written = values.map(renderValue);
  if (op.startsWith('IS')) return `${name} ${op}`;
  if (op.endsWith('BETWEEN')) return `${name} ${op} ${written.join(' AND ')}`;
  return `${name} ${op} ${op.endsWith('IN') ? `(${written.join(', ')})` : written[0]}`;
}

/** MLflow's numbers have no `+` in them, and infinity is only what overflows. */
const renderValue = (value: Value) => (typeof value === 'string' ? `'${value}'` : String(value).replace('e+', 'e').replace('Infinity', '1e400'));

export function renderWhere({ entity, key, stat }: Where): string {
  if (entity === 'attribute') return key;
  if (entity === 'bare') return `\`${key}\``;
  return `${entity}s.${key.includes(' ') || stat ? `\`${key}\`` : key}${stat ? `.${stat}` : ''}`;
}
