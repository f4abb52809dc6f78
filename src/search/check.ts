// Parser tree → checked tree for one noun: every entity, key, comparator and value type.
import { MAX_FILTER_LENGTH } from './lexer.ts';
import { type Attribute, type Kind, type Noun, NUMERIC, RUNS, WIDENED_NUMBER, WIDENED_TEXT } from './nouns.ts';
import { MAX_CLAUSES, MAX_DEPTH } from './parser.ts';
import { anyOf, cut, quoted, refusal, type SearchReason } from './refusals.ts';
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
  const counted = () => {
    clauses += 1;
    if (clauses > MAX_CLAUSES) throw refusal(`The filter has more than ${MAX_CLAUSES} clauses.`, { reason: 'filter-too-many-clauses', argument });
  };
  const walk = (node: Syntax, depth: number): Expr => {
    if (depth > 2 * MAX_DEPTH + 2) throw refusal(`The filter nests more than ${MAX_DEPTH} levels deep.`, { reason: 'filter-too-deep', argument });
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
    if (node.items.length === 0) throw refusal(`'${node.kind}' needs at least one condition.`, { reason: 'condition-empty', argument });
    return { kind: node.kind, items: node.items.map((item) => walk(item, depth + 1)) };
  };
  return walk(syntax, 0);
}

/** Part of the name; of a run also its id, which nobody types by halves. */
function wordClause({ text, position }: Word, rules: Rules): Expr {
  const { noun } = rules;
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
  const fail: Fail = (reason, message, facts = {}) => {
    throw refusal(message, { reason, ...at(rules, name.position), ...facts });
  };
  if (name.key.length > MAX_FILTER_LENGTH || name.key.includes('\0')) {
    fail('field-key-invalid', 'A key is at most 100,000 characters long, without NUL.');
  }
  const kind = name.entity === null ? 'attribute' : (kindOf(name.entity, noun, dialect) ?? unknownEntity(name.entity, noun, fail));
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
