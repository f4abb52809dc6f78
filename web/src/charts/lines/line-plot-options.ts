// How uPlot draws lines: axes, scales, series, and the columns of data it wants. Nothing of React.
import uPlot from 'uplot';
import type { XKind, Zoom } from '../../api/series.ts';
import { isCalendar } from '../../times.ts';
import type { Line } from './lines.ts';
import { plotAxes } from './plot-axes.ts';
import { bounds } from './x-axis.ts';

export type Props = {
  lines: Line[];
  x: XKind;
  log: boolean;
  zoom: Zoom;
  /** Of the y axis. */
  range: [number, number];
  height: number;
  group: string;
  label: string;
  onZoom: (zoom: Zoom) => void;
};

/** With more lines the pointed-at one is drawn over the others, which stay as they are: to redraw them all would take longer than a frame. */
export const MANY = 24;

const faint = (colour: string) => `${colour}40`;

export type Press = (u: uPlot, event: MouseEvent) => boolean;

/** `press`: whether it took the press for itself, so that nothing is selected by it. */
export function optionsOf(
  latest: { current: Props },
  size: { width: number; height: number },
  hooks: uPlot.Hooks.Arrays,
  press: Press,
): uPlot.Options {
  const { lines, x, zoom, log, group } = latest.current;
  const dates = x === 'time' && isCalendar(bounds(lines, zoom, x));
  const { axes, padding, draw } = plotAxes(x, dates, log);
  const points = (line: Line): uPlot.Series.Points => ({ show: true, size: 6, fill: line.colour, filter: (u, series) => lonely(u.data[series]!) });
  return {
    ...size,
    padding,
    legend: { show: false },
    cursor: {
      sync: { key: group, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: lines.length <= MANY ? { size: 6 } : { show: false },
      focus: { prox: lines.length <= MANY ? 1e6 : -1 },
      bind: { mousedown: (u, _, handler) => (event) => (press(u, event) ? null : handler(event)) },
    },
    focus: { alpha: 0.3 },
    scales: { x: { time: dates }, y: { distr: log ? 3 : 1, range: () => latest.current.range } },
    axes,
    series: [
      {},
      ...lines.flatMap((line): uPlot.Series[] => [
        ...(line.raw ? [{ stroke: faint(line.colour), width: 1, points: { show: false } }] : []),
        { stroke: line.colour, width: 1.5, points: points(line), label: line.label, ...(line.dash ? { dash: line.dash } : {}) },
      ]),
    ],
    hooks: { ...hooks, draw: [draw, ...(hooks.draw ?? [])] },
  };
}

/** Which of uPlot's series a line is: where it is smoothed, its raw one stands before. */
export const seriesOf = (lines: Line[], index: number): number => lines.slice(0, index + 1).reduce((sum, { raw }) => sum + (raw ? 2 : 1), 0);

/** Points with a gap or nothing on both sides, which no line would show. */
function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  let before: number | null = null;
  let candidate = -1;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    // Only another line has a point there.
    if (value === undefined) continue;
    if (value === null) {
      if (candidate >= 0) found.push(candidate);
      candidate = -1;
    } else candidate = before === null ? at : -1;
    before = value;
  }
  if (candidate >= 0) found.push(candidate);
  return found;
}

/** uPlot's columns. Points that only another line has are undefined, which draws on; a null is a gap. */
export function dataOf(lines: Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[], []];
  return uPlot.join(lines.map((line) => [line.xs, ...(line.raw ? [line.raw] : []), line.ys] as uPlot.AlignedData));
}
