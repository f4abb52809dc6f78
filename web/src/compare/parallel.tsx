// Parallel coordinates: each run a line across params and metrics. Dragging along an axis keeps only the runs that pass there.
import { MultiSelect } from '@mantine/core';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import type { RunRow } from '../api/runs.ts';
import { hover, useHovered } from '../charts/hover.ts';
import { colourOf } from '../format.ts';
import { Empty } from '../parts/states.tsx';
import { useParam } from '../router.ts';
import { type Axis, axesOf, labelOf, share } from './axes.ts';

const HEIGHT = 420;
const TOP = 34;
const FOOT = 26;
type Brush = { from: number; to: number };

export function Parallel({ rows }: { rows: RunRow[] }) {
  const axes = useMemo(() => axesOf(rows), [rows]);
  const [text, setText] = useParam('axes');
  const [brushes, setBrushes] = useState<Record<string, Brush>>({});
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
  const kept = rows.filter((_, at) => passes(at)).length;
  return (
    <div className="page-part">
      <div className="page-bar">
        <MultiSelect
          className="axes"
          aria-label="Axes"
          size="xs"
          searchable
          value={shown.map(({ id }) => id)}
          data={axes.map(({ id }) => id)}
          onChange={(next) => setText(next.join(',') || null, { replace: true })}
        />
        <span className="dim">
          {kept} of {rows.length} runs
        </span>
      </div>
      <div className="scroll-x" tabIndex={0} role="group" aria-label="Parallel coordinates">
        <svg
          className="parallel"
          viewBox={`0 0 ${width} ${HEIGHT}`}
          style={{ minWidth: width }}
          role="img"
          aria-label={`${kept} runs across ${shown.length} axes`}
        >
          {rows.map((row, at) => (
            <RunLine
              key={row.runId}
              row={row}
              dim={!passes(at)}
              points={shown.map((axis, place) => [xOf(place), axis.values[at]! ?? null, axis] as const)}
              yOf={yOf}
            />
          ))}
          {shown.map((axis, place) => {
            const brush = brushes[axis.id];
            return (
              <g key={axis.id} transform={`translate(${xOf(place)} 0)`}>
                <text className="axis-name" y={14} textAnchor="middle">
                  {axis.name.length > 20 ? `${axis.name.slice(0, 19)}…` : axis.name}
                  <title>{axis.id}</title>
                </text>
                <line className="axis-line" y1={yOf(1)} y2={yOf(0)} />
                {(axis.numeric ? [axis.low, axis.high] : axis.texts.map((_, index) => index)).slice(0, 12).map((value) => (
                  <text
                    key={value}
                    className="axis-tick"
                    x={6}
                    y={yOf(share(axis, value)) + (axis.numeric && value === axis.high ? -5 : axis.numeric ? 14 : 4)}
                  >
                    {labelOf(axis, value)}
                  </text>
                ))}
                {brush && <rect className="brush" x={-7} width={14} y={yOf(brush.to)} height={Math.max(2, yOf(brush.from) - yOf(brush.to))} />}
                <rect
                  className="brush-area"
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
                    const to = partAt(event);
                    setBrushes({ ...brushes, [axis.id]: { from: Math.min(dragging.current.from, to), to: Math.max(dragging.current.from, to) } });
                  }}
                  onPointerUp={(event) => {
                    const from = dragging.current?.from ?? 0;
                    dragging.current = null;
                    if (Math.abs(partAt(event) - from) > 0.01) return;
                    const { [axis.id]: _, ...rest } = brushes;
                    setBrushes(rest);
                  }}
                />
              </g>
            );
          })}
        </svg>
      </div>
      <p className="dim small">Drag along an axis to keep the runs that pass there; click it to let go.</p>
    </div>
  );
}

type LineProps = { row: RunRow; dim: boolean; points: (readonly [number, number | null, Axis])[]; yOf: (part: number) => number };

function RunLine({ row, dim, points, yOf }: LineProps) {
  const lit = useHovered(row.runId);
  let path = '';
  let pen = 'M';
  for (const [x, value, axis] of points) {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${x} ${yOf(share(axis, value))}`;
    pen = 'L';
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it lights it up, nothing more
    <path
      className={`parallel-line${dim ? ' dimmed' : ''}${lit ? ' lit' : ''}`}
      d={path}
      stroke={colourOf(row.runId)}
      onMouseEnter={() => hover(row.runId)}
      onMouseLeave={() => hover(null)}
    >
      <title>{row.name}</title>
    </path>
  );
}
