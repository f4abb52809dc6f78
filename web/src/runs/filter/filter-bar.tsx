// The filter in the search language: completes keys, operators and values, asks on Enter, and underlines where the server found the mistake.
import clsx from 'clsx';
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';
import { type ApiError, isMistake } from '../../api/client.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Icon } from '../../ui/icons.tsx';
import type { RunKeys } from '../table/columns.ts';
import { faultRange, type Option } from './completion.ts';
import { Completions } from './completions.tsx';
import css from './filter-bar.module.css';
import { FilterBuilder } from './filter-builder.tsx';
import { FilterField } from './filter-field.tsx';
import { useCompletion } from './use-completion.ts';

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
  const list = useId();
  useEffect(() => setDraft(value), [value]);
  const { from, options } = useCompletion({ team, experimentIds, keys, open, draft, caret });
  const showing = open && options.length > 0;
  const wrong = fault && isMistake(fault) && draft === value ? fault : null;
  const range = wrong?.position === null || wrong?.position === undefined ? null : faultRange(draft, wrong.position);

  const take = (option: Option) => {
    const next = `${draft.slice(0, from)}${option.text} `;
    const rest = option.text.startsWith("'") ? draft.slice(caret).replace(/^'/, '') : draft.slice(caret);
    setDraft(next + rest.trimStart());
    setCaret(next.length);
    setAt(-1);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.length, next.length);
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
    <div className={css.filter} role="search" data-kept={draft === value ? '' : undefined}>
      <div className={clsx(css.field, wrong && css.wrong)}>
        <Icon name="search" size={14} />
        <FilterField
          {...{ field, range }}
          value={draft}
          expanded={showing}
          aria-controls={list}
          aria-activedescendant={showing && at >= 0 ? `${list}-${at}` : undefined}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? `${list}-fault` : undefined}
          onChange={(event) => {
            setDraft(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            setOpen(true);
            setAt(-1);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onFocus={() => setOpen(true)}
          onBlur={() => setTimeout(() => setOpen(false), 120)}
          onKeyDown={key}
        />
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
      <Completions id={list} {...{ options, at, take }} hidden={!showing} />
      {wrong && (
        <p className={css.fault} id={`${list}-fault`} role="alert">
          {wrong.message}
        </p>
      )}
    </div>
  );
}
