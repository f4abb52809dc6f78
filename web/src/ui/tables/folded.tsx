// A value of any length: the first of it, until somebody wants all.
import clsx from 'clsx';
import { useState } from 'react';
import { count } from '../../format.ts';
import buttonsCss from '../buttons.module.css';
import css from './folded.module.css';
import { Copyable } from './values.tsx';

/** More than this folds: a configuration logged as one param would push all others off the screen. */
const LONG = 240;

/** A value of any length, copied on click. */
export function Folded({ text, mono = true }: { text: string; mono?: boolean }) {
  const [open, setOpen] = useState(false);
  const long = text.length > LONG || text.split('\n').length > 4;
  if (!long) return <Copyable text={text} mono={mono} />;
  return (
    <div className={css.folded}>
      <Copyable text={text} label={`${count(text.length)} characters`} mono={mono}>
        <span className={clsx(css.long, !open && css.clipped)}>{open ? text : text.slice(0, 2 * LONG).replaceAll(/\s+/g, ' ')}</span>
      </Copyable>
      <button type="button" className={buttonsCss.link} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Less' : `All ${count(text.length)} characters`}
      </button>
    </div>
  );
}
