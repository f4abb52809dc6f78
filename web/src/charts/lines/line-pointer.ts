// What the pointer does on a chart of lines: the values under it, zoom by dragging, moving along x with Shift.
import type uPlot from 'uplot';
import type { Tip } from '../across/value-tip.tsx';
import { hover } from './hover.ts';
import type { Press, Props } from './line-plot-options.ts';
import { nearest } from './lines.ts';
import { xText } from './x-axis.ts';

const SHOWN_VALUES = 8;

/** From the x of the chart to that of a zoom: time is in seconds there, in milliseconds here. */
const scaleOf = ({ x }: Pick<Props, 'x'>) => (x === 'time' ? 1000 : 1);

/** The values near the pointer, the nearest run lit; null where it is elsewhere. */
export function tipAt(u: uPlot, host: HTMLElement, { lines, x }: Props): Tip | null {
  const { left = -1, top = -1 } = u.cursor;
  // Charts that only follow the pointer of another show their line, not a box of values.
  if (left < 0 || top < 0 || !host.matches(':hover')) return null;
  const at = u.posToVal(left, 'x');
  const all = lines.flatMap((line) => {
    const value = line.ys[nearest(line.xs, at)];
    if (value === null || value === undefined) return [];
    return [{ runId: line.runId, label: line.label, colour: line.colour, dash: line.dash, value, y: u.valToPos(value, 'y') }];
  });
  all.sort((a, b) => Math.abs(a.y - top) - Math.abs(b.y - top));
  const near = all[0];
  hover(near?.runId ?? null);
  const shown = all.slice(0, SHOWN_VALUES).sort((a, b) => b.value - a.value);
  const bbox = u.over.getBoundingClientRect();
  const mine = host.getBoundingClientRect();
  return {
    left: bbox.left - mine.left + left,
    top: bbox.top - mine.top + top,
    head: xText(x, x === 'step' ? Math.round(at) : at),
    values: shown.map((value) => ({ ...value, near: value === near && all.length > 1 })),
    more: all.length - shown.length,
  };
}

type ZoomProps = Pick<Props, 'x' | 'zoom' | 'onZoom'>;

export function zoomSelected(u: uPlot, { x, onZoom }: Pick<ZoomProps, 'x' | 'onZoom'>): void {
  if (u.select.width < 4) return;
  const scale = scaleOf({ x });
  onZoom({ from: u.posToVal(u.select.left, 'x') * scale, to: u.posToVal(u.select.left + u.select.width, 'x') * scale });
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** With Shift a zoomed chart is moved along its x; all charts of the board follow when it is let go. */
export const panBy =
  (latest: { current: ZoomProps }): Press =>
  (u, event) => {
    const { zoom: from } = latest.current;
    if (!event.shiftKey || !from) return false;
    const scale = scaleOf(latest.current);
    const span = from.to - from.from;
    const moved = (to: MouseEvent) => {
      const by = ((event.clientX - to.clientX) / u.over.clientWidth) * span;
      return { from: from.from + by, to: from.to + by };
    };
    const move = (to: MouseEvent) => {
      const next = moved(to);
      u.setScale('x', { min: next.from / scale, max: next.to / scale });
    };
    const up = (to: MouseEvent) => {
      window.removeEventListener('mousemove', move);
      latest.current.onZoom(moved(to));
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', up, { once: true });
    return true;
  };
