// What is wider (or, with `both`, also higher) than its place scrolls in a frame that the keyboard reaches.
import type { ReactNode } from 'react';
import css from './scroller.module.css';

type Props = { label: string; both?: boolean; children: ReactNode };

export function Scroller({ label, both = false, children }: Props) {
  return (
    <div className={both ? css.scrollBoth : css.scrollX} tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
