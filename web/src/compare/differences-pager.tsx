// Moves on by as many runs as stand beside each other.
import { count } from '../format.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Icon } from '../ui/icons.tsx';
import css from './differences.module.css';

export const COLUMNS = 12;

export function Pager({ from, shown, total, go }: { from: number; shown: number; total: number; go: (from: number) => void }) {
  return (
    <span className={css.pager}>
      <button
        type="button"
        className={buttonsCss.quiet}
        aria-label="Runs before"
        disabled={from === 0}
        onClick={() => go(Math.max(0, from - COLUMNS))}
      >
        <Icon name="left" />
      </button>
      <span className="mono">
        {from + 1}–{from + shown}
      </span>
      <span className="dim">of {count(total)} runs</span>
      <button
        type="button"
        className={buttonsCss.quiet}
        aria-label="Further runs"
        disabled={from + COLUMNS >= total}
        onClick={() => go(from + COLUMNS)}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}
