// Order clauses → checked terms that make the order total. Knows no SQL.
import { AppError } from '../lib/errors.ts';
import { attributeOf, type Rules, resolveField } from './check.ts';
import { lex, type Token } from './lexer.ts';
import type { Kind, Noun } from './nouns.ts';
import { anyOf, cut, quoted, refusal } from './refusals.ts';
import type { Dialect, Field, Name, OrderTerm } from './tree.ts';

/**
 * `metrics.loss DESC`, or the same in parts. `field` of an object is never quoted: everything after its first dot is the key.
 * `dataset*` narrow the metric that logged models are ordered by.
 */
export type OrderInput = string | { field: string; ascending?: boolean | null; datasetName?: string | null; datasetDigest?: string | null };

/** Each metric, param and tag to order by is a join. */
const MAX_TERMS = 20;

/** What was asked, then the noun's tie-break. @throws INVALID_ARGUMENT for what isn't `name [ASC|DESC]`, can't be ordered by, or is given twice. */
export function parseOrder(inputs: readonly OrderInput[], rules: Rules): OrderTerm[] {
  const { noun } = rules;
  const { argument } = rules;
  if (inputs.length > MAX_TERMS) {
    throw refusal(`At most ${MAX_TERMS} columns can be ordered by, not ${inputs.length}.`, { reason: 'order-too-long', argument });
  }
  const terms: OrderTerm[] = [];
  const seen = new Set<string>();
  for (const input of inputs) {
    const term = typeof input === 'string' ? parseClause(input, rules) : fromParts(input, rules);
    const id = JSON.stringify([term.field, term.datasetName, term.datasetDigest]);
    if (seen.has(id)) {
      if (noun.orderTwice) continue;
      const [clause, ...clauses] = [input, ...inputs].map((each) => cut(typeof each === 'string' ? each : each.field));
      throw refusal(`'${clause}' orders by a field that the order has already. Leave one out.`, { reason: 'order-twice', argument, clauses });
    }
    seen.add(id);
    terms.push(term);
  }
  const appended = terms.length === 0 && noun.defaultOrder.length > 0 ? noun.defaultOrder : noun.tieBreak;
  for (const [name, direction] of appended) {
    const field: Field = { kind: 'attribute', name };
    if (!seen.has(JSON.stringify([field, null, null]))) terms.push({ field, descending: direction === 'desc' });
  }
  return terms;
}

function parseClause(text: string, rules: Rules): OrderTerm {
  const { argument } = rules;
  const unparsed = () =>
    refusal(`${quoted(text)} is no order. Write a name, then ASC or DESC, such as metrics.loss DESC.`, {
      reason: 'order-malformed',
      argument,
      clause: cut(text),
    });
  let tokens: Token[];
  try {
    tokens = lex(text, argument, rules.dialect);
  } catch (error) {
    throw error instanceof AppError ? unparsed() : error;
  }
  const [first, second, third] = tokens as [Token, Token | undefined, Token | undefined];
  const name = nameOf(first);
  if (!name) throw unparsed();
  if (second?.kind === 'end') return term(name, false, text, rules);
  if (third?.kind !== 'end') throw unparsed();
  const direction = second?.kind === 'name' ? second.word?.toLowerCase() : undefined;
  if (direction !== 'asc' && direction !== 'desc') {
    throw refusal(`Write ASC or DESC after the name in ${quoted(text)}.`, { reason: 'order-direction-unknown', argument, clause: cut(text) });
  }
  return term(name, direction === 'desc', text, rules);
}

function nameOf(token: Token): Name | null {
  if (token.kind === 'name') return token.name;
  if (token.kind !== 'string' || token.quote !== '"') return null;
  return { entity: null, key: token.value, quoted: true, stat: null, text: token.text, position: token.start };
}

function fromParts(input: Exclude<OrderInput, string>, rules: Rules): OrderTerm {
  const { field } = input;
  const name = nameIn(field, rules.dialect);
  const { datasetName, datasetDigest } = input;
  for (const text of [datasetName, datasetDigest]) {
    if (text?.includes('\0')) throw nulInDataset(rules.argument);
  }
  const result = term(name, input.ascending === false, field, rules);
  if (result.field.kind !== 'metric' || rules.noun.stats) return result;
  // Empty means not given, as in MLflow.
  return { ...result, datasetName: datasetName || undefined, datasetDigest: datasetDigest || undefined };
}

/** metrics.`x`.max: quotes tell where the key ends, so that a statistic can follow any key. In the widened language a doubled quote stands for one. */
const QUOTED = /^([^.`]+)\.`((?:[^`]|``)+)`(?:\.([a-z]+))?$/;

/** The name that a text is as a whole: after its first dot everything is the key. */
function nameIn(text: string, dialect: Dialect): Name {
  const [, entity, key, stat] = QUOTED.exec(text) ?? [];
  if (entity !== undefined && key !== undefined && (dialect === 'widened' || (stat === undefined && !key.includes('`')))) {
    return { entity, key: dialect === 'widened' ? key.replaceAll('``', '`') : key, quoted: true, stat: stat ?? null, text, position: 0 };
  }
  const dot = text.indexOf('.');
  if (dot >= 0) return { entity: text.slice(0, dot), key: text.slice(dot + 1), quoted: false, stat: null, text, position: 0 };
  const [, attribute] = /^`(.+)`$/.exec(text) ?? [];
  return { entity: null, key: attribute ?? text, quoted: attribute !== undefined, stat: null, text, position: 0 };
}

/** What one of the widened language's names means outside of filters: a column of a table, what groups are made by. */
export const parseField = (text: string, noun: Noun, argument: string): Field =>
  resolveField(nameIn(text, 'widened'), { noun, dialect: 'widened', argument }, 'order');

function term(name: Name, descending: boolean, text: string, rules: Rules): OrderTerm {
  const { noun, dialect } = rules;
  if (dialect === 'mlflow' && name.entity !== null && !mayStand(name.entity, noun)) throw unsupported(name, text, rules);
  const field = resolveField(name, rules, 'order');
  const kinds: readonly Kind[] = dialect === 'widened' ? ['metric', 'param', 'tag', 'dataset'] : noun.orderKinds;
  if (field.kind !== 'attribute' && !kinds.includes(field.kind)) throw unsupported(name, text, rules);
  return { field, descending };
}

/** Whether MLflow takes this entity in an order clause; unknown ones are refused by resolveField. */
function mayStand(entity: string, noun: Noun): boolean {
  const kind = Object.hasOwn(noun.entities, entity) ? noun.entities[entity] : undefined;
  if (kind === undefined) return noun.orderPrefix;
  return kind === 'attribute' ? noun.orderPrefix : noun.orderKinds.includes(kind);
}

function unsupported(name: Name, text: string, { noun, argument }: Rules): AppError {
  const valid = Object.entries(noun.attributes).flatMap(([key, attribute]) => (attribute.order === 'both' ? [key] : []));
  return refusal(`This list can't be ordered by ${quoted(text)}. Use ${anyOf([...valid, ...noun.orderKinds.map((kind) => `a ${kind}`)])}.`, {
    reason: 'order-field-unsupported',
    argument,
    search: noun.name,
    entity: cut(name.entity ?? 'attribute'),
    clause: cut(text),
    valid,
  });
}

export const nulInDataset = (argument: string): AppError =>
  refusal('A dataset name or digest may not contain the character NUL.', { reason: 'dataset-nul', argument });

/** The types of the values that a cursor holds for a term: what a row is compared by. */
export function sortTypes({ field }: OrderTerm, { noun, dialect }: Pick<Rules, 'noun' | 'dialect'>): ('text' | 'integer' | 'float' | 'uuid')[] {
  if (field.kind === 'attribute') return [attributeOf(noun, field.name).type];
  if (field.kind === 'metric') return ['float'];
  // Params by number, then those that are none by text.
  return field.kind === 'param' && dialect === 'widened' ? ['float', 'text'] : ['text'];
}
