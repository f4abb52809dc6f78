// The filter in the search language: completes keys and operators, asks on Enter, and underlines where the server found the mistake.
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { ApiError } from '../api/client.ts';
import type { RunKeys } from '../api/runs.ts';
import { Icon } from '../parts/icons.tsx';

type Option = { text: string; hint: string };
type Props = {
  value: string;
  apply: (filter: string) => void;
  keys: RunKeys | undefined;
  fault: ApiError | null;
  field: RefObject<HTMLInputElement | null>;
};

const ATTRIBUTES = ['status', 'run_name', 'start_time', 'end_time', 'user_id', 'run_id'];
const STATUSES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED'];
const quotedKey = (key: string) => (/^[\w.]+$/.test(key) ? key : `\`${key}\``);

/** What may stand where the caret is: a key at the start of a comparison, an operator after a key, then a value, then a connective. */
export function complete(text: string, caret: number, keys: RunKeys | undefined): { from: number; options: Option[] } {
  const before = text.slice(0, caret);
  const word = /(?:[\w.@/:-]|`[^`]*`?)*$/.exec(before)?.[0] ?? '';
  const from = caret - word.length;
  const head = before.slice(0, from).trimEnd();
  const begins = head === '' || /(\band|\bor|\bnot|\()$/i.test(head);
  const afterName =
    /(?:^|[\s(])((?:metrics?|params?|parameters?|tags?|attributes?|attr)\.(?:`[^`]+`|[\w./:-]+)|status|run_name|start_time|end_time|user_id|run_id)$/i.exec(
      head,
    );
  const wanted = word.replaceAll('`', '').toLowerCase();
  if (begins) {
    const all: Option[] = [
      ...(keys?.metrics ?? []).map(({ key }) => ({ text: `metrics.${quotedKey(key)}`, hint: 'metric' })),
      ...(keys?.params ?? []).map(({ key }) => ({ text: `params.${quotedKey(key)}`, hint: 'param' })),
      ...(keys?.tags ?? []).map(({ key }) => ({ text: `tags.${quotedKey(key)}`, hint: 'tag' })),
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
  const status = /status\s*(=|!=)\s*'?$/i.exec(head.endsWith("'") ? head : `${head}`);
  if (status)
    return {
      from,
      options: STATUSES.filter((one) => one.toLowerCase().startsWith(wanted)).map((one) => ({
        text: head.endsWith("'") ? `${one}'` : `'${one}'`,
        hint: 'status',
      })),
    };
  if (/(['"\d)]|\bnull)$/i.test(head) && /\s$/.test(before.slice(0, from) || ' ')) {
    return { from, options: ['AND', 'OR'].filter((one) => one.toLowerCase().startsWith(wanted)).map((text) => ({ text, hint: '' })) };
  }
  return { from, options: [] };
}

/** From the position to the end of what stands there. */
function faultRange(text: string, position: number): [number, number] {
  const start = Math.min(position, Math.max(0, text.length - 1));
  const length = /^(`[^`]*`|'[^']*'?|"[^"]*"?|[\w.@/:-]+|\S+)/.exec(text.slice(start))?.[0].length ?? 1;
  return [start, start + Math.max(1, length)];
}

export function FilterBar({ value, apply, keys, fault, field }: Props) {
  const [draft, setDraft] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const mirror = useRef<HTMLDivElement>(null);
  const list = useId();
  useEffect(() => setDraft(value), [value]);
  const { from, options } = useMemo(() => complete(draft, caret, keys), [draft, caret, keys]);
  const showing = open && options.length > 0;
  const wrong = fault && draft === value ? fault : null;
  const range = wrong?.position === null || wrong?.position === undefined ? null : faultRange(draft, wrong.position);

  const take = (option: Option) => {
    const space = /^['\w<>=!]/.test(option.text) ? ' ' : '';
    const next = `${draft.slice(0, from)}${option.text}${space}${draft.slice(caret)}`;
    const end = from + option.text.length + space.length;
    setDraft(next);
    setCaret(end);
    setAt(-1);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
    });
  };
  const commit = (text: string) => {
    setOpen(false);
    apply(text.trim());
    setDraft(text.trim());
  };
  const key = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' && showing) setAt((at + 1) % options.length);
    else if (event.key === 'ArrowUp' && showing) setAt((at - 1 + options.length) % options.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && showing && at >= 0) take(options[at]!);
    else if (event.key === 'Enter') {
      commit(draft);
      // So that j, k and the like reach the table; `/` comes back.
      event.currentTarget.blur();
    } else if (event.key === 'Escape' && showing) setOpen(false);
    else if (event.key === 'Escape') event.currentTarget.blur();
    else return;
    event.preventDefault();
  };

  return (
    <div className="filter">
      <div className={wrong ? 'filter-field wrong' : 'filter-field'}>
        <Icon name="search" size={14} />
        <div className="filter-text">
          <div className="filter-mirror" ref={mirror} aria-hidden="true">
            {range ? (
              <>
                {draft.slice(0, range[0])}
                <u>{draft.slice(...range) || ' '}</u>
                {draft.slice(range[1])}
              </>
            ) : (
              draft
            )}
          </div>
          <input
            ref={field}
            role="combobox"
            aria-expanded={showing}
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={showing && at >= 0 ? `${list}-${at}` : undefined}
            aria-label="Filter runs"
            aria-invalid={wrong ? true : undefined}
            aria-describedby={wrong ? `${list}-fault` : undefined}
            placeholder="metrics.rmse < 6.5 and params.model = 'xgb'"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            value={draft}
            onChange={(event) => {
              setDraft(event.currentTarget.value);
              setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
              setOpen(true);
              setAt(-1);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onFocus={() => setOpen(true)}
            onBlur={() => setTimeout(() => setOpen(false), 120)}
            onScroll={(event) => {
              if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }}
            onKeyDown={key}
          />
        </div>
        {draft !== value && <span className="filter-hint">Enter ↵</span>}
        {(draft || value) && (
          <button
            type="button"
            className="quiet"
            aria-label="Clear the filter"
            onClick={() => {
              commit('');
              field.current?.focus();
            }}
          >
            <Icon name="close" size={13} />
          </button>
        )}
      </div>
      <ul className="filter-options" id={list} role="listbox" aria-label="Completions" hidden={!showing}>
        {options.map((option, index) => (
          <li
            key={option.text}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            onMouseDown={(event) => {
              event.preventDefault();
              take(option);
            }}
          >
            <span className="mono">{option.text}</span>
            <span className="dim">{option.hint}</span>
          </li>
        ))}
      </ul>
      {wrong && (
        <p className="filter-fault" id={`${list}-fault`} role="alert">
          {wrong.message}
          {wrong.code === 'INTERNAL' && wrong.requestId ? ` (request ${wrong.requestId})` : ''}
        </p>
      )}
    </div>
  );
}
