// Parser tree → checked tree for one noun: every entity, key, comparator and value type.
import { MAX_FILTER_LENGTH } from './lexer.ts';
import { type Attribute, type Noun, NUMERIC, WIDENED_NUMBER, WIDENED_TEXT } from './nouns.ts';
import { MAX_CLAUSES, MAX_DEPTH } from './parser.ts';
import { anyOf, cut, quoted, refusal, type SearchReason } from './refusals.ts';
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

type Facts = Record<string, unknown>;
type Fail = (reason: SearchReason, message: string, facts?: Facts) => never;

/** Typed inputs have no position. */
const at = ({ argument }: Rules, position: number) => (position >= 0 ? { argument, position } : { argument });
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @throws INVALID_ARGUMENT naming what is allowed; `position` points at the name, comparator or value at fault. */
export function checkFilter(syntax: Syntax, rules: Rules): Expr {
  const { argument } = rules;
  let clauses = 0;
  // Trees of typed inputs have not been through the parser, so the bounds are checked again.
  const walk = (node: Syntax, depth: number): Expr => {
    if (depth > 2 * MAX_DEPTH + 2) throw refusal(`The filter nests more than ${MAX_DEPTH} levels deep.`, { reason: 'filter-too-deep', argument });
    if (node.kind === 'not') return { kind: 'not', item: walk(node.item, depth + 1) };
    if (node.kind === 'comparison') {
      clauses += 1;
      if (clauses > MAX_CLAUSES) throw refusal(`The filter has more than ${MAX_CLAUSES} clauses.`, { reason: 'filter-too-many-clauses', argument });
      return checkComparison(node, rules);
    }
    if (node.items.length === 0) throw refusal(`'${node.kind}' needs at least one condition.`, { reason: 'condition-empty', argument });
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
  for (const value of values) checkValue({ field, name, op, numeric }, value, rules);
  const allowed = comparatorsOf(field, numeric, rules);
  if (!(allowed as readonly string[]).includes(op)) {
    throw refusal(`'${comparison.op.slice(0, 20)}' can't compare ${quoted(name.text)}. Use ${anyOf(allowed)}.`, {
      reason: 'comparator-invalid',
      ...at(rules, comparison.opPosition),
      comparator: comparison.op.slice(0, 20),
      allowed,
    });
  }
  const wanted = op.startsWith('IS ') ? 0 : op.endsWith('BETWEEN') ? 2 : 1;
  if (op.endsWith('IN') ? values.length === 0 : values.length !== wanted) {
    throw refusal(`'${op}' takes ${op.endsWith('IN') ? 'at least one value' : `${wanted} value(s)`}, not ${values.length}.`, {
      reason: 'value-count',
      argument: rules.argument,
    });
  }
  if (op === '=~') checkRegex(values[0]!.text, at(rules, values[0]!.position));
  return { kind: 'clause', field, op: op as Comparator, numeric, values };
}

/** The field that a name means. `use` decides which attributes exist. */
export function resolveField(name: Name, rules: Rules, use: 'filter' | 'order'): Field {
  const { noun, dialect } = rules;
  const fail: Fail = (reason, message, facts = {}) => {
    throw refusal(message, { reason, ...at(rules, name.position), ...facts });
  };
  if (name.key.length > MAX_FILTER_LENGTH || name.key.includes('\0')) {
    fail('field-key-invalid', 'A key is at most 100,000 characters long, without NUL.');
  }
  const entities: Record<string, Field['kind'] | undefined> = noun.entities;
  const kind =
    name.entity === null ? 'attribute' : Object.hasOwn(entities, name.entity) ? entities[name.entity]! : unknownEntity(name.entity, noun, fail);
  if (name.key === '' && !name.quoted) fail('field-key-missing', `Add a key after ${quoted(name.text)}.`, { name: cut(name.text) });
  if (name.stat !== null && (dialect === 'mlflow' || kind !== 'metric' || !noun.stats)) {
    fail('field-statistic-misplaced', `Remove '.${name.stat}': only metrics of runs have statistics.`, { statistic: name.stat });
  }
  if (kind === 'attribute') return { kind, name: attributeNamed(name.key, noun, dialect, use) ?? unknownAttribute(name, rules, use, fail) };
  if (kind === 'dataset') {
    if (name.key !== 'name' && name.key !== 'digest' && name.key !== 'context') {
      return fail('field-dataset-unknown', `Datasets have no ${quoted(name.key)}. Use name, digest or context.`, { key: cut(name.key) });
    }
    return { kind, name: name.key };
  }
  return kind === 'metric' ? metricField(name, rules, fail) : { kind, key: name.key };
}

function metricField(name: Name, { noun, dialect }: Rules, fail: Fail): Field {
  const stats: readonly string[] = STATS;
  const key = name.key;
  if (name.stat !== null) {
    if (!stats.includes(name.stat)) {
      fail('field-statistic-unknown', `'.${name.stat}' is no statistic. Use ${anyOf(STATS.map((stat) => `.${stat}`))}.`, { statistic: name.stat });
    }
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

function unknownAttribute({ entity, key, position }: Name, { noun, dialect }: Rules, use: 'filter' | 'order', fail: Fail): never {
  const valid = Object.entries(noun.attributes).flatMap(([name, attribute]) => (has(attribute[use], dialect) ? [name] : []));
  // A bare name may be meant for that of a metric, a param or a tag; typed inputs say which.
  const isBare = entity === null && position >= 0 && key.length <= 60;
  const own = isBare ? prefixes(noun).filter((prefix) => ['metric', 'param', 'tag'].includes(noun.entities[prefix]!)) : [];
  const written = /^[\p{L}\p{M}\p{N}_.]+$/u.test(key) ? key : `\`${key.replaceAll('`', '``')}\``;
  const attributes = anyOf(valid);
  const instead =
    own.length > 0 ? `Write ${anyOf(own.map((prefix) => `${prefix}.${written}`))}, or an attribute: ${attributes}.` : `Use ${attributes}.`;
  fail('field-attribute-unknown', `${quoted(key)} is no attribute to ${use} by. ${instead}`, { key: cut(key), valid });
}

function unknownEntity(entity: string, noun: Noun, fail: Fail): never {
  const valid = prefixes(noun).map((prefix) => `${prefix}.`);
  return fail('field-entity-unknown', `A name can't begin with ${quoted(`${entity}.`)}. Begin with ${anyOf(valid)}`, {
    entity: cut(entity),
    search: noun.name,
  });
}

/** One way to write each entity: in the plural where there is one. */
function prefixes(noun: Noun): string[] {
  const all = Object.keys(noun.entities);
  return [...new Set(Object.values(noun.entities))].map((kind) => {
    const ways = all.filter((way) => noun.entities[way] === kind);
    return ways.find((way) => way.endsWith('s')) ?? ways[0]!;
  });
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
  const supported = (['tag', 'param'] as const).filter((kind) => rules.noun.mlflow[kind].includes('IS NULL'));
  const only = supported.length > 0 ? ` but for ${supported.map((kind) => `${kind}s`).join(' and ')}` : '';
  throw refusal(`This search has no ${op}${only}.`, {
    reason: 'null-test-unsupported',
    ...at(rules, name.position),
    kind: field.kind,
    key: cut('key' in field ? field.key : field.name),
    supported,
  });
}

type Compared = { field: Field; name: Name; op: string; numeric: boolean };

function checkValue({ field, name, op, numeric }: Compared, value: Literal, rules: Rules): void {
  const { noun, dialect } = rules;
  const listed = op === 'IN' || op === 'NOT IN';
  const found = value.kind === 'string' ? `'${value.text.slice(0, 200)}'` : value.text.slice(0, 200);
  const fail: Fail = (reason, message, facts = {}) => {
    throw refusal(message, { reason, ...at(rules, value.position), kind: field.kind, found, ...facts });
  };
  const numberExpected = (facts?: Facts) =>
    fail('value-number-expected', `Compare ${quoted(name.text)} with a number, not with ${found}.`, {
      ...(field.kind === 'attribute' && { attribute: field.name }),
      ...facts,
    });
  const textExpected = (facts?: Facts) => fail('value-text-expected', `Compare ${quoted(name.text)} with a quoted string, not with ${found}.`, facts);

  if (value.text.includes('\0')) fail('value-nul', 'A value may not contain the character NUL.');
  if (listed && dialect === 'mlflow') {
    const takesLists = comparatorsOf(field, false, rules).includes('IN');
    if (field.kind === 'attribute' && !takesLists) fail('list-unsupported', `Compare ${quoted(name.text)} with one value: only run_id takes a list.`);
    if (field.kind === 'metric') numberExpected({ listed });
    if (!takesLists) textExpected({ listed });
    if (value.kind !== 'string') fail('list-of-text-only', `Put ${found} in quotes: a list holds strings.`, { comparator: op });
  }
  if (numeric) {
    // 1e+5 is no number to MLflow's lexer.
    if (value.kind === 'number' && NUMBER.test(value.text) && !(dialect === 'mlflow' && value.text.includes('+'))) return;
    if (value.kind === 'now' && field.kind === 'attribute') return;
    numberExpected();
  }
  if (value.kind === 'string') return;
  if (noun.looseStrings && (value.kind === 'number' || (value.kind === 'word' && !value.text.startsWith('`')))) return;
  if (value.kind === 'word' && !listed) fail('value-unquoted', `Put ${found} in single or double quotes.`);
  textExpected();
}
