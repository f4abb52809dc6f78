// How a page of runs is found without reading an experiment. A clause that an index answers by itself names the few runs that can match: its
// candidates. An order that an index holds is walked until the page is full. Pure; src/db/tracking/runPages.ts decides which.
import { before, bound, type Partition, type SortKey } from './keyset.ts';
import { floatTest, push, textTest } from './sql.ts';
import type { Clause, Comparator, Expr, OrderTerm } from './tree.ts';
import { indexedText, keyOf, rankOf, type Target } from './where.ts';

export type Candidates = {
  id: string;
  clause: Clause;
  /** Finds nothing but matches. */
  exact: boolean;
  /** A query for `run_id`. `experiments`: the condition on `s.experiment_id`. */
  select(target: Target, experiments: string): string;
};

const RANGES: readonly Comparator[] = ['=', '<', '<=', '>', '>=', 'IN', 'BETWEEN'];
const isText = ({ op, numeric }: Clause) => (op === '=' || op === 'IN') && !numeric;

/** The clauses that every match must satisfy. */
function conjuncts(expr: Expr | null): Clause[] {
  if (!expr) return [];
  if (expr.kind === 'clause') return [expr];
  return expr.kind === 'and' ? expr.items.flatMap(conjuncts) : [];
}

/** Ways to find the runs that satisfy one clause of the filter, all of them, the most promising first. */
export function candidatesOf(filter: Expr | null): Candidates[] {
  return conjuncts(filter)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .flatMap((clause): Candidates[] => {
      const select = selectOf(clause);
      const { field, op } = clause;
      const exact = op !== 'LIKE' && (field.kind !== 'metric' || (field.stat === 'last' && field.whole === undefined));
      return select ? [{ id: JSON.stringify(clause), clause, exact, select }] : [];
    });
}

function selectOf(clause: Clause): Candidates['select'] | null {
  const { field, op, values } = clause;
  if (field.kind === 'attribute') {
    const [prefix] = op === 'LIKE' ? /^[^%_]*/.exec(values[0]!.text)! : [''];
    if (field.name !== 'run_name' || !(isText(clause) || prefix !== '')) return null;
    return ({ team, parameters }, experiments) => {
      const name = 's.name collate "C"';
      const test =
        op === 'LIKE' ? `${name} >= ${push(parameters, prefix, 'text')}${beneath(name, prefix, parameters)}` : textTest(name, clause, parameters);
      return `select s.run_id from runs s where s.team_id = ${team} and ${experiments} and ${test}`;
    };
  }
  if (field.kind === 'dataset' || !(field.kind === 'metric' ? RANGES.includes(op) : isText(clause))) return null;
  return (target, experiments) => {
    const { noun, team, parameters, keyIds } = target;
    const [key, stat] = keyOf(field, target);
    const value = 's.value';
    // Statistics have no index: any run that has the metric may match.
    const test = field.kind !== 'metric' ? indexedText(value, clause, parameters) : stat === 'last' ? floatTest(value, clause, parameters) : 'true';
    const keyId = keyIds.get(key);
    const ofKey = keyId === undefined ? 'false' : `s.key_id = ${push(parameters, keyId, 'int')}`;
    return `select s.run_id from ${noun.sides[field.kind]!.table} s where s.team_id = ${team} and ${experiments} and ${ofKey} and ${test}`;
  };
}

/**
 * What begins with a prefix is less than the prefix with its last character raised to the next. No bound where the next could be half of a
 * surrogate pair.
 */
function beneath(name: string, prefix: string, parameters: Target['parameters']): string {
  const characters = [...prefix];
  const last = characters.pop()!.codePointAt(0)!;
  if (last >= 0xd7ff) return '';
  return ` and ${name} < ${push(parameters, characters.join('') + String.fromCodePoint(last + 1), 'text')}`;
}

/** The orders that an index holds: by a metric's latest value, and by the start. */
export function isWalkable({ field }: OrderTerm): boolean {
  if (field.kind === 'metric') return field.stat === 'last';
  return field.kind === 'attribute' && field.name === 'start_time';
}

export type Horizon = {
  /** What is walked; the same for all pages and filters. */
  along: string;
  /** The walk begins with the first page. */
  whole: boolean;
  /** The sort value of the first run that is too far away, if there is one. */
  select: string;
  /** The condition that a run is nearer, given that value. */
  nearer(value: unknown, parameters: Target['parameters']): string;
};

/** How far `steps` of a walk reach from where the page begins (`from`: sort values, the first one's first). Whatever has the same value as the first run beyond them is beyond too. */
export function horizonOf(
  first: SortKey,
  order: OrderTerm,
  page: { from: readonly (string | null)[] | null; backward: boolean; partition: Partition },
  given: { target: Target; experiments: string; steps: number },
): Horizon | null {
  const { target, experiments, steps } = given;
  const { parameters, team, noun, keyIds } = target;
  if (first.sql === null) return null;
  const { from } = page;
  const column: SortKey = { ...first, sql: order.field.kind === 'metric' ? 's.value' : 's.start_time', nullable: false };
  let rows = `runs s where s.team_id = ${team} and ${experiments}`;
  if (order.field.kind === 'metric') {
    const [key] = keyOf(order.field, target);
    rows = `${noun.sides.metric!.table} s where s.team_id = ${team} and ${experiments} and s.key_id = ${push(parameters, keyIds.get(key), 'int')} and s.value ${page.partition === 'nan' ? '=' : '<'} 'NaN'::float8`;
  }
  const skipped = push(parameters, steps, 'bigint');
  // All of these are equal: they are walked if they are few, from wherever the page begins.
  if (page.partition === 'nan') {
    return {
      along: JSON.stringify([order, 'nan']),
      whole: true,
      select: `select 'NaN' as value from ${rows} offset ${skipped} limit 1`,
      nearer: () => 'false',
    };
  }
  const started = from ? bound(column, from[0] ?? null, page.backward ? 'before' : 'after', parameters) : '';
  const direction = first.descending !== page.backward ? ' desc' : '';
  const select = `select ${column.sql}::text as value from ${rows} and ${started}true order by ${column.sql}${direction} offset ${skipped} limit 1`;
  return {
    along: JSON.stringify([order, page.backward]),
    whole: from === null,
    select,
    nearer: (value, at) => before(first, value, page.backward, at),
  };
}
