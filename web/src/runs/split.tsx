// Two panes with a divider that is dragged, or moved with the arrow keys. Where it stands is remembered on this machine.
import { type ReactNode, useRef, useState } from 'react';
import css from './split.module.css';

const KEY = 'runledger.split';
const clamp = (share: number) => Math.min(0.8, Math.max(0.25, share));

export function Split({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(() => clamp(Number(localStorage.getItem(KEY)) || 0.56));
  const box = useRef<HTMLDivElement>(null);
  const keep = (next: number) => {
    setShare(clamp(next));
    localStorage.setItem(KEY, String(clamp(next)));
  };
  return (
    <div className={css.split} ref={box} style={{ gridTemplateColumns: `minmax(0, ${share}fr) 9px minmax(0, ${1 - share}fr)` }}>
      {left}
      <div
        className={css.bar}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the table"
        aria-valuemin={25}
        aria-valuemax={80}
        aria-valuenow={Math.round(share * 100)}
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') keep(share - 0.03);
          if (event.key === 'ArrowRight') keep(share + 0.03);
        }}
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const { left: from, width } = box.current!.getBoundingClientRect();
          keep((event.clientX - from) / width);
        }}
      />
      {right}
    </div>
  );
}
