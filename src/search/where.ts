// Checked tree → SQL condition. Rows of side tables are found by EXISTS, so a clause is true or false for a row and never multiplies it.
import { attributeOf } from './check.ts';
import { DATASET_CONTEXT, type Noun } from './nouns.ts';
import { floatTest, integerTest, numberIn, type Parameters, push, textTest, uuidTest } from './sql.ts';
import type { Clause, Expr, Field, Stat } from './tree.ts';

export type DatasetScope = { datasetName: string; datasetDigest?: string | undefined };

/** Where a compiled search will stand. */
export type Target = {
  noun: Noun;
  parameters: Parameters;
  /** The team's placeholder, e.g. `$1`. */
  team: string;
  /** Interned keys of the team; only for nouns that intern them. A name that is missing has no rows. */
  keyIds: ReadonlyMap<string, number>;
  datasets: readonly DatasetScope[];
  /** Comparisons of this tag count as satisfied: what they would say, another condition already says. */
  ignoreTag: string | null;
  /** The rows around are few, or are walked until the page is full. What belongs to them is looked up row by row, never joined as a whole. */
  rowByRow?: boolean;
  /** The alias of what has the row's ids too and is read before it: side tables hang on that one. */
  owner?: string | undefined;
  /** The alias of side rows that are walked, in one experiment: the noun's row is looked up from each of them. */
  walked?: string | undefined;
  /** The placeholder of the one experiment that is searched, where side rows are walked. */
  experiment?: string | undefined;
  /** Clauses that all rows around are known to satisfy. */
  satisfied?: ReadonlySet<Expr>;
};

export function compileExpr(expr: Expr, target: Target): string {
  if (target.satisfied?.has(expr)) return 'true';
  if (expr.kind === 'clause') return compileClause(expr, target);
  // A clause on a null column is null: not satisfied, so that NOT makes it true.
  if (expr.kind === 'not') return `(${compileExpr(expr.item, target)}) is not true`;
  const items = target.rowByRow ? expr.items.toSorted((a, b) => rankOf(a) - rankOf(b)) : expr.items;
  return `(${items.map((item) => compileExpr(item, target)).join(expr.kind === 'and' ? ' and ' : ' or ')})`;
}

/** How likely a clause keeps few rows, before anything is known of the values: tested in this order. */
const RANKS = { attribute: 0, param: 1, tag: 1, metric: 2, dataset: 3 } as const;
export const rankOf = (expr: Expr): number => (expr.kind === 'clause' ? RANKS[expr.field.kind] : 4);

function compileClause(clause: Clause, target: Target): string {
  const { field } = clause;
  const { noun, parameters } = target;
  if (field.kind === 'dataset') return datasetClause(field.name, clause, target);
  if (field.kind === 'attribute') {
    const attribute = attributeOf(noun, field.name);
    if (attribute.type === 'integer') return integerTest(attribute.sql, clause, parameters);
    if (attribute.type === 'uuid') return uuidTest(attribute.sql, attribute.prefix ?? '', clause, parameters);
    const stored = attribute.values;
    const values = stored ? clause.values.map((value) => ({ ...value, text: stored[value.text] ?? value.text })) : clause.values;
    return textTest(attribute.sql, { ...clause, values }, parameters);
  }
  if (field.kind === 'tag' && field.key === target.ignoreTag && !clause.op.startsWith('IS')) return 'true';
  const side = sideOf(field, target, 's');
  const missing = clause.op === 'IS NULL';
  if (!side) return missing ? 'true' : 'false';
  const present = clause.op === 'IS NULL' || clause.op === 'IS NOT NULL';
  const value = valueSql(field, side, 's');
  let test = '';
  // A key without a value: min, max and mean of a metric that only ever was NaN.
  if (present) test = field.kind === 'metric' && side.stat !== 'last' ? ` and ${value} is not null` : '';
  else if (field.kind === 'metric') test = ` and ${floatTest(value, clause, parameters)}`;
  else if (noun.interned && !target.rowByRow && (clause.op === '=' || clause.op === 'IN') && !clause.numeric)
    test = ` and ${indexedText(value, clause, parameters)}`;
  else test = ` and ${clause.numeric ? floatTest(numberIn(value), clause, parameters) : textTest(value, clause, parameters)}`;
  return `${missing ? 'not ' : ''}exists (select 1 from ${side.table} s where ${side.on}${test}${datasetScope(field, target, 's')}${fence(target)})`;
}

/** The indexes of run_params and run_tags hold the first 64 characters of a value. A whole value can be too long for an index. */
export function indexedText(value: string, clause: Clause, parameters: Parameters): string {
  const prefixes = clause.values.map(({ text }) => [...text].slice(0, 64).join(''));
  return `left(${value}, 64) = any(${push(parameters, prefixes, 'text[]')}) and ${textTest(value, clause, parameters)}`;
}

/** A side table under an alias, joined to the noun's row and narrowed to the field's key. Null when the team has no such key. */
export function sideOf(
  field: Field & { kind: 'metric' | 'param' | 'tag' },
  target: Target,
  alias: string,
): { table: string; on: string; stat: Stat } | null {
  const { noun, parameters, team, keyIds } = target;
  const side = noun.sides[field.kind];
  if (!side) throw new Error(`${noun.name} have no ${field.kind}s`);
  // A row is looked up by its id alone. With its experiment beside it, Postgres might take an index of values and read all of the experiment's.
  const columns = target.rowByRow && side.id ? [side.id] : side.owner;
  const around = target.owner ?? noun.alias;
  const owner =
    target.walked === alias
      ? `${alias}.experiment_id = ${target.experiment}`
      : columns.map((column) => `${alias}.${column} = ${around}.${column}`).join(' and ');
  const on = `${alias}.team_id = ${team} and ${owner}`;
  const { table } = side;
  const [key, stat] = keyOf(field, target);
  if (!noun.interned) return { table, on: `${on} and ${alias}.key = ${push(parameters, key, 'text')}`, stat };
  const keyId = keyIds.get(key);
  if (keyId === undefined) return null;
  return { table, on: `${on} and ${alias}.key_id = ${push(parameters, keyId, 'int')}`, stat };
}

/** The name that a field means in this team, and of a metric the statistic. */
export function keyOf(field: Field & { kind: 'metric' | 'param' | 'tag' }, { keyIds }: Target): [key: string, stat: Stat] {
  if (field.kind !== 'metric') return [field.key, 'last'];
  if (field.whole !== undefined && keyIds.has(field.whole)) return [field.whole, 'last'];
  return [field.key, field.stat];
}

/** The column, or for a metric the statistic. NaN points count, but are in no minimum, maximum or mean. */
export function valueSql(field: Field, side: { stat: Stat }, alias: string): string {
  if (field.kind !== 'metric') return `${alias}.value`;
  switch (side.stat) {
    case 'min':
      return `${alias}.min`;
    case 'max':
      return `${alias}.max`;
    case 'mean':
      return meanSql(alias);
    case 'first':
      return `${alias}.first_value`;
    case 'count':
      return `${alias}.count::float8`;
    default:
      return `${alias}.value`;
  }
}

const meanSql = (alias: string): string => meanOf(`${alias}.scaled_sum`, `(${alias}.count - ${alias}.nan_count)`);

/** `sum` is that of the values times 2^-64. Postgres refuses what over- or underflows: here the one is infinite, the other 0. */
export function meanOf(sum: string, points: string): string {
  const small = `abs(${sum} / ${points}) <= 9.745314011399999e288 then ${sum} / ${points} * 18446744073709551616`;
  return `(case when ${points} = 0 then null when abs(${sum}) < 1e-300 then 0 when ${small} else ${sum} * 'Infinity'::float8 end)`;
}

/** What a run's datasets have there: the column, and the tables with the condition that they are the run's. */
export function datasetRows(name: 'name' | 'digest' | 'context', { noun, team }: Target): { column: string; rows: string } {
  const ofRun = `where s.team_id = ${team} and s.run_id = ${noun.alias}.run_id`;
  if (name === 'context') return { column: 's.value', rows: `run_dataset_tags s ${ofRun} and s.key = '${DATASET_CONTEXT}'` };
  return { column: `d.${name}`, rows: `run_datasets s join datasets d on d.team_id = s.team_id and d.dataset_id = s.dataset_id ${ofRun}` };
}

function datasetClause(name: 'name' | 'digest' | 'context', clause: Clause, target: Target): string {
  const present = clause.op === 'IS NULL' || clause.op === 'IS NOT NULL';
  const { column, rows } = datasetRows(name, target);
  const test = present ? '' : ` and ${textTest(column, clause, target.parameters)}`;
  return `${clause.op === 'IS NULL' ? 'not ' : ''}exists (select 1 from ${rows}${test}${fence(target)})`;
}

/** Postgres makes no join of a sub-select with an offset. */
export const fence = ({ rowByRow }: Target) => (rowByRow ? ' offset 0' : '');

function datasetScope(field: Field, target: Target, alias: string): string {
  return field.kind === 'metric' && target.datasets.length > 0 ? ` and ${onDatasets(target, alias)}` : '';
}

/** A metric row logged on one of the datasets of the scope. Without a digest, any version of the dataset. */
export function onDatasets({ datasets, parameters }: Target, alias: string): string {
  const anyDigest = datasets.filter((dataset) => dataset.datasetDigest === undefined).map((dataset) => dataset.datasetName);
  const exact = datasets.filter((dataset) => dataset.datasetDigest !== undefined);
  const names = push(parameters, anyDigest, 'text[]');
  const pairs = [exact.map((dataset) => dataset.datasetName), exact.map((dataset) => dataset.datasetDigest)].map((column) =>
    push(parameters, column, 'text[]'),
  );
  return `(${alias}.dataset_name = any(${names}) or (${alias}.dataset_name, ${alias}.dataset_digest) in (select * from unnest(${pairs.join(', ')})))`;
}
