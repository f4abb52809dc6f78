// A box with a title, a note beside it, and what can be done with it at its right.
import type { ReactNode } from 'react';
import css from './panel.module.css';

type Props = { title: ReactNode; label?: string; note?: ReactNode; actions?: ReactNode; children: ReactNode };

/** `label` names it for screen readers where the title shown is another. */
export function Panel({ title, label, note, actions, children }: Props) {
  return (
    <section className={css.panel} aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      <header className={css.head}>
        {title && <h2>{title}</h2>}
        {note && <span className="dim">{note}</span>}
        {title && <span className="grow" />}
        {actions}
      </header>
      {children}
    </section>
  );
}

/** What a panel says where it has nothing to show. */
export const PanelEmpty = ({ children }: { children: ReactNode }) => <p className={css.empty}>{children}</p>;
