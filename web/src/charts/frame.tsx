// The frame of a drawing: grid, ticks and names of its axes, in the same sizes for all of them.
import type { ReactNode } from 'react';
import drawingCss from './drawing.module.css';
import { clippedTexts } from './ticks.ts';

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
/** `base`: what is to be added to each label. */
export type FrameAxis = { name: string; ticks: Tick[]; base?: string; lines?: boolean };
type Props = { label: string; x: FrameAxis; y: FrameAxis; children: ReactNode };

const nameOf = ({ name, base }: FrameAxis) => (base ? `${name} − ${base}` : name);

export function Frame({ label, x, y, children }: Props) {
  const [xTexts, yTexts] = [
    clippedTexts(
      x.ticks.map((tick) => tick.label),
      Math.max(9, Math.floor(120 / x.ticks.length) + 2),
    ),
    clippedTexts(
      y.ticks.map((tick) => tick.label),
      9,
    ),
  ];
  return (
    <svg className={drawingCss.scatter} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {y.ticks.map(({ at, label: text }, index) => (
        <g key={`y${at}`}>
          <line className={drawingCss.gridLine} x1={LEFT} x2={WIDTH - RIGHT} y1={yAt(at)} y2={yAt(at)} />
          <text className={drawingCss.axisTick} x={LEFT - 8} y={yAt(at) + 4} textAnchor="end">
            {yTexts[index]}
            <title>{text}</title>
          </text>
        </g>
      ))}
      {x.ticks.map(({ at, label: text }, index) => (
        <g key={`x${at}`}>
          {x.lines !== false && <line className={drawingCss.gridLine} y1={TOP} y2={HEIGHT - FOOT} x1={xAt(at)} x2={xAt(at)} />}
          <text className={drawingCss.axisTick} x={xAt(at)} y={HEIGHT - FOOT + 16} textAnchor="middle">
            {xTexts[index]}
            <title>{text}</title>
          </text>
        </g>
      ))}
      <text className={drawingCss.axisName} x={(WIDTH + LEFT) / 2} y={HEIGHT - 8} textAnchor="middle">
        {nameOf(x)}
      </text>
      <text className={drawingCss.axisName} transform={`translate(13 ${(HEIGHT - FOOT) / 2}) rotate(-90)`} textAnchor="middle">
        {nameOf(y)}
      </text>
      {children}
    </svg>
  );
}
