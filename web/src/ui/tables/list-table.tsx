// A table of things with a row each, which scrolls sideways where it doesn't fit.
import type { ReactNode } from 'react';
import css from './list-table.module.css';
import { Scroller } from './scroller.tsx';

type Column = string | { name: string; numeric?: boolean; hidden?: boolean };
type Props = { label: string; columns: readonly Column[]; children: ReactNode };

export const numeric = (name: string): Column => ({ name, numeric: true });
/** A column of buttons: its name is for screen readers alone. */
export const ACTIONS: Column = { name: 'Actions', hidden: true };

export function ListTable({ label, columns, children }: Props) {
  return (
    <Scroller label={`${label}, table`}>
      <table className={css.list}>
        <thead>
          <tr>
            {columns.map((column, at) => {
              const { name, numeric: right = false, hidden = false } = typeof column === 'string' ? { name: column } : column;
              return (
                <th key={at} scope="col" className={right ? 'numeric' : undefined}>
                  {hidden ? <span className="visually-hidden">{name}</span> : name}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroller>
  );
}
