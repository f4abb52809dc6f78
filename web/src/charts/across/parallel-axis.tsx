// One of the parallel axes: its ticks, and the part of it that is kept, dragged with the pointer.
import clsx from 'clsx';
import { type PointerEvent, useRef } from 'react';
import { type Axis, marksOf, share, spansPowers } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { clippedTexts, labelsOf } from '../ticks.ts';
import type { Brush } from './brushes.ts';

export const HEIGHT = 420;
const TOP = 34;
const FOOT = 26;
const FEW = 7;
/** Labels nearer than this, in parts of the axis, would lie on each other. */
const NEAR = 0.032;
/** What is dragged less is a click. */
const CLICK = 0.01;

export const yOf = (part: number): number => TOP + (1 - part) * (HEIGHT - TOP - FOOT);
const between = (a: number, b: number): Brush => ({ from: Math.min(a, b), to: Math.max(a, b) });

/** A share of the axis; on a log scale where values span powers. */
export const placeOf = (axis: Axis, value: number): number => share(axis, value, spansPowers(axis));

/** The values themselves where they are few. */
function ticksOn(axis: Axis): { ticks: { at: number; label: string }[]; base: string } {
  const own = [...new Set(axis.values)].filter((value): value is number => value !== null).sort((a, b) => a - b);
  if (!axis.numeric || own.length > FEW) return marksOf(axis, 5, spansPowers(axis));
  const labels = labelsOf(own);
  const ticks: { at: number; label: string }[] = [];
  for (const [index, value] of own.entries()) {
    const at = placeOf(axis, value);
    if (ticks.length === 0 || at - ticks.at(-1)!.at >= NEAR) ticks.push({ at, label: labels[index]! });
  }
  return { ticks, base: '' };
}

type Props = { axis: Axis; left: number; brush: Brush | undefined; drag: (brush: Brush) => void; set: (brush: Brush | null) => void };

export function ParallelAxis({ axis, left, brush, drag, set }: Props) {
  const from = useRef<number | null>(null);
  const partAt = (event: PointerEvent<SVGElement>) => {
    const { top, height } = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - ((event.clientY - top) * (HEIGHT / height) - TOP) / (HEIGHT - TOP - FOOT)));
  };
  const { ticks, base } = ticksOn(axis);
  const texts = clippedTexts(
    ticks.map(({ label }) => label),
    14,
  );
  const name = base ? `${axis.name} − ${base}` : spansPowers(axis) ? `${axis.name} (log)` : axis.name;
  return (
    <g transform={`translate(${left} 0)`}>
      <text className={drawingCss.axisName} y={14} textAnchor="middle">
        {name.length > 20 ? `${name.slice(0, 19)}…` : name}
        <title>{base ? `${axis.id}, less ${base}` : axis.id}</title>
      </text>
      <line className={drawingCss.axisLine} y1={yOf(1)} y2={yOf(0)} />
      {ticks.map(({ at, label }, index) => (
        <g key={label}>
          <line className={drawingCss.axisLine} x1={-3} x2={3} y1={yOf(at)} y2={yOf(at)} />
          <text className={clsx(drawingCss.axisTick, drawingCss.axisHalo)} x={8} y={yOf(at) + 4}>
            {texts[index]}
          </text>
        </g>
      ))}
      {brush && <rect className={drawingCss.brush} x={-7} width={14} y={yOf(brush.to)} height={Math.max(2, yOf(brush.from) - yOf(brush.to))} />}
      <rect
        className={drawingCss.brushArea}
        x={-12}
        width={24}
        y={yOf(1)}
        height={yOf(0) - yOf(1)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = partAt(event);
        }}
        onPointerMove={(event) => {
          if (from.current !== null) drag(between(from.current, partAt(event)));
        }}
        onPointerUp={(event) => {
          const began = from.current ?? 0;
          from.current = null;
          const to = partAt(event);
          set(Math.abs(to - began) > CLICK ? between(began, to) : null);
        }}
      />
    </g>
  );
}
