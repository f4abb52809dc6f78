// The field of the filter: what is typed, and beneath it the same text once more, to underline the mistake.
import { type ComponentProps, type RefObject, useRef } from 'react';
import css from './filter-bar.module.css';

type Props = Omit<ComponentProps<'input'>, 'ref'> & {
  field: RefObject<HTMLInputElement | null>;
  value: string;
  expanded: boolean;
  range: [number, number] | null;
};

export function FilterField({ field, value, expanded, range, ...input }: Props) {
  const mirror = useRef<HTMLDivElement>(null);
  return (
    <div className={css.text}>
      <div className={css.mirror} ref={mirror} aria-hidden="true">
        {range ? (
          <>
            {value.slice(0, range[0])}
            <u>{value.slice(...range) || ' '}</u>
            {value.slice(range[1])}
          </>
        ) : (
          value
        )}
      </div>
      <input
        ref={field}
        role="combobox"
        aria-expanded={expanded}
        aria-autocomplete="list"
        aria-label="Filter runs"
        placeholder="name, or loss < 0.4 and optimizer = adam"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={value}
        onScroll={(event) => {
          if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
        }}
        {...input}
      />
    </div>
  );
}
