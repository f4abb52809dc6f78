// One uPlot chart: lines, gaps marked, values under the pointer, zoom by dragging. Loaded when the first chart shows.
import css from '../plot.module.css';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { isCalendar } from '../../times.ts';
import { type Tip, ValueTip } from '../across/value-tip.tsx';
import { hover, hoveredRun, onHover } from './hover.ts';
import { overlay } from './line-overlay.ts';
import { dataOf, MANY, optionsOf, type Press, type Props } from './line-plot-options.ts';
import { nearest } from './lines.ts';
import { bounds, xText } from './x-axis.ts';

const SHOWN_VALUES = 8;

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
    isCalendar(bounds(lines, zoom, x)),
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
      u.ctx.font = `${11 * ratio}px sans-serif`;
      u.ctx.textAlign = 'center';
      for (const { holes, infinite, colour } of latest.current.lines) {
        u.ctx.fillStyle = colour;
        for (const { x: at, above } of infinite) {
          const px = u.valToPos(at, 'x', true);
          if (px < u.bbox.left || px > u.bbox.left + u.bbox.width) continue;
          u.ctx.fillText(above ? '∞' : '−∞', px, above ? u.bbox.top + 10 * ratio : u.bbox.top + u.bbox.height - 3 * ratio);
        }
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
      {tip && tip.values.length > 0 && <ValueTip tip={tip} width={wide} />}
    </div>
  );
});
