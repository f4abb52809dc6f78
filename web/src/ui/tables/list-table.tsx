// A table of things with a row each, which scrolls sideways where it doesn't fit.
import type { MouseEvent, ReactNode } from 'react';
import css from './list-table.module.css';
import { Scroller } from './scroller.tsx';

type Column = string | { name: string; numeric?: boolean; hidden?: boolean };
type Props = { label: string; columns: readonly Column[]; children: ReactNode };

export const numeric = (name: string): Column => ({ name, numeric: true });
/** A column of buttons: its name is for screen readers alone. */
export const ACTIONS: Column = { name: 'Actions', hidden: true };

/** What is cut off is told on hover. */
function showWhole({ target }: MouseEvent): void {
  const cell = (target as Element).closest('td');
  if (cell && cell.title === '' && cell.scrollWidth > cell.clientWidth + 1) cell.title = cell.textContent ?? '';
}

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
        {/* biome-ignore lint/a11y/useKeyWithMouseEvents: what is cut off is whole for screen readers, and in the room that it leads to */}
        <tbody onMouseOver={showWhole}>{children}</tbody>
      </table>
    </Scroller>
  );
}
