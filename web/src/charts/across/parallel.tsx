// Parallel coordinates: each run a line across params and metrics. Dragging along an axis keeps only the runs that pass there; what is kept
// stands in the address.
import { Button, MultiSelect } from '@mantine/core';
import clsx from 'clsx';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import type { RunRow } from '../../api/runs.ts';
import type { Grouping } from '../../compare/groups.ts';
import { plural } from '../../format.ts';
import { patchQuery, useParam } from '../../router.ts';
import { Empty } from '../../ui/feedback/states.tsx';
import pageCss from '../../ui/page.module.css';
import { Scroller } from '../../ui/tables/scroller.tsx';
import { type Axis, axesOf, labelOf, share } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { type Brush, printBrushes, readBrushes } from '../lines/brushes.ts';
import { ticksOf } from '../statistics.ts';
import { RunLine } from './parallel-line.tsx';

const HEIGHT = 420;

const TOP = 34;

const FOOT = 26;

export function Parallel({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const axes = useMemo(() => axesOf(rows), [rows]);
  const [text, setText] = useParam('axes');
  const [kept, setKept] = useParam('keep');
  const [moving, setMoving] = useState<{ id: string; brush: Brush } | null>(null);
  const brushes = { ...readBrushes(kept), ...(moving ? { [moving.id]: moving.brush } : {}) };
  const setBrush = (id: string, brush: Brush | null) => {
    const { [id]: _, ...rest } = readBrushes(kept);
    setMoving(null);
    setKept(printBrushes(brush ? { ...rest, [id]: brush } : rest) || null, { replace: true });
  };
  const dragging = useRef<{ id: string; from: number } | null>(null);
  const chosen = text ? text.split(',') : axes.slice(0, 8).map(({ id }) => id);
  const shown = chosen.flatMap((id) => axes.find((axis) => axis.id === id) ?? []);
  if (axes.length < 2) {
    return (
      <Empty title="Too little differs">
        <p>Parallel coordinates need at least two params or metrics that differ between the runs.</p>
      </Empty>
    );
  }
  const width = Math.max(560, shown.length * 140);
  const xOf = (at: number) => 60 + (at * (width - 120)) / Math.max(1, shown.length - 1);
  const yOf = (part: number) => TOP + (1 - part) * (HEIGHT - TOP - FOOT);
  const passes = (row: number) =>
    shown.every((axis) => {
      const brush = brushes[axis.id];
      const value = axis.values[row];
      return !brush || (value !== null && value !== undefined && share(axis, value) >= brush.from && share(axis, value) <= brush.to);
    });
  const partAt = (event: PointerEvent<SVGElement>) => {
    const { top, height } = event.currentTarget.ownerSVGElement!.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - ((event.clientY - top) * (HEIGHT / height) - TOP) / (HEIGHT - TOP - FOOT)));
  };
  const passing = rows.filter((_, at) => passes(at));
  const brushed = Object.keys(brushes).length > 0;
  return (
    <div className={pageCss.part}>
      <div className={pageCss.bar}>
        <MultiSelect
          className={drawingCss.axes}
          aria-label="Axes"
          size="xs"
          searchable
          value={shown.map(({ id }) => id)}
          data={axes.map(({ id }) => id)}
          onChange={(next) => setText(next.join(',') || null, { replace: true })}
        />
        <span className="dim" role="status">
          {brushed ? `${passing.length} of ${plural(rows.length, 'run')}` : plural(rows.length, 'run')}
        </span>
        {brushed && (
          <>
            <Button
              variant="default"
              size="compact-xs"
              disabled={passing.length === 0}
              onClick={() => patchQuery({ runs: passing.map(({ runId }) => runId).join(','), keep: null })}
            >
              Only these
            </Button>
            <Button variant="subtle" size="compact-xs" onClick={() => setKept(null, { replace: true })}>
              Let go of all
            </Button>
          </>
        )}
      </div>
      <Scroller label="Parallel coordinates">
        <svg
          className={drawingCss.parallel}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          style={{ minWidth: width }}
          role="img"
          aria-label={`${passing.length} runs across ${shown.length} axes`}
        >
          {rows.map((row, at) => (
            <RunLine
              key={row.runId}
              row={row}
              colour={grouping.colour(row)}
              dim={!passes(at)}
              points={shown.map((axis, place) => [xOf(place), axis.values[at]! ?? null, axis] as const)}
              yOf={yOf}
            />
          ))}
          {shown.map((axis, place) => {
            const brush = brushes[axis.id];
            return (
              <g key={axis.id} transform={`translate(${xOf(place)} 0)`}>
                <text className={drawingCss.axisName} y={14} textAnchor="middle">
                  {axis.name.length > 20 ? `${axis.name.slice(0, 19)}…` : axis.name}
                  <title>{axis.id}</title>
                </text>
                <line className={drawingCss.axisLine} y1={yOf(1)} y2={yOf(0)} />
                {marksOf(axis).map((value) => (
                  <g key={value}>
                    <line className={drawingCss.axisLine} x1={-3} x2={3} y1={yOf(share(axis, value))} y2={yOf(share(axis, value))} />
                    <text className={clsx(drawingCss.axisTick, drawingCss.axisHalo)} x={8} y={yOf(share(axis, value)) + 4}>
                      {clip(labelOf(axis, value))}
                    </text>
                  </g>
                ))}
                {brush && (
                  <rect className={drawingCss.brush} x={-7} width={14} y={yOf(brush.to)} height={Math.max(2, yOf(brush.from) - yOf(brush.to))} />
                )}
                <rect
                  className={drawingCss.brushArea}
                  x={-12}
                  width={24}
                  y={yOf(1)}
                  height={yOf(0) - yOf(1)}
                  onPointerDown={(event) => {
                    event.currentTarget.setPointerCapture(event.pointerId);
                    dragging.current = { id: axis.id, from: partAt(event) };
                  }}
                  onPointerMove={(event) => {
                    if (dragging.current?.id !== axis.id) return;
                    setMoving({ id: axis.id, brush: between(dragging.current.from, partAt(event)) });
                  }}
                  onPointerUp={(event) => {
                    const from = dragging.current?.from ?? 0;
                    dragging.current = null;
                    const to = partAt(event);
                    setBrush(axis.id, Math.abs(to - from) > 0.01 ? between(from, to) : null);
                  }}
                />
              </g>
            );
          })}
        </svg>
      </Scroller>
      <p className="dim small">Drag along an axis to keep the runs that pass there; click it to let go.</p>
    </div>
  );
}

const between = (a: number, b: number): Brush => ({ from: Math.min(a, b), to: Math.max(a, b) });

const FEW = 7;

/** The values themselves where they are few. */
function marksOf(axis: Axis): number[] {
  const own = [...new Set(axis.values)].filter((value): value is number => value !== null);
  return own.length <= FEW ? own : axis.numeric ? ticksOf(axis, 5) : axis.texts.map((_, at) => at).slice(0, 14);
}

const clip = (text: string) => (text.length > 14 ? `${text.slice(0, 13)}…` : text);
