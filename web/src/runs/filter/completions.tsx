// The list beneath the filter: what may be typed next.
import type { Option } from './completion.ts';
import css from './filter-bar.module.css';

type Props = { id: string; options: Option[]; at: number; hidden: boolean; take: (option: Option) => void };

export function Completions({ id, options, at, hidden, take }: Props) {
  return (
    // What scrolls is a stop of Tab in some browsers; the field's arrows move in it.
    <ul className={css.options} id={id} role="listbox" aria-label="Completions" hidden={hidden} tabIndex={-1}>
      {options.map((option, index) => (
        <li
          key={option.text}
          id={`${id}-${index}`}
          ref={index === at ? (node) => node?.scrollIntoView({ block: 'nearest' }) : null}
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
  );
}
