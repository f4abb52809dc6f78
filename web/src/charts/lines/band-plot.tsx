// One uPlot chart of bands: a mean line for each group, and a wash between its low and its high. Loaded when the first shows.
import clsx from 'clsx';
import { Dot } from '../../ui/tables/values.tsx';
import plotCss from '../plot.module.css';
import { labelsOf } from '../ticks.ts';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { XKind, Zoom } from '../../api/series.ts';
import { isCalendar } from '../../times.ts';
import type { Band } from './bands.ts';
import { zoomSelected } from './line-pointer.ts';
import { nearest } from './lines.ts';
import { plotAxes } from './plot-axes.ts';
import { bounds, xText } from './x-axis.ts';

export type Drawn = { name: string; colour: string; members: number; band: Band };
type Props = {
  bands: Drawn[];
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
type Tip = { left: number; top: number; head: string; rows: { name: string; colour: string; mean: number; half: number; runs: number }[] };

const TIP_WIDTH = 236;
/** Above zero only, on a log scale. */
const shown = (values: (number | null)[], log: boolean) => (log ? values.map((value) => (value !== null && value > 0 ? value : null)) : values);

function dataOf(bands: Drawn[], log: boolean): uPlot.AlignedData {
  return uPlot.join(bands.map(({ band }) => [band.xs, shown(band.high, log), shown(band.low, log), shown(band.mean, log)] as uPlot.AlignedData));
}

export const BandPlot = memo(function BandPlot(props: Props) {
  const { bands, x, log, zoom, range: yRange, height, group, label } = props;
  const dark = useComputedColorScheme('light') === 'dark';
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [tip, setTip] = useState<Tip | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme, another chart
  useEffect(() => {
    const host = box.current!;
    const range = bounds(
      bands.map(({ band }) => band),
      zoom,
      x,
    );
    const dates = x === 'time' && isCalendar(range);
    const point = (u: uPlot) => {
      const { left = -1, top = -1 } = u.cursor;
      if (left < 0 || !host.matches(':hover')) {
        setTip(null);
        return;
      }
      const at = u.posToVal(left, 'x');
      const rows = bands.flatMap(({ name, colour, band }) => {
        const index = nearest(band.xs, at);
        const mean = band.mean[index];
        return mean === null || mean === undefined
          ? []
          : [{ name, colour, mean, half: (band.high[index]! - band.low[index]!) / 2, runs: band.runs[index]! }];
      });
      const head = xText(x, x === 'step' ? Math.round(at) : at);
      setTip({ left: left + u.over.offsetLeft, top: top + u.over.offsetTop, head, rows: rows.sort((a, b) => b.mean - a.mean).slice(0, 10) });
    };
    const { axes, padding, draw } = plotAxes(x, dates, log);
    const u = new uPlot(
      {
        width: Math.max(80, host.clientWidth),
        height,
        padding,
        legend: { show: false },
        cursor: { sync: { key: group, scales: ['x', null] }, drag: { x: true, y: false, setScale: false }, points: { show: false } },
        scales: { x: { time: dates }, y: { distr: log ? 3 : 1, range: () => latest.current.range } },
        axes,
        series: [
          {},
          ...bands.flatMap(({ colour, name }): uPlot.Series[] => [
            { stroke: `${colour}55`, width: 0.5, points: { show: false } },
            { stroke: `${colour}55`, width: 0.5, points: { show: false } },
            { stroke: colour, width: 2, points: { show: false }, label: name },
          ]),
        ],
        bands: bands.map(({ colour }, at): uPlot.Band => ({ series: [at * 3 + 1, at * 3 + 2], fill: `${colour}2e` })),
        hooks: { setCursor: [point], setSelect: [(u) => zoomSelected(u, latest.current)], draw: [draw] },
      },
      dataOf(bands, log),
      host,
    );
    if (range) u.setScale('x', { min: range[0], max: range[1] });
    u.over.addEventListener('dblclick', () => latest.current.onZoom(null));
    u.over.addEventListener('mouseleave', () => setTip(null));
    const resized = new ResizeObserver(() => host.clientWidth > 80 && u.setSize({ width: host.clientWidth, height }));
    resized.observe(host);
    return () => {
      resized.disconnect();
      u.destroy();
    };
  }, [bands, x, log, zoom, yRange[0], yRange[1], height, group, dark]);

  const texts = labelsOf(tip?.rows.flatMap(({ mean, half }) => [mean, half]) ?? []);
  const wide = box.current?.clientWidth ?? 0;
  return (
    <div className={plotCss.plot} ref={box} role="img" aria-label={label} data-groups={bands.length} style={{ height }}>
      {tip && tip.rows.length > 0 && (
        <div
          className={clsx(plotCss.tip, plotCss.bandTip)}
          role="tooltip"
          style={{
            top: tip.top + 14,
            left: Math.max(-4, Math.min(tip.left > wide / 2 ? tip.left - TIP_WIDTH - 12 : tip.left + 12, wide - TIP_WIDTH)),
          }}
        >
          <div className="dim">{tip.head}</div>
          {tip.rows.map(({ name, colour, runs }, at) => (
            <div key={name} className={plotCss.tipRow}>
              <Dot colour={colour} />
              <span className={plotCss.tipName}>{name}</span>
              <span className="mono">
                {texts[at * 2]}
                {runs > 1 && ` ± ${texts[at * 2 + 1]}`}
              </span>
              <span className="dim mono">{runs}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
});
