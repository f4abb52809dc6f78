// Which rows of a long list of equally high ones are to be drawn: those in view, and more where it is scrolled to than where it came from.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Window, windowOf } from './row-window.ts';

/** Moved by fewer rows than this, what is drawn is enough. */
const STEP = 3;

/** `show` scrolls as little as it takes. Marks the list while it is scrolled aside: only then pinned cells have to be kept in place, which costs each frame. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, row: number): Window & { show: (index: number) => void } {
  const [shown, setShown] = useState<Window>({ from: 0, to: Math.min(count, 60) });
  const latest = useRef(shown);
  useEffect(() => {
    const element = scroller.current!;
    let before = element.scrollTop;
    const look = () => {
      const { scrollTop: top, clientHeight: height } = element;
      const next = windowOf({ top, height, count, row }, top >= before);
      before = top;
      if (element.scrollLeft > 0 !== (element.dataset.aside !== undefined)) element.toggleAttribute('data-aside');
      const { from, to } = latest.current;
      const first = Math.floor(top / row);
      const last = Math.min(count, Math.ceil((top + height) / row));
      const covered = from <= first && to >= last;
      if (covered && to - from === next.to - next.from && Math.abs(next.from - from) < STEP) return;
      if (next.from === from && next.to === to) return;
      latest.current = next;
      // Rows that are in view already mustn't wait for the next frame.
      if (covered) setShown(next);
      else flushSync(() => setShown(next));
    };
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, count, row]);
  const show = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      // The headers stand over the first row.
      const [top, height] = [index * row, element.clientHeight - row];
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + row > element.scrollTop + height) element.scrollTop = top + row - height;
    },
    [scroller, row],
  );
  return { from: Math.min(shown.from, count), to: Math.min(shown.to, count), show };
}
