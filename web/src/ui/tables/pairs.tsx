// Names with their values, one beneath the other.
import type { ReactNode } from 'react';
import css from './pairs.module.css';

export function Pairs({ children }: { children: ReactNode }) {
  return <dl className={css.pairs}>{children}</dl>;
}

export function Pair({ name, mono = false, children }: { name: ReactNode; mono?: boolean; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : undefined}>{children}</dd>
    </div>
  );
}
