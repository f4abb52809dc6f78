// The frame of a drawing: grid, ticks and names of its axes, in the same sizes for all of them.
import type { ReactNode } from 'react';
import drawingCss from './drawing.module.css';

export const WIDTH = 900;
export const HEIGHT = 440;
export const LEFT = 74;
export const FOOT = 46;
const TOP = 10;
const RIGHT = 14;

/** Where a share of an axis (0 to 1) lies. A margin keeps marks off the edges. */
export const xAt = (part: number): number => LEFT + 14 + part * (WIDTH - LEFT - RIGHT - 28);
export const yAt = (part: number): number => TOP + 14 + (1 - part) * (HEIGHT - FOOT - TOP - 28);

export type Tick = { at: number; label: string };
type Props = { label: string; x: { name: string; ticks: Tick[]; lines?: boolean }; y: { name: string; ticks: Tick[] }; children: ReactNode };

const clipped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export function Frame({ label, x, y, children }: Props) {
  return (
    <svg className={drawingCss.scatter} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {y.ticks.map(({ at, label: text }) => (
        <g key={`y${at}`}>
          <line className={drawingCss.gridLine} x1={LEFT} x2={WIDTH - RIGHT} y1={yAt(at)} y2={yAt(at)} />
          <text className={drawingCss.axisTick} x={LEFT - 8} y={yAt(at) + 4} textAnchor="end">
            {clipped(text, 9)}
          </text>
        </g>
      ))}
      {x.ticks.map(({ at, label: text }) => (
        <g key={`x${at}`}>
          {x.lines !== false && <line className={drawingCss.gridLine} y1={TOP} y2={HEIGHT - FOOT} x1={xAt(at)} x2={xAt(at)} />}
          <text className={drawingCss.axisTick} x={xAt(at)} y={HEIGHT - FOOT + 16} textAnchor="middle">
            {clipped(text, Math.max(6, Math.floor(120 / x.ticks.length) + 2))}
            <title>{text}</title>
          </text>
        </g>
      ))}
      <text className={drawingCss.axisName} x={(WIDTH + LEFT) / 2} y={HEIGHT - 8} textAnchor="middle">
        {x.name}
      </text>
      <text className={drawingCss.axisName} transform={`translate(13 ${(HEIGHT - FOOT) / 2}) rotate(-90)`} textAnchor="middle">
        {y.name}
      </text>
      {children}
    </svg>
  );
}
