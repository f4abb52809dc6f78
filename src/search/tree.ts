// What a filter is, between the parser, the checker and the compiler. Typed `where` inputs build the same tree without any text.

/** `mlflow` accepts what an MLflow server accepts and refuses the rest. `widened` accepts more, and gives each of those strings the same meaning. */
export type Dialect = 'mlflow' | 'widened';

/** `position` is the 0-based offset in the filter; -1 where there was no text. `word` is anything that is not quoted, e.g. `nan`. */
export type Literal =
  | { kind: 'string' | 'number' | 'word'; text: string; position: number }
  /** `now() - 7d`: `offset` in milliseconds. */
  | { kind: 'now'; offset: number; text: string; position: number };

export type NullTest = 'IS NULL' | 'IS NOT NULL';
export type ListTest = 'IN' | 'NOT IN';
export type RangeTest = 'BETWEEN' | 'NOT BETWEEN';
export type PatternTest = 'LIKE' | 'ILIKE' | 'NOT LIKE' | 'NOT ILIKE' | '=~';
export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=' | NullTest | ListTest | RangeTest | PatternTest;

/**
 * What stands left of a comparator. `entity` null means an attribute. `quoted` says that the key was in quotes, so that its text is all of it.
 * `stat` is a statistic written after a quoted key, or given by a typed input: metrics.`x`.max.
 */
export type Name = { entity: string | null; key: string; quoted: boolean; stat: string | null; text: string; position: number };

/**
 * `op` is any text here: the checker knows which comparators exist. `values`: none for IS NULL, two for BETWEEN, any number for IN, else one.
 * `path` says where in typed inputs it stands, e.g. `and[0].metric`.
 */
export type Comparison = { kind: 'comparison'; name: Name; op: string; opPosition: number; values: Literal[]; path?: string };
export type Syntax = { kind: 'and' | 'or'; items: Syntax[] } | { kind: 'not'; item: Syntax } | Comparison;

export const STATS = ['min', 'max', 'mean', 'first', 'last', 'count'] as const;
export type Stat = (typeof STATS)[number];

export type Field =
  | { kind: 'attribute'; name: string }
  /**
   * `whole` is set for a bare `metrics.x.max`, where MLflow sees a metric named "x.max". If the team has such a key it is meant, else the statistic
   * of "x". Quotes decide: metrics.`x.max` is always the key, metrics.`x`.max always the statistic.
   */
  | { kind: 'metric'; key: string; stat: Stat; whole?: string }
  | { kind: 'param' | 'tag'; key: string }
  | { kind: 'dataset'; name: 'name' | 'digest' | 'context' };

/** `numeric`: compare as numbers, which for params and tags leaves out values that are none. */
export type Clause = { kind: 'clause'; field: Field; op: Comparator; numeric: boolean; values: Literal[] };
/** A checked filter: every field exists, every comparator fits, every value has the right type. */
export type Expr = { kind: 'and' | 'or'; items: Expr[] } | { kind: 'not'; item: Expr } | Clause;

/** `dataset*` narrow the metric that logged models are ordered by. */
export type OrderTerm = { field: Field; descending: boolean; datasetName?: string | undefined; datasetDigest?: string | undefined };

/** Calls `visit` for each clause, in the order in which they were written. */
export function eachClause(expr: Expr | null, visit: (clause: Clause) => void): void {
  if (!expr) return;
  if (expr.kind === 'clause') visit(expr);
  else if (expr.kind === 'not') eachClause(expr.item, visit);
  else for (const item of expr.items) eachClause(item, visit);
}
