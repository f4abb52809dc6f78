// A run’s line across the axes.
import clsx from 'clsx';
import type { RunRow } from '../../api/runs.ts';
import type { Axis } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { hover, useHovered } from '../lines/hover.ts';
import { placeOf } from './parallel-axis.tsx';

type LineProps = { row: RunRow; colour: string; dim: boolean; points: (readonly [number, number | null, Axis])[]; yOf: (part: number) => number };

export function RunLine({ row, colour, dim, points, yOf }: LineProps) {
  const lit = useHovered(row.runId);
  let path = '';
  let pen = 'M';
  for (const [x, value, axis] of points) {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${x} ${yOf(placeOf(axis, value))}`;
    pen = 'L';
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it lights it up, nothing more
    <path
      className={clsx(drawingCss.parallelLine, dim ? drawingCss.dimmed : undefined, lit ? drawingCss.lit : undefined)}
      d={path}
      stroke={colour}
      onMouseEnter={() => hover(row.runId)}
      onMouseLeave={() => hover(null)}
    >
      <title>{row.name}</title>
    </path>
  );
}
