// A run’s dot beside its box.
import type { RunRow } from '../../api/runs.ts';
import { short } from '../../format.ts';
import drawingCss from '../drawing.module.css';
import { hover, useHovered } from '../lines/hover.ts';

type DotProps = { row: RunRow; colour: string; cx: number; cy: number; value: number; open: () => void };

export function BoxDot({ row, colour, cx, cy, value, open }: DotProps) {
  const lit = useHovered(row.runId);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of runs above has the same links
    <circle
      className={drawingCss.point}
      cx={cx}
      cy={cy}
      r={lit ? 6 : 3.5}
      fill={colour}
      onMouseEnter={() => hover(row.runId)}
      onMouseLeave={() => hover(null)}
      onClick={open}
    >
      <title>{`${row.name}: ${short(value)}`}</title>
    </circle>
  );
}
