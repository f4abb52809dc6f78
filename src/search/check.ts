// Parser tree → checked tree for one noun: every entity, key, comparator and value type, with MLflow's words where it has some.
import { invalid } from '../lib/errors.ts';
import { MAX_FILTER_LENGTH } from './lexer.ts';
import { type Attribute, ENTITY_NAMES, type Noun, NUMERIC, WIDENED_NUMBER, WIDENED_TEXT } from './nouns.ts';
import { MAX_CLAUSES, MAX_DEPTH, quoted } from './parser.ts';
import { checkRegex } from './regex.ts';
import {
  type Clause,
  type Comparator,
  type Comparison,
  type Dialect,
  type Expr,
  type Field,
  type Literal,
  type Name,
  STATS,
  type Syntax,
} from './tree.ts';

export type Rules = { noun: Noun; dialect: Dialect; argument: string };

/** Typed inputs have no position. */
const at = ({ argument }: Rules, position: number) => (position >= 0 ? { argument, position } : { argument });
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @throws INVALID_ARGUMENT naming what is allowed; `position` points at the name, comparator or value at fault. */
export function checkFilter(syntax: Syntax, rules: Rules): Expr {
  let clauses = 0;
  // Trees of typed inputs have not been through the parser, so the bounds are checked again.
  const walk = (node: Syntax, depth: number): Expr => {
    if (depth > 2 * MAX_DEPTH + 2) throw invalid(`The filter nests more than ${MAX_DEPTH} levels deep.`, { argument: rules.argument });
    if (node.kind === 'not') return { kind: 'not', item: walk(node.item, depth + 1) };
    if (node.kind === 'comparison') {
      clauses += 1;
      if (clauses > MAX_CLAUSES) throw invalid(`The filter has more than ${MAX_CLAUSES} clauses.`, { argument: rules.argument });
      return checkComparison(node, rules);
    }
    if (node.items.length === 0) throw invalid(`'${node.kind}' needs at least one condition.`, { argument: rules.argument });
    return { kind: node.kind, items: node.items.map((item) => walk(item, depth + 1)) };
  };
  return walk(syntax, 0);
}

function checkComparison(comparison: Comparison, given: Rules): Clause {
  const { name, values, path } = comparison;
  const rules = path === undefined ? given : { ...given, argument: `${given.argument}.${path}` };
  const op = comparison.op.toUpperCase();
  const field = resolveField(name, rules, 'filter');
  if (op === 'IS NULL' || op === 'IS NOT NULL') checkNullTest(field, op, name, rules);
  const numeric = isNumeric(field, op, values, rules);
  for (const value of values) checkValue(field, op, value, numeric, rules);
  const allowed = comparatorsOf(field, numeric, rules);
  if (!(allowed as readonly string[]).includes(op)) {
    throw invalid(
      `Invalid comparator '${comparison.op.slice(0, 20)}' not one of '{${allowed.map((one) => `'${one}'`).join(', ')}}'`,
      at(rules, comparison.opPosition),
    );
  }
  const wanted = op.startsWith('IS ') ? 0 : op.endsWith('BETWEEN') ? 2 : 1;
  if (op.endsWith('IN') ? values.length === 0 : values.length !== wanted) {
    throw invalid(`'${op}' takes ${op.endsWith('IN') ? 'at least one value' : `${wanted} value(s)`}, not ${values.length}.`, {
      argument: rules.argument,
    });
  }
  if (op === '=~') checkRegex(values[0]!.text, at(rules, values[0]!.position));
  return { kind: 'clause', field, op: op as Comparator, numeric, values };
}

/** The field that a name means. `use` decides which attributes exist. */
export function resolveField(name: Name, rules: Rules, use: 'filter' | 'order'): Field {
  const { noun, dialect } = rules;
  const fail = (message: string): never => {
    throw invalid(message, at(rules, name.position));
  };
  if (name.key.length > MAX_FILTER_LENGTH || name.key.includes('\0')) fail('A key is at most 100,000 characters long, without NUL.');
  const entities: Record<string, Field['kind'] | undefined> = noun.entities;
  const kind =
    name.entity === null
      ? 'attribute'
      : Object.hasOwn(entities, name.entity)
        ? entities[name.entity]!
        : fail(noun.entityMessage(name.entity.slice(0, 100)));
  if (name.key === '' && !name.quoted) fail(`Invalid clause(s) in filter string: expected a key after '${name.text.slice(0, 100)}'.`);
  if (name.stat !== null && (dialect === 'mlflow' || kind !== 'metric' || !noun.stats)) {
    fail(`Invalid clause(s) in filter string: '.${name.stat}' after a quoted key. Expected a comparator.`);
  }
  if (kind === 'attribute') return { kind, name: attributeNamed(name.key, noun, dialect, use) ?? fail(attributeMessage(name.key, rules, use)) };
  if (kind === 'dataset') {
    if (name.key !== 'name' && name.key !== 'digest' && name.key !== 'context') {
      return fail(`Invalid dataset key ${quoted(name.key)} specified. Valid keys are '{'name', 'digest', 'context'}'`);
    }
    return { kind, name: name.key };
  }
  return kind === 'metric' ? metricField(name, rules, fail) : { kind, key: name.key };
}

function metricField(name: Name, { noun, dialect }: Rules, fail: (message: string) => never): Field {
  const stats: readonly string[] = STATS;
  const key = name.key;
  if (name.stat !== null) {
    if (!stats.includes(name.stat)) fail(`Invalid statistic '.${name.stat}'. Valid ones are ${STATS.map((stat) => `.${stat}`).join(', ')}.`);
    return { kind: 'metric', key, stat: name.stat as (typeof STATS)[number] };
  }
  const dot = key.lastIndexOf('.');
  if (dialect === 'widened' && noun.stats && !name.quoted && dot > 0 && stats.includes(key.slice(dot + 1))) {
    return { kind: 'metric', key: key.slice(0, dot), stat: key.slice(dot + 1) as (typeof STATS)[number], whole: key };
  }
  return { kind: 'metric', key, stat: 'last' };
}

const has = (allowed: Dialect | 'both' | undefined, dialect: Dialect) => allowed === 'both' || allowed === dialect;

function attributeNamed(written: string, noun: Noun, dialect: Dialect, use: 'filter' | 'order'): string | null {
  for (const [name, attribute] of Object.entries(noun.attributes)) {
    if (!has(attribute[use], dialect)) continue;
    const aliases =
      use === 'filter' || dialect === 'widened' ? [...(attribute.aliases ?? []), ...(attribute.orderAliases ?? [])] : attribute.orderAliases;
    if (written === name || aliases?.includes(written) || (dialect === 'widened' && attribute.fieldNames?.includes(written))) return name;
  }
  return null;
}

function attributeMessage(written: string, { noun, dialect }: Rules, use: 'filter' | 'order'): string {
  const valid = Object.entries(noun.attributes).flatMap(([name, attribute]) => (has(attribute[use], dialect) ? [`'${name}'`] : []));
  return `Invalid attribute key ${quoted(written)} specified. Valid keys are '{${valid.join(', ')}}'`;
}

export const attributeOf = (noun: Noun, name: string): Attribute => noun.attributes[name]!;

/** Whether the clause compares numbers. Params and tags do in the widened language when their values are unquoted numbers: params.lr < 0.01. */
function isNumeric(field: Field, op: string, values: Literal[], { noun, dialect }: Rules): boolean {
  if (field.kind === 'metric') return true;
  if (field.kind === 'attribute') return attributeOf(noun, field.name).type === 'integer';
  if (field.kind === 'dataset' || dialect === 'mlflow' || values.length === 0) return false;
  if (noun.looseStrings && ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'].includes(op)) return false;
  return values.every((value) => value.kind === 'number');
}

function comparatorsOf(field: Field, numeric: boolean, { noun, dialect }: Rules): readonly Comparator[] {
  if (dialect === 'widened') return numeric ? WIDENED_NUMBER : WIDENED_TEXT;
  if (numeric) return NUMERIC;
  if (field.kind === 'attribute') return [...noun.mlflow.text, ...(attributeOf(noun, field.name).more ?? [])];
  return field.kind === 'metric' ? NUMERIC : noun.mlflow[field.kind];
}

function checkNullTest(field: Field, op: string, name: Name, rules: Rules): void {
  if (comparatorsOf(field, isNumeric(field, op, [], rules), rules).includes(op as Comparator)) return;
  const key = 'key' in field ? field.key : field.name;
  const where = rules.noun.mlflow.param.includes('IS NULL') ? 'tags and params' : rules.noun.mlflow.tag.includes('IS NULL') ? 'tags' : null;
  const message = where
    ? `IS NULL / IS NOT NULL is only supported for ${where}, not for '${ENTITY_NAMES[field.kind]}' ${quoted(key)}`
    : 'IS NULL / IS NOT NULL is not supported in this search';
  throw invalid(message, at(rules, name.position));
}

function checkValue(field: Field, op: string, value: Literal, numeric: boolean, rules: Rules): void {
  const { noun, dialect } = rules;
  const fail = (message: string): never => {
    throw invalid(message, at(rules, value.position));
  };
  if (value.text.includes('\0')) fail('A value may not contain the character NUL.');
  const listed = op === 'IN' || op === 'NOT IN';
  const text = value.kind === 'string' ? `'${value.text.slice(0, 200)}'` : value.text.slice(0, 200);
  if (listed && dialect === 'mlflow') checkList(field, op, value, text, rules, fail);
  if (numeric) {
    // 1e+5 is no number to MLflow's lexer.
    if (value.kind === 'number' && NUMBER.test(value.text) && !(dialect === 'mlflow' && value.text.includes('+'))) return;
    if (field.kind === 'metric') fail(`Expected numeric value type for metric. Found ${text}`);
    if (value.kind === 'now' && field.kind === 'attribute') return;
    fail(`Expected numeric value type for numeric attribute: ${field.kind === 'attribute' ? field.name : ''}. Found ${text}`);
  }
  if (value.kind === 'string') return;
  if (noun.looseStrings && (value.kind === 'number' || (value.kind === 'word' && !value.text.startsWith('`')))) return;
  if (value.kind === 'word' && !listed) {
    fail(`Parameter value is either not quoted or unidentified quote types used for string value ${text}. Use either single or double quotes.`);
  }
  if (field.kind === 'attribute') fail(`Expected a quoted string value for attributes. Got value ${text}`);
  if (field.kind === 'dataset') fail(`Expected a quoted string value for dataset attributes. Got value ${text}`);
  fail(`Expected a quoted string value for ${ENTITY_NAMES[field.kind]} (e.g. 'my-value'). Got value ${text}`);
}

function checkList(field: Field, op: string, value: Literal, text: string, rules: Rules, fail: (message: string) => never): void {
  const allowed = comparatorsOf(field, false, rules);
  if (field.kind === 'attribute' && !allowed.includes('IN')) {
    fail("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
  }
  if (field.kind === 'metric') fail(`Expected numeric value type for metric. Found (${text}`);
  if (!allowed.includes('IN')) fail(`Expected a quoted string value for ${ENTITY_NAMES[field.kind]} (e.g. 'my-value'). Got value (${text}`);
  if (value.kind !== 'string') {
    fail(`While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: ${op} (${text}`);
  }
}
