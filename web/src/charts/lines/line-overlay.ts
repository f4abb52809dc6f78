// A sheet over a chart of many lines, for the one that stands out.
import type uPlot from 'uplot';
import { colour } from '../colours.ts';
import css from '../plot.module.css';
import type { Line } from './lines.ts';

/** A sheet over the chart for one line that stands out. */
export function overlay(u: uPlot): { draw: (u: uPlot, line: Line | null) => void } {
  const canvas = document.createElement('canvas');
  canvas.className = css.over!;
  return {
    draw(of, line) {
      if (!canvas.isConnected) u.over.append(canvas);
      const { clientWidth: width, clientHeight: height } = of.over;
      const ratio = devicePixelRatio;
      // Setting the size also wipes it.
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const ctx = canvas.getContext('2d');
      if (!line || !ctx) return;
      ctx.scale(ratio, ratio);
      ctx.lineJoin = 'round';
      ctx.beginPath();
      let drawing = false;
      for (const [at, x] of line.xs.entries()) {
        const y = line.ys[at];
        if (y === null || y === undefined) drawing = false;
        else {
          const [left, top] = [of.valToPos(x, 'x'), of.valToPos(y, 'y')];
          if (drawing) ctx.lineTo(left, top);
          else ctx.moveTo(left, top);
          drawing = true;
        }
      }
      for (const [width_, stroke] of [
        [5, colour('chart-halo')],
        [2.5, line.colour],
      ] as const) {
        ctx.lineWidth = width_;
        ctx.strokeStyle = stroke;
        ctx.stroke();
      }
    },
  };
}
