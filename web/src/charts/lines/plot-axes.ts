// The axes of a uPlot chart: ticks that differ read differently, and no label is cut off, whatever the size of the numbers.
import type uPlot from 'uplot';
import type { XKind } from '../../api/curve-points.ts';
import { axisStyle, colour } from '../colours.ts';
import { type Ticks, ticksOf } from '../ticks.ts';
import { xTicks } from './x-axis.ts';

const FONT = '11px system-ui, sans-serif';
let pen: CanvasRenderingContext2D | null = null;

function widest(labels: readonly string[]): number {
  pen ??= document.createElement('canvas').getContext('2d');
  if (!pen) return Math.max(0, ...labels.map((label) => label.length * 7));
  pen.font = FONT;
  return Math.max(0, ...labels.map((label) => pen!.measureText(label).width));
}

const WIDE = { step: 48, relative: 64, time: 56 };
/** uPlot looks for a step among known ones, and finds none where the range is narrow beside its numbers; ours come from `splits`. */
const anyStep = (_u: uPlot, _axis: number, min: number, max: number) => [Math.max(5, max - min)];
const NONE: Ticks = { values: [], labels: [], base: '' };

/** `dates`: x is a time of the calendar, whose ticks are uPlot's own. `draw` writes what labels leave out because all have it in common. */
export function plotAxes(x: XKind, dates: boolean, log: boolean): { axes: uPlot.Axis[]; padding: uPlot.Padding; draw: (u: uPlot) => void } {
  const style = { ...axisStyle(), font: FONT };
  const now = { x: NONE, y: NONE };
  const across: uPlot.Axis = dates
    ? { ...style, size: 36 }
    : {
        ...style,
        size: () => (now.x.base ? 34 : 22),
        incrs: anyStep,
        splits: (u, _axis, min, max) => {
          now.x = xTicks(x, min, max, Math.max(2, Math.floor((u.width - 60) / WIDE[x])));
          return now.x.values;
        },
        values: () => now.x.labels,
      };
  const up: uPlot.Axis = {
    ...style,
    // What labels need, and the mark and gap beside them. Never narrower than usual, so that charts beside each other line up.
    size: (_u, values) => Math.max(40, Math.ceil(widest(values ?? [])) + 12),
    incrs: anyStep,
    filter: (_u, splits) => splits,
    splits: (u, _axis, min, max) => {
      now.y = ticksOf({ low: min, high: max }, Math.max(2, Math.floor((u.height - 28) / 30)), { log });
      return now.y.values;
    },
    values: () => now.y.labels,
  };
  const right = () => (dates ? 12 : Math.max(8, Math.ceil(widest(now.x.labels.slice(-1)) / 2)));
  return {
    axes: [across, up],
    padding: [() => (now.y.base ? 18 : 8), right, 0, 0],
    draw: (u) => {
      const ratio = devicePixelRatio;
      u.ctx.save();
      u.ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      u.ctx.fillStyle = colour('dim');
      u.ctx.textAlign = 'left';
      u.ctx.textBaseline = 'alphabetic';
      if (now.y.base) u.ctx.fillText(`${now.y.base} +`, 4 * ratio, 12 * ratio);
      if (now.x.base) {
        u.ctx.textAlign = 'right';
        u.ctx.fillText(`${now.x.base} +`, u.bbox.left + u.bbox.width, u.ctx.canvas.height - 3 * ratio);
      }
      u.ctx.restore();
    },
  };
}
