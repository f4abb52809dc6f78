// Any two values against each other, a dot per run.
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import type { RunRow } from '../api/runs.ts';
import { hover, useHovered } from '../charts/hover.ts';
import { colourOf } from '../format.ts';
import { Empty } from '../parts/states.tsx';
import { go, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { axesOf, labelOf, share } from './axes.ts';

const WIDTH = 860;
const HEIGHT = 440;
const LEFT = 70;
const FOOT = 40;

export function Scatter({ rows }: { rows: RunRow[] }) {
  const team = useTeam();
  const axes = useMemo(() => axesOf(rows), [rows]);
  const metrics = axes.filter(({ id }) => id.startsWith('metrics.'));
  const many = [...axes]
    .sort((a, b) => new Set(b.values).size - new Set(a.values).size)
    .find(({ id, numeric }) => numeric && id.startsWith('params.'));
  const [xId, setX] = useParam('sx', many?.id ?? axes[0]?.id ?? '');
  const [yId, setY] = useParam('sy', metrics.find(({ id }) => id !== xId)?.id ?? axes[1]?.id ?? '');
  const x = axes.find(({ id }) => id === xId);
  const y = axes.find(({ id }) => id === yId);
  if (!x || !y) return <Empty title="Too little differs" />;
  const xOf = (part: number) => LEFT + 12 + part * (WIDTH - LEFT - 36);
  const yOf = (part: number) => 16 + (1 - part) * (HEIGHT - FOOT - 32);
  const data = axes.map(({ id }) => id);
  const parts = [0, 0.25, 0.5, 0.75, 1];
  const ticks = (axis: typeof x) =>
    axis.numeric ? parts.map((part) => axis.low + part * (axis.high - axis.low)) : axis.texts.map((_, at) => at).slice(0, 12);
  return (
    <div className="page-part">
      <div className="page-bar">
        <Select label="Across" data={data} value={xId} searchable allowDeselect={false} onChange={(next) => setX(next, { replace: true })} />
        <Select label="Up" data={data} value={yId} searchable allowDeselect={false} onChange={(next) => setY(next, { replace: true })} />
      </div>
      <div className="scroll-x" tabIndex={0} role="group" aria-label="Scatter plot">
        <svg className="scatter" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${y.name} against ${x.name}`}>
          {ticks(y).map((value) => (
            <g key={`y${value}`}>
              <line className="grid-line" x1={LEFT} x2={WIDTH - 12} y1={yOf(share(y, value))} y2={yOf(share(y, value))} />
              <text className="axis-tick" x={LEFT - 8} y={yOf(share(y, value)) + 4} textAnchor="end">
                {labelOf(y, value)}
              </text>
            </g>
          ))}
          {ticks(x).map((value) => (
            <g key={`x${value}`}>
              <line className="grid-line" y1={8} y2={HEIGHT - FOOT} x1={xOf(share(x, value))} x2={xOf(share(x, value))} />
              <text className="axis-tick" x={xOf(share(x, value))} y={HEIGHT - FOOT + 16} textAnchor="middle">
                {labelOf(x, value)}
              </text>
            </g>
          ))}
          <text className="axis-name" x={(WIDTH + LEFT) / 2} y={HEIGHT - 6} textAnchor="middle">
            {x.name}
          </text>
          <text className="axis-name" transform={`translate(12 ${HEIGHT / 2}) rotate(-90)`} textAnchor="middle">
            {y.name}
          </text>
          {rows.map((row, at) => {
            const [vx, vy] = [x.values[at], y.values[at]];
            if (vx === null || vy === null || vx === undefined || vy === undefined) return null;
            return (
              <Point
                key={row.runId}
                row={row}
                cx={xOf(share(x, vx))}
                cy={yOf(share(y, vy))}
                open={() => go(to('t', team.slug, 'runs', row.runId))}
                title={`${row.name}\n${x.name} ${labelOf(x, vx)}\n${y.name} ${labelOf(y, vy)}`}
              />
            );
          })}
        </svg>
      </div>
    </div>
  );
}

function Point({ row, cx, cy, title, open }: { row: RunRow; cx: number; cy: number; title: string; open: () => void }) {
  const lit = useHovered(row.runId);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of runs above has the same links
    <circle
      className="point"
      cx={cx}
      cy={cy}
      r={lit ? 8 : 5.5}
      fill={colourOf(row.runId)}
      onMouseEnter={() => hover(row.runId)}
      onMouseLeave={() => hover(null)}
      onClick={open}
    >
      <title>{title}</title>
    </circle>
  );
}
