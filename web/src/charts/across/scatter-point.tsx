// A run’s dot in a scatter plot.
import type { RunRow } from '../../api/runs.ts';
import drawingCss from '../drawing.module.css';
import { hover, useHovered } from '../lines/hover.ts';

export type Dot = { row: RunRow; x: number; y: number; left: number; top: number };

export function Point({ dot, colour, point, open }: { dot: Dot; colour: string; point: (dot: Dot | null) => void; open: () => void }) {
  const lit = useHovered(dot.row.runId);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of runs above has the same links
    <circle
      className={drawingCss.point}
      cx={dot.left}
      cy={dot.top}
      r={lit ? 8 : 5.5}
      fill={colour}
      onMouseEnter={() => {
        hover(dot.row.runId);
        point(dot);
      }}
      onMouseLeave={() => {
        hover(null);
        point(null);
      }}
      onClick={open}
    />
  );
}
