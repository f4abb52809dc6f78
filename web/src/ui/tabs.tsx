// The tabs of a room. A tab with an address is a link; without one it is a button.
import type { ReactNode } from 'react';
import css from './tabs.module.css';

type Tab = { name: string; label: ReactNode; href?: string };
type Props = { label: string; tabs: readonly Tab[]; current: string; choose?: (name: string) => void };

export function Tabs({ label, tabs, current, choose }: Props) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map(({ name, label: text, href }) => {
        const here = name === current ? 'page' : undefined;
        return href === undefined ? (
          <button key={name} type="button" aria-current={here} onClick={() => choose?.(name)}>
            {text}
          </button>
        ) : (
          <a key={name} href={href} aria-current={here}>
            {text}
          </a>
        );
      })}
    </nav>
  );
}
