// What may be typed next in the filter, and where its mistake is. Pure.
import { fieldText } from '../../api/filter-text.ts';
import type { RunKeys } from '../table/columns.ts';
import { parseRows } from './filter-rows.ts';

export type Option = { text: string; hint: string };

const ATTRIBUTES = ['status', 'run_name', 'start_time', 'end_time', 'duration', 'user_id', 'run_id'];

/** A name, what compares it, and the value so far: in a quote that is still open, where a doubled one stands for one, or bare. */
const WRITING =
  /(?:^|[\s(])((?:\w+\.)?(?:`(?:[^`]|``)+`|[\w./:-]+))\s*(=|!=|(?:not\s+)?i?like|(?:not\s+)?in\s*\((?:\s*'(?:[^']|'')*'\s*,)*)\s*(?:'((?:[^']|'')*)|([^',()]*))$/i;

/** The field whose value is being written, as a column's id, and what of the value stands already: `params.model = 'x` → params.model, x. */
export function valueAt(before: string): { field: string; part: string; from: number } | null {
  const found = WRITING.exec(before);
  if (!found) return null;
  const [, name = '', , quoted, bare = ''] = found;
  const field = parseRows(`${name} IS NULL`)?.rows[0]?.field;
  if (!field || field.startsWith('metrics.') || (quoted === undefined && /\s$/.test(bare))) return null;
  if (quoted === undefined) return { field, part: bare, from: before.length - bare.length };
  return { field, part: quoted.replaceAll("''", "'"), from: before.length - quoted.length - 1 };
}

/** What may stand where the caret is: a key at the start of a comparison, an operator after a key, then a connective. Values: see `valueAt`. */
export function complete(text: string, caret: number, keys: RunKeys | undefined): { from: number; options: Option[] } {
  const before = text.slice(0, caret);
  const word = /(?:[\w.@/:-]|`(?:[^`]|``)*`?)*$/.exec(before)?.[0] ?? '';
  const from = caret - word.length;
  const head = before.slice(0, from).trimEnd();
  const begins = head === '' || /(\band|\bor|\bnot|\()$/i.test(head);
  const afterName =
    /(?:^|[\s(])((?:metrics?|params?|parameters?|tags?|attributes?|attr)\.(?:`(?:[^`]|``)+`|[\w./:-]+)|status|run_name|start_time|end_time|user_id|run_id)$/i.exec(
      head,
    );
  const wanted = word.replaceAll('`', '').toLowerCase();
  if (begins) {
    const all: Option[] = [
      ...(keys?.metrics ?? []).map(({ key }) => ({ text: fieldText('metrics', key), hint: 'metric' })),
      ...(keys?.params ?? []).map(({ key }) => ({ text: fieldText('params', key), hint: 'param' })),
      ...(keys?.tags ?? []).map(({ key }) => ({ text: fieldText('tags', key), hint: 'tag' })),
      ...ATTRIBUTES.map((key) => ({ text: `attributes.${key}`, hint: 'attribute' })),
    ];
    return { from, options: all.filter((option) => option.text.replaceAll('`', '').toLowerCase().includes(wanted)).slice(0, 12) };
  }
  if (afterName && word === '') {
    const name = afterName[1]!.toLowerCase();
    const numeric = name.startsWith('metric') || name.endsWith('_time');
    const operators = numeric ? ['<', '<=', '>', '>=', '=', '!='] : ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];
    return { from, options: operators.map((operator) => ({ text: operator, hint: 'operator' })) };
  }
  if (/(['"\d)]|\bnull)$/i.test(head) && /\s$/.test(before.slice(0, from) || ' ')) {
    return { from, options: ['AND', 'OR'].filter((one) => one.toLowerCase().startsWith(wanted)).map((text) => ({ text, hint: '' })) };
  }
  return { from, options: [] };
}

/** From the position to the end of what stands there. */
export function faultRange(text: string, position: number): [number, number] {
  const start = Math.min(position, Math.max(0, text.length - 1));
  const length = /^(`(?:[^`]|``)*`|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[\w.@/:-]+|\S+)/.exec(text.slice(start))?.[0].length ?? 1;
  return [start, start + Math.max(1, length)];
}
