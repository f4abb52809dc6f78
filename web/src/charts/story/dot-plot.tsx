// A dot for each run in its place, as large as its card; a line of steps through some. Pointing finds the nearest, pressing opens its run.
import clsx from 'clsx';
import { type PointerEvent, type ReactNode, useRef, useState, useSyncExternalStore } from 'react';
import { hover, hoveredRun, onHover } from '../lines/hover.ts';
import plotCss from '../plot.module.css';
import css from './dot-plot.module.css';
import { useWidth } from './use-width.ts';

/** Shares of both axes, 0 to 1; what lies beyond is drawn as a mark at the edge. `colour`: of one that stands out. */
export type PlotDot = { runId: string; x: number; y: number; colour?: string };
export type PlotAxis = { ticks: { at: number; label: string }[]; base: string; name?: string };

type Props = {
  label: string;
  height: number;
  x: PlotAxis;
  y: PlotAxis;
  dots: readonly PlotDot[];
  /** The best so far, from left to right. */
  steps?: readonly { x: number; y: number }[];
  best?: string | undefined;
  /** Whether some stand out, so that the others step back. */
  faint?: boolean;
  tip: (runId: string) => ReactNode;
  open: (runId: string) => void;
};

const CHAR = 6.7;
const REACH = 28;
const TIP_WIDTH = 196;
const clamp = (part: number) => Math.min(1, Math.max(0, part));

export function DotPlot({ label, height, x, y, dots, steps, best, faint = false, tip, open }: Props) {
  const { ref, width } = useWidth();
  const svg = useRef<SVGSVGElement>(null);
  const [near, setNear] = useState<PlotDot | null>(null);
  const lit = useSyncExternalStore(onHover, hoveredRun);
  const left = Math.max(30, Math.max(0, ...y.ticks.map((tick) => tick.label.length)) * CHAR + 10);
  const [top, right, foot] = [y.base ? 20 : 10, 14, x.name ? 34 : 20];
  const xAt = (part: number) => left + 6 + clamp(part) * (width - left - right - 12);
  const yAt = (part: number) => top + (1 - clamp(part)) * (height - top - foot);
  const find = (event: PointerEvent) => {
    const box = svg.current!.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let found: PlotDot | null = null;
    let least = REACH;
    for (const dot of dots) {
      const far = Math.hypot(xAt(dot.x) - px, yAt(dot.y) - py);
      if (far < least) [found, least] = [dot, far];
    }
    setNear(found);
    hover(found?.runId ?? null);
  };
  const bestDot = dots.find(({ runId }) => runId === best);
  const litDot = dots.find(({ runId }) => runId === lit);
  let line = '';
  for (const [at, step] of (steps ?? []).entries()) line += at === 0 ? `M${xAt(step.x)} ${yAt(step.y)}` : `H${xAt(step.x)}V${yAt(step.y)}`;
  if (line) line += `H${xAt(1)}`;
  const most = Math.max(4, Math.floor((width - left) / Math.max(1, x.ticks.length) / CHAR));
  return (
    <div className={plotCss.plot} ref={ref} style={{ height }}>
      {width > 0 && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the table has the same links
        <svg
          ref={svg}
          className={css.plot}
          width={width}
          height={height}
          role="img"
          aria-label={label}
          data-runs={dots.length}
          data-near={near ? '' : undefined}
          onPointerMove={find}
          onPointerLeave={() => {
            setNear(null);
            hover(null);
          }}
          onClick={() => near && open(near.runId)}
        >
          {y.ticks.map((tick) => (
            <g key={`y${tick.label}`}>
              <line className={css.grid} x1={left} x2={width - right} y1={yAt(tick.at)} y2={yAt(tick.at)} />
              <text className={css.tick} x={left - 6} y={yAt(tick.at) + 4} textAnchor="end">
                {tick.label}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <text key={`x${tick.label}`} className={css.tick} x={xAt(tick.at)} y={height - foot + 15} textAnchor="middle">
              {tick.label.length > most ? `${tick.label.slice(0, most - 1)}…` : tick.label}
              <title>{tick.label}</title>
            </text>
          ))}
          {y.base && (
            <text className={css.tick} x={2} y={11}>
              {y.base} +
            </text>
          )}
          {(x.name || x.base) && (
            <text className={css.tick} x={width - right} y={height - 4} textAnchor="end">
              {x.name}
              {x.base && ` − ${x.base}`}
            </text>
          )}
          {line && <path className={css.steps} d={line} />}
          <g className={clsx(css.dots, faint && css.faint)}>
            {dots.map((dot) => (
              <Mark key={dot.runId} dot={dot} cx={xAt(dot.x)} cy={yAt(dot.y)} />
            ))}
          </g>
          {bestDot && <circle className={css.best} cx={xAt(bestDot.x)} cy={yAt(bestDot.y)} r={6.5} />}
          {litDot && <circle className={css.lit} cx={xAt(litDot.x)} cy={yAt(litDot.y)} r={6} />}
        </svg>
      )}
      {near && (
        <div
          className={plotCss.tip}
          role="tooltip"
          style={{
            top: yAt(near.y) + 12,
            left: Math.max(-4, Math.min(xAt(near.x) > width / 2 ? xAt(near.x) - TIP_WIDTH - 12 : xAt(near.x) + 12, width - TIP_WIDTH)),
          }}
        >
          {tip(near.runId)}
        </div>
      )}
    </div>
  );
}

function Mark({ dot, cx, cy }: { dot: PlotDot; cx: number; cy: number }) {
  const own = dot.colour ? { className: css.own, fill: dot.colour } : {};
  if (dot.y > 1) return <path d={`M${cx} ${cy - 4}l4 7h-8z`} {...own} />;
  if (dot.y < 0) return <path d={`M${cx} ${cy + 4}l4 -7h-8z`} {...own} />;
  return <circle cx={cx} cy={cy} r={dot.colour ? 4 : 3.2} {...own} />;
}
