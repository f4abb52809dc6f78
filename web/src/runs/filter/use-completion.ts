// What the filter offers where the caret is: keys, operators, and the values that runs have.
import { useMemo } from 'react';
import { quoteText } from '../../api/filter-text.ts';
import { useKeysLike, useKeyValues } from '../../api/runs.ts';
import type { RunKeys } from '../table/columns.ts';
import { complete, type Option, valueAt, valuesWritten } from './completion.ts';
import { nearest } from './fields.ts';

type At = { team: string; experimentIds: string[] | null; keys: RunKeys | undefined; open: boolean; draft: string; caret: number };

const MOST_VALUES = 12;

export function useCompletion({ team, experimentIds, keys: first, open, draft, caret }: At): { from: number; options: Option[] } {
  const word = open ? (/[\w./:-]+$/.exec(draft.slice(0, caret))?.[0] ?? '') : '';
  const keys = useKeysLike(team, experimentIds, first, word.replace(/^(metrics|params|tags)\./, ''));
  const writing = useMemo(() => (open ? valueAt(draft.slice(0, caret), keys) : null), [open, draft, caret, keys]);
  const values = useKeyValues(team, experimentIds, writing?.field ?? null, writing?.part);
  return useMemo(() => {
    if (!open) return { from: caret, options: [] };
    if (!writing) return complete(draft, caret, keys);
    const options = valuesWritten(writing.field, new Date()) ?? values.map((one): Option => ({ text: quoteText(one), hint: 'value' }));
    const fitting = nearest(options, writing.part.toLowerCase(), ({ text }) => [text.replace(/^'(.*)'$/s, '$1').replaceAll("''", "'")]);
    // What is already there in full needs no offer.
    const rest = fitting.length === 1 && fitting[0]!.text === draft.slice(writing.from, caret) ? [] : fitting;
    return { from: writing.from, options: rest.slice(0, MOST_VALUES) };
  }, [open, writing, values, draft, caret, keys]);
}
