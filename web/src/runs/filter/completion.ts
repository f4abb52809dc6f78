// What may be typed next in the filter, and where its mistake is. Pure.
import { fieldText } from '../../api/filter-text.ts';
import type { RunKeys } from '../table/columns.ts';
import { ATTRIBUTES, fieldOf, KINDS, nearest } from './fields.ts';
import { isNumeric, isTime } from './filter-rows.ts';

export type Option = { text: string; hint: string };

const MOST = 12;
const NAME = '(?:\\w+\\.)?(?:`(?:[^`]|``)+`(?:\\.\\w+)?|[\\w./:-]+)';
/** A name, what compares it, and the value so far: in a quote that is still open, where a doubled one stands for one, or bare. */
const WRITING = new RegExp(
  `(?:^|[\\s(])(${NAME})\\s*(=~|<=|>=|!=|[=<>]|(?:not\\s+)?i?like\\b|contains\\b|(?:not\\s+)?between\\b|(?:not\\s+)?in\\s*\\((?:\\s*'(?:[^']|'')*'\\s*,)*)\\s*(?:'((?:[^']|'')*)|([^',()]*))$`,
  'i',
);
/** A name, and what there is of an operator. */
const OPERATING = new RegExp(`(?:^|[\\s(])(${NAME})\\s+((?:is|not|is\\s+not)\\s+\\w*|\\w*|[<>=!~]+)$`, 'i');
const COMPARING = new RegExp(`(?:^|[\\s(])(${NAME})([<>=!~]+)$`, 'i');

const NUMBERS = ['<', '<=', '>', '>=', '=', '!=', 'BETWEEN', 'NOT BETWEEN', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL'];
const TEXTS = [
  '=',
  '!=',
  'CONTAINS',
  'IN',
  'NOT IN',
  'LIKE',
  'NOT LIKE',
  'ILIKE',
  'NOT ILIKE',
  '=~',
  'BETWEEN',
  'NOT BETWEEN',
  'IS NULL',
  'IS NOT NULL',
];
const MEANT: Record<string, string> = {
  CONTAINS: 'holds the text',
  LIKE: '% any text, _ any letter',
  ILIKE: 'LIKE in any case',
  '=~': 'regular expression',
  'IS NULL': 'has none',
};
const SPANS = ['1m', '10m', '1h', '6h', '1d'];

/** The field whose value is being written, as a column's id, and what of the value stands already: `params.model = 'x` → params.model, x. */
export function valueAt(before: string, keys?: RunKeys): { field: string; part: string; from: number } | null {
  const found = WRITING.exec(before);
  if (!found) return null;
  const [, name = '', , quoted, bare = ''] = found;
  const field = fieldOf(name, keys);
  if (!field || field.startsWith('metrics.') || (quoted === undefined && /\s$/.test(bare))) return null;
  if (quoted === undefined) return { field, part: bare, from: before.length - bare.length };
  return { field, part: quoted.replaceAll("''", "'"), from: before.length - quoted.length - 1 };
}

/** What a time or a duration is compared with; null where values are what runs have. */
export function valuesWritten(field: string, now: Date): Option[] | null {
  if (field === 'attributes.duration') return SPANS.map((text) => ({ text, hint: 'duration' }));
  if (!isTime(field)) return null;
  const day = (ago: number) => `'${new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10)}'`;
  return [
    { text: 'now() - 1h', hint: 'an hour ago' },
    { text: 'now() - 1d', hint: 'a day ago' },
    { text: 'now() - 7d', hint: 'a week ago' },
    { text: day(0), hint: 'today' },
    { text: day(1), hint: 'yesterday' },
    { text: day(7), hint: '' },
  ];
}

function operatorsAt(before: string, keys: RunKeys | undefined): { from: number; options: Option[] } | null {
  const found = OPERATING.exec(before) ?? COMPARING.exec(before);
  if (!found || /^(and|or|not)$/i.test(found[1]!)) return null;
  const [, name = '', part = ''] = found;
  const field = fieldOf(name, keys);
  if (field === null) return null;
  const wanted = part.toUpperCase().replaceAll(/\s+/g, ' ');
  const all = isNumeric(field) ? NUMBERS : field.startsWith('params.') ? ['=', '!=', ...NUMBERS.slice(0, 4), ...TEXTS.slice(2)] : TEXTS;
  const options = all.filter((one) => one.startsWith(wanted) && one !== wanted).map((text) => ({ text, hint: MEANT[text] ?? 'operator' }));
  return options.length > 0 ? { from: before.length - part.length, options } : null;
}

function keysAt(wanted: string, keys: RunKeys | undefined): Option[] {
  const hints = { metrics: 'metric', params: 'param', tags: 'tag' };
  const found = KINDS.flatMap((kind) => (keys?.[kind] ?? []).map(({ key, runs }) => ({ key, runs, text: fieldText(kind, key), hint: hints[kind] })));
  const attributes = ATTRIBUTES.map((key) => ({ key, runs: 0, text: key, hint: 'attribute' }));
  if (wanted === '') {
    // Of each kind some, so that the first look tells what there is.
    const first = (hint: string, count: number) => found.filter((one) => one.hint === hint).slice(0, count);
    return [...first('metric', 4), ...first('param', 4), ...first('tag', 2), ...attributes.slice(0, 5)];
  }
  // Of equally near ones those that most runs have.
  const all = [...found.sort((a, b) => b.runs - a.runs), ...attributes];
  return nearest(all, wanted, ({ key, text }) => [key, text.replaceAll('`', '')]).slice(0, MOST);
}

/** What may stand where the caret is: a key at the start of a comparison, an operator after a key, then a connective. Values: see `valueAt`. */
export function complete(text: string, caret: number, keys: RunKeys | undefined): { from: number; options: Option[] } {
  const before = text.slice(0, caret);
  const operators = operatorsAt(before, keys);
  if (operators) return operators;
  const word = /(?:[\w.@/:-]|`(?:[^`]|``)*`?)*$/.exec(before)?.[0] ?? '';
  const from = caret - word.length;
  const head = before.slice(0, from).trimEnd();
  const wanted = word.replaceAll('`', '').toLowerCase();
  if (head === '' || /(\band|\bor|\bnot|\()$/i.test(head))
    return { from, options: keysAt(wanted, keys).map(({ text: one, hint }) => ({ text: one, hint })) };
  if ((/(['"\d)]|\bnull)$/i.test(head) || /[\w.]$/.test(WRITING.exec(head)?.[4] ?? '')) && /\s$/.test(before.slice(0, from) || ' ')) {
    return { from, options: ['AND', 'OR'].filter((one) => one.toLowerCase().startsWith(wanted)).map((one) => ({ text: one, hint: '' })) };
  }
  return { from, options: [] };
}

/** From the position to the end of what stands there. */
export function faultRange(text: string, position: number): [number, number] {
  const start = Math.min(position, Math.max(0, text.length - 1));
  const length = /^(`(?:[^`]|``)*`|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[\w.@/:-]+|\S+)/.exec(text.slice(start))?.[0].length ?? 1;
  return [start, start + Math.max(1, length)];
}
