// One uPlot chart: lines, gaps marked, values under the pointer, zoom by dragging. Loaded when the first chart shows.
import css from '../plot.module.css';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { isCalendar } from '../../times.ts';
import { type Tip, ValueTip } from '../across/value-tip.tsx';
import { hover, hoveredRun, onHover } from './hover.ts';
import { drawMarks } from './line-marks.ts';
import { overlay } from './line-overlay.ts';
import { dataOf, MANY, optionsOf, type Props, seriesOf } from './line-plot-options.ts';
import { panBy, tipAt, zoomSelected } from './line-pointer.ts';
import { bounds } from './x-axis.ts';

/** uPlot asks for the range of y anew whenever x is set. */
function show(u: uPlot, { lines, zoom, x }: Props): void {
  const range = bounds(lines, zoom, x);
  if (range) u.setScale('x', { min: range[0], max: range[1] });
}

export const Plot = memo(function Plot(props: Props) {
  const { lines, x, log, zoom, height, label, range } = props;
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
    const hooks = {
      setCursor: [(u: uPlot) => setTip(tipAt(u, host, latest.current))],
      setSelect: [(u: uPlot) => zoomSelected(u, latest.current)],
      draw: [(u: uPlot) => drawMarks(u, latest.current.lines, latest.current.range)],
    };
    const size = { width: Math.max(80, host.clientWidth), height: latest.current.height };
    const u = new uPlot(optionsOf(latest, size, hooks, panBy(latest)), dataOf(latest.current.lines), host);
    chart.current = u;
    const over = overlay(u);
    show(u, latest.current);
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
      u.setSeries(index < 0 ? null : seriesOf(latest.current.lines, index), { focus: true });
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
    chart.current?.setData(dataOf(lines), false);
  }, [lines]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown of the lines, by `latest`
  useEffect(() => {
    if (chart.current) show(chart.current, latest.current);
  }, [lines, zoom, x, range[0], range[1]]);
  useEffect(() => {
    const host = box.current!;
    chart.current?.setSize({ width: Math.max(80, host.clientWidth), height });
  }, [height]);

  return (
    <div
      className={css.plot}
      ref={box}
      role="img"
      aria-label={label}
      data-points={lines.reduce((sum, { xs }) => sum + xs.length, 0)}
      style={{ height }}
    >
      {tip && tip.values.length > 0 && <ValueTip tip={tip} width={box.current?.clientWidth ?? 0} />}
    </div>
  );
});
