// Parser tree → checked tree for one noun: every entity, key, comparator and value type, with MLflow's words where it has some.
import { invalid } from '../lib/errors.ts';
import { MAX_FILTER_LENGTH } from './lexer.ts';
import { type Attribute, ENTITY_NAMES, type Kind, type Noun, NUMERIC, RUNS, WIDENED_NUMBER, WIDENED_TEXT } from './nouns.ts';
import { MAX_CLAUSES, MAX_DEPTH, quoted } from './parser.ts';
import { checkRegex } from './regex.ts';
import { durationIn, timeIn } from './times.ts';
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
  type Word,
} from './tree.ts';

export type Rules = { noun: Noun; dialect: Dialect; argument: string };

/** Typed inputs have no position. */
const at = ({ argument }: Rules, position: number) => (position >= 0 ? { argument, position } : { argument });
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @throws INVALID_ARGUMENT naming what is allowed; `position` points at the name, comparator or value at fault. */
export function checkFilter(syntax: Syntax, rules: Rules): Expr {
  let clauses = 0;
  // Trees of typed inputs have not been through the parser, so the bounds are checked again.
  const counted = () => {
    clauses += 1;
    if (clauses > MAX_CLAUSES) throw invalid(`The filter has more than ${MAX_CLAUSES} clauses.`, { argument: rules.argument });
  };
  const walk = (node: Syntax, depth: number): Expr => {
    if (depth > 2 * MAX_DEPTH + 2) throw invalid(`The filter nests more than ${MAX_DEPTH} levels deep.`, { argument: rules.argument });
    if (node.kind === 'not') return { kind: 'not', item: walk(node.item, depth + 1) };
    if (node.kind === 'word') {
      counted();
      return wordClause(node, rules);
    }
    if (node.kind === 'comparison') {
      const meant = bareComparisons(node, rules);
      if (meant) return walk(meant, depth + 1);
      counted();
      return checkComparison(node, rules);
    }
    if (node.items.length === 0) throw invalid(`'${node.kind}' needs at least one condition.`, { argument: rules.argument });
    return { kind: node.kind, items: node.items.map((item) => walk(item, depth + 1)) };
  };
  return walk(syntax, 0);
}

/** Part of the name; of a run also its id, which nobody types by halves. */
function wordClause({ text, position }: Word, rules: Rules): Expr {
  const { noun } = rules;
  if (text.length > MAX_FILTER_LENGTH || text.includes('\0')) throw invalid('A value may not contain the character NUL.', at(rules, position));
  const clause = (name: string, op: Comparator): Clause => {
    return { kind: 'clause', field: { kind: 'attribute', name }, op, numeric: false, values: [{ kind: 'string', text, position }] };
  };
  const named = clause(noun.named, 'CONTAINS');
  return noun === RUNS && /^[0-9a-f]{32}$/.test(text) ? { kind: 'or', items: [named, clause('run_id', '=')] } : named;
}

/**
 * A name without its kind means every metric, param and tag of that name: one of them has to satisfy the comparison, or for IS NULL all. Metrics have only
 * numbers, so that a text asks params and tags alone. Null for a name that says what it is.
 */
function bareComparisons(comparison: Comparison, { noun, dialect }: Rules): Syntax | null {
  const { name, values } = comparison;
  if (dialect === 'mlflow' || !noun.bareKeys || name.position < 0) return null;
  const dotted = name.entity !== null;
  const key = dotted ? `${name.entity}.${name.key}` : name.key;
  if (key === '' || (dotted && (name.quoted || kindOf(name.entity!, noun, dialect) !== undefined))) return null;
  if (!dotted && attributeNamed(key, noun, dialect, 'filter') !== null) return null;
  const as = (entity: Kind): Comparison => ({ ...comparison, name: { ...name, entity, key } });
  const op = comparison.op.toUpperCase();
  const kinds: Kind[] = values.every(({ kind }) => kind === 'number') ? ['metric', 'param', 'tag'] : ['param', 'tag'];
  return { kind: op === 'IS NULL' ? 'and' : 'or', items: kinds.map(as) };
}

/** The kind that an entity stands for; the widened language doesn't look at its case. */
function kindOf(entity: string, noun: Noun, dialect: Dialect): Kind | undefined {
  const entities: Record<string, Kind | undefined> = noun.entities;
  const written = dialect === 'mlflow' ? entity : entity.toLowerCase();
  return Object.hasOwn(entities, written) ? entities[written] : undefined;
}

function checkComparison(given: Comparison, around: Rules): Clause {
  const comparison = around.dialect === 'mlflow' ? given : asMeant(given, around);
  const { name, values, path } = comparison;
  const rules = rulesOf(path, around);
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

const rulesOf = (path: string | undefined, around: Rules): Rules =>
  path === undefined ? around : { ...around, argument: `${around.argument}.${path}` };

/** Times and durations become numbers, and words that stand for texts become texts. What has no such meaning stays, to be refused below. */
function asMeant(comparison: Comparison, around: Rules): Comparison {
  const { name, op, values } = comparison;
  const field = resolveField(name, rulesOf(comparison.path, around), 'filter');
  const attribute = field.kind === 'attribute' ? attributeOf(around.noun, field.name) : null;
  const number = (value: Literal, count: number): Literal => ({ kind: 'number', text: String(count), position: value.position });
  if (attribute?.means === 'duration') {
    return { ...comparison, values: values.map((value) => (value.kind === 'now' ? value : mapped(value, durationIn(value.text), number))) };
  }
  if (attribute?.means === 'time') {
    const times = values.map((value) => (value.kind === 'string' ? timeIn(value.text) : null));
    const [only] = times;
    // A day is its beginning, but on a day is at any time of it.
    if (values.length === 1 && only && only.to > only.from && (op === '=' || op === '!='))
      return { ...comparison, op: op === '=' ? 'BETWEEN' : 'NOT BETWEEN', values: [number(values[0]!, only.from), number(values[0]!, only.to)] };
    return { ...comparison, values: values.map((value, index) => mapped(value, times[index]?.from ?? null, number)) };
  }
  // Where words have always been texts they stay as they are.
  if (field.kind === 'metric' || attribute?.type === 'integer' || around.noun.looseStrings) return comparison;
  return { ...comparison, values: values.map((value) => asText(value, attribute)) };
}

const mapped = (value: Literal, count: number | null, number: (value: Literal, count: number) => Literal): Literal =>
  count === null ? value : number(value, count);

function asText(value: Literal, attribute: Attribute | null): Literal {
  if (value.kind !== 'duration' && (value.kind !== 'word' || value.text.startsWith('`'))) return value;
  return { kind: 'string', text: attribute?.capitals ? value.text.toUpperCase() : value.text, position: value.position };
}

/** The field that a name means. `use` decides which attributes exist. */
export function resolveField(name: Name, rules: Rules, use: 'filter' | 'order'): Field {
  const { noun, dialect } = rules;
  const fail = (message: string): never => {
    throw invalid(message, at(rules, name.position));
  };
  if (name.key.length > MAX_FILTER_LENGTH || name.key.includes('\0')) fail('A key is at most 100,000 characters long, without NUL.');
  const kind = name.entity === null ? 'attribute' : (kindOf(name.entity, noun, dialect) ?? fail(noun.entityMessage(name.entity.slice(0, 100))));
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
