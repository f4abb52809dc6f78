// One uPlot chart: lines, gaps marked, values under the pointer, zoom by dragging. Loaded when the first chart shows.

import clsx from 'clsx';
import { Dot } from '../ui/values.tsx';
import { axisStyle, colour } from './colours.ts';
import css from './plot.module.css';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { XKind, Zoom } from '../api/series.ts';
import { duration, moment, short } from '../format.ts';
import { hover, hoveredRun, onHover } from './hover.ts';
import { type Line, nearest } from './lines.ts';

type Props = { lines: Line[]; x: XKind; log: boolean; zoom: Zoom; height: number; group: string; label: string; onZoom: (zoom: Zoom) => void };
type Tip = {
  left: number;
  top: number;
  head: string;
  values: { runId: string; label: string; colour: string; value: number; near: boolean }[];
  more: number;
};

const SHOWN_VALUES = 8;
/** With more lines the pointed-at one is drawn over the others, which stay as they are: to redraw them all would take longer than a frame. */
const MANY = 24;
/** As in the style sheet. */
const TIP_WIDTH = 196;
const xText = (x: XKind, value: number) => (x === 'step' ? `step ${short(value)}` : x === 'time' ? moment(value * 1000) : duration(value * 1000));
const faint = (colour: string) => `${colour}40`;

type Press = (u: uPlot, event: MouseEvent) => boolean;

/** `press`: whether it took the press for itself, so that nothing is selected by it. */
function optionsOf(props: Props, size: { width: number; height: number }, hooks: uPlot.Hooks.Arrays, press: Press): uPlot.Options {
  const { lines, x, log, group } = props;
  const axis = axisStyle();
  const points = (line: Line): uPlot.Series.Points => ({ show: true, size: 6, fill: line.colour, filter: (u, series) => lonely(u.data[series]!) });
  return {
    ...size,
    padding: [6, 8, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: group, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: lines.length <= MANY ? { size: 6 } : { show: false },
      focus: { prox: lines.length <= MANY ? 1e6 : -1 },
      bind: { mousedown: (u, _, handler) => (event) => (press(u, event) ? null : handler(event)) },
    },
    focus: { alpha: 0.3 },
    scales: { x: { time: x === 'time' }, y: { distr: log ? 3 : 1 } },
    axes: [
      {
        ...axis,
        size: 22,
        ...(x === 'step'
          ? { values: (_: uPlot, splits: number[]) => splits.map((value) => (Number.isInteger(value) ? compact(value) : '')) }
          : x === 'relative'
            ? { values: (_: uPlot, splits: number[]) => splits.map((value) => duration(value * 1000).split(' ')[0] ?? '') }
            : {}),
      },
      { ...axis, size: 48, values: (_: uPlot, splits: number[]) => splits.map((value) => (value === null ? '' : short(value))) },
    ],
    series: [
      {},
      ...lines.flatMap((line): uPlot.Series[] => [
        ...(line.raw ? [{ stroke: faint(line.colour), width: 1, points: { show: false } }] : []),
        { stroke: line.colour, width: 1.5, points: points(line), label: line.label, ...(line.dash ? { dash: line.dash } : {}) },
      ]),
    ],
    hooks,
  };
}

/** A sheet over the chart for one line that stands out. */
function overlay(u: uPlot): { draw: (u: uPlot, line: Line | null) => void } {
  const canvas = document.createElement('canvas');
  canvas.className = css.over!;
  return {
    draw(of, line) {
      if (!canvas.isConnected) u.over.append(canvas);
      const { clientWidth: width, clientHeight: height } = of.over;
      const ratio = devicePixelRatio;
      // Setting the size also wipes it.
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const ctx = canvas.getContext('2d');
      if (!line || !ctx) return;
      ctx.scale(ratio, ratio);
      ctx.lineJoin = 'round';
      ctx.beginPath();
      let drawing = false;
      for (const [at, x] of line.xs.entries()) {
        const y = line.ys[at];
        if (y === null || y === undefined) drawing = false;
        else {
          const [left, top] = [of.valToPos(x, 'x'), of.valToPos(y, 'y')];
          if (drawing) ctx.lineTo(left, top);
          else ctx.moveTo(left, top);
          drawing = true;
        }
      }
      for (const [width_, stroke] of [
        [5, colour('chart-halo')],
        [2.5, line.colour],
      ] as const) {
        ctx.lineWidth = width_;
        ctx.strokeStyle = stroke;
        ctx.stroke();
      }
    },
  };
}

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

const compact = (value: number) => (Math.abs(value) >= 10_000 ? `${short(value / 1000)}k` : String(value));

/** uPlot's columns. Points that only another line has are undefined, which draws on; a null is a gap. */
function dataOf(lines: Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[], []];
  return uPlot.join(lines.map((line) => [line.xs, ...(line.raw ? [line.raw] : []), line.ys] as uPlot.AlignedData));
}

function bounds(lines: Line[], zoom: Zoom, x: XKind): [number, number] | null {
  if (zoom) return x === 'time' ? [zoom.from / 1000, zoom.to / 1000] : [zoom.from, zoom.to];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { xs } of lines) {
    if (xs.length === 0) continue;
    low = Math.min(low, xs[0]!);
    high = Math.max(high, xs.at(-1)!);
  }
  if (low > high) return null;
  return low === high ? [low - 1, high + 1] : [low, high];
}

export const Plot = memo(function Plot(props: Props) {
  const { lines, x, log, zoom, height, label } = props;
  const dark = useComputedColorScheme('light') === 'dark';
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [tip, setTip] = useState<Tip | null>(null);
  // A new chart only where its build changes; new points are put into the one there is.
  const build = JSON.stringify([
    lines.map((line) => [line.runId, line.label, line.colour, line.dash, line.raw !== null, line.xs.length < 2]),
    x,
    log,
    dark,
    props.group,
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `build` says when
  useEffect(() => {
    const host = box.current!;
    const place = (u: uPlot) => {
      const { left = -1, top = -1 } = u.cursor;
      if (left < 0 || top < 0) {
        setTip(null);
        return;
      }
      // Charts that only follow the pointer of another show their line, not a box of values.
      const own = host.matches(':hover');
      const at = u.posToVal(left, 'x');
      const all = latest.current.lines.flatMap((line) => {
        const index = nearest(line.xs, at);
        const value = line.ys[index];
        return value === null || value === undefined
          ? []
          : [{ runId: line.runId, label: line.label, colour: line.colour, value, y: u.valToPos(value, 'y') }];
      });
      all.sort((a, b) => Math.abs(a.y - top) - Math.abs(b.y - top));
      const near = all[0];
      if (!own) {
        setTip(null);
        return;
      }
      hover(near?.runId ?? null);
      const shown = all.slice(0, SHOWN_VALUES).sort((a, b) => b.value - a.value);
      const bbox = u.over.getBoundingClientRect();
      const mine = host.getBoundingClientRect();
      setTip({
        left: bbox.left - mine.left + left,
        top: bbox.top - mine.top + top,
        head: xText(latest.current.x, latest.current.x === 'step' ? Math.round(at) : at),
        values: shown.map((value) => ({ ...value, near: value === near && all.length > 1 })),
        more: all.length - shown.length,
      });
    };
    const marks = (u: uPlot) => {
      const ratio = devicePixelRatio;
      for (const { holes, colour } of latest.current.lines) {
        u.ctx.fillStyle = colour;
        for (const hole of holes) {
          const px = u.valToPos(hole, 'x', true);
          if (px < u.bbox.left || px > u.bbox.left + u.bbox.width) continue;
          const foot = u.bbox.top + u.bbox.height;
          u.ctx.beginPath();
          u.ctx.moveTo(px, foot - 5 * ratio);
          u.ctx.lineTo(px - 3 * ratio, foot);
          u.ctx.lineTo(px + 3 * ratio, foot);
          u.ctx.fill();
        }
      }
    };
    const select = (u: uPlot) => {
      if (u.select.width < 4) return;
      const scale = latest.current.x === 'time' ? 1000 : 1;
      latest.current.onZoom({ from: u.posToVal(u.select.left, 'x') * scale, to: u.posToVal(u.select.left + u.select.width, 'x') * scale });
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    };
    // With Shift a zoomed chart is moved along its x; all charts of the board follow when it is let go.
    const pan: Press = (u, event) => {
      const { zoom: from } = latest.current;
      if (!event.shiftKey || !from) return false;
      const scale = latest.current.x === 'time' ? 1000 : 1;
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
    const size = { width: Math.max(80, host.clientWidth), height: latest.current.height };
    const u = new uPlot(
      optionsOf(latest.current, size, { setCursor: [place], setSelect: [select], draw: [marks] }, pan),
      dataOf(latest.current.lines),
      host,
    );
    chart.current = u;
    const over = overlay(u);
    const range = bounds(latest.current.lines, latest.current.zoom, latest.current.x);
    if (range) u.setScale('x', { min: range[0], max: range[1] });
    // uPlot's own double click would zoom out by the data at hand, which is what was zoomed into.
    u.over.addEventListener('dblclick', () => latest.current.onZoom(null));
    u.over.addEventListener('mouseleave', () => {
      setTip(null);
      hover(null);
    });
    const resized = new ResizeObserver(() => host.clientWidth > 80 && u.setSize({ width: host.clientWidth, height: latest.current.height }));
    resized.observe(host);
    const light = onHover(() => {
      const run = hoveredRun();
      const index = run === null ? -1 : latest.current.lines.findIndex((line) => line.runId === run);
      if (latest.current.lines.length > MANY) {
        over.draw(u, latest.current.lines[index] ?? null);
        return;
      }
      const perLine = latest.current.lines[0]?.raw ? 2 : 1;
      u.setSeries(index < 0 ? null : index * perLine + perLine, { focus: true });
    });
    return () => {
      light();
      hover(null);
      resized.disconnect();
      u.destroy();
      chart.current = null;
    };
  }, [build]);

  useEffect(() => {
    const u = chart.current;
    if (!u) return;
    u.setData(dataOf(lines), false);
    const range = bounds(lines, zoom, x);
    if (range) u.setScale('x', { min: range[0], max: range[1] });
  }, [lines, zoom, x]);
  useEffect(() => {
    const host = box.current!;
    chart.current?.setSize({ width: Math.max(80, host.clientWidth), height });
  }, [height]);

  const wide = box.current?.clientWidth ?? 0;
  return (
    <div
      className={css.plot}
      ref={box}
      role="img"
      aria-label={label}
      data-points={lines.reduce((sum, { xs }) => sum + xs.length, 0)}
      style={{ height }}
    >
      {tip && tip.values.length > 0 && (
        <div
          className={css.tip}
          role="tooltip"
          style={{
            top: tip.top + 14,
            left: Math.max(-4, Math.min(tip.left > wide / 2 ? tip.left - TIP_WIDTH - 12 : tip.left + 12, wide - TIP_WIDTH)),
          }}
        >
          <div className="dim">{tip.head}</div>
          {tip.values.map(({ runId, label: name, colour, value, near }) => (
            <div key={runId + name} className={clsx(css.tipRow, near && css.near)}>
              <Dot colour={colour} />
              <span className={css.tipName}>{name}</span>
              <span className="mono">{short(value)}</span>
            </div>
          ))}
          {tip.more > 0 && <div className="dim">{tip.more} more</div>}
        </div>
      )}
    </div>
  );
});
