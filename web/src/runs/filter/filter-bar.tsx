// The filter in the search language: completes keys and operators, asks on Enter, and underlines where the server found the mistake.
import clsx from 'clsx';
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { ApiError } from '../../api/client.ts';
import { quoteText } from '../../api/filter-text.ts';
import { useKeyValues } from '../../api/runs.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Icon } from '../../ui/icons.tsx';
import type { RunKeys } from '../table/columns.ts';
import { complete, faultRange, type Option, valueAt } from './completion.ts';
import css from './filter-bar.module.css';
import { FilterBuilder } from './filter-builder.tsx';

type Props = {
  team: string;
  experimentIds: string[] | null;
  value: string;
  apply: (filter: string) => void;
  keys: RunKeys | undefined;
  fault: ApiError | null;
  field: RefObject<HTMLInputElement | null>;
};

export function FilterBar({ team, experimentIds, value, apply, keys, fault, field }: Props) {
  const [draft, setDraft] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const mirror = useRef<HTMLDivElement>(null);
  const list = useId();
  useEffect(() => setDraft(value), [value]);
  const writing = useMemo(() => (open ? valueAt(draft.slice(0, caret)) : null), [open, draft, caret]);
  const values = useKeyValues(team, experimentIds, writing?.field ?? null);
  const { from, options } = useMemo(() => {
    if (!writing) return complete(draft, caret, keys);
    const wanted = writing.part.toLowerCase();
    const fitting = values.filter((one) => one.toLowerCase().includes(wanted)).slice(0, 12);
    return { from: writing.from, options: fitting.map((one): Option => ({ text: quoteText(one), hint: 'value' })) };
  }, [writing, values, draft, caret, keys]);
  const showing = open && options.length > 0;
  const wrong = fault && draft === value ? fault : null;
  const range = wrong?.position === null || wrong?.position === undefined ? null : faultRange(draft, wrong.position);

  const take = (option: Option) => {
    const space = /^['\w<>=!]/.test(option.text) ? ' ' : '';
    const after = option.text.startsWith("'") ? draft.slice(caret).replace(/^'/, '') : draft.slice(caret);
    const next = `${draft.slice(0, from)}${option.text}${space}${after}`;
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
    <div className={css.filter}>
      <div className={clsx(css.field, wrong && css.wrong)}>
        <Icon name="search" size={14} />
        <div className={css.text}>
          <div className={css.mirror} ref={mirror} aria-hidden="true">
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
        {draft !== value && <span className={css.hint}>Enter ↵</span>}
        {(draft || value) && (
          <button
            type="button"
            className={buttonsCss.quiet}
            aria-label="Clear the filter"
            onClick={() => {
              commit('');
              field.current?.focus();
            }}
          >
            <Icon name="close" size={13} />
          </button>
        )}
        <FilterBuilder {...{ team, experimentIds, keys, value }} apply={commit} />
      </div>
      <ul className={css.options} id={list} role="listbox" aria-label="Completions" hidden={!showing}>
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
        <p className={css.fault} id={`${list}-fault`} role="alert">
          {wrong.message}
          {wrong.code === 'INTERNAL' && wrong.requestId ? ` (request ${wrong.requestId})` : ''}
        </p>
      )}
    </div>
  );
}
