// Metrics that have no chart, in one line, with the reason.
import { useState } from 'react';
import { plural } from '../format.ts';
import buttonsCss from '../ui/buttons.module.css';
import css from './board.module.css';

const FEW = 3;

export function Folded({ metrics, why }: { metrics: readonly string[]; why: string }) {
  const [all, setAll] = useState(false);
  if (metrics.length === 0) return null;
  const left = metrics.length - FEW;
  return (
    <p className={css.folded}>
      {why} {(all ? metrics : metrics.slice(0, FEW)).join(', ')}
      {left > 0 && (
        <>
          {' '}
          <button type="button" className={buttonsCss.link} aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer' : `and ${plural(left, 'other')}`}
          </button>
        </>
      )}
    </p>
  );
}
