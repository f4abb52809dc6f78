// What stands at the edge of a chart for values that have no place on its axis: NaN, infinity, and what lies beyond the range.
import type uPlot from 'uplot';
import type { Line } from './lines.ts';

/** So many lines may mark what lies beyond; more marks would be a fringe. */
const MOST_MARKED = 24;

export function drawMarks(u: uPlot, lines: Line[], [low, high]: [number, number]): void {
  const ratio = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  const foot = top + height;
  const across = (x: number) => {
    const at = u.valToPos(x, 'x', true);
    return at < left || at > left + width ? null : at;
  };
  const triangle = (px: number, from: number, to: number) => {
    u.ctx.beginPath();
    u.ctx.moveTo(px, to);
    u.ctx.lineTo(px - 3 * ratio, from);
    u.ctx.lineTo(px + 3 * ratio, from);
    u.ctx.fill();
  };
  u.ctx.font = `${11 * ratio}px sans-serif`;
  u.ctx.textAlign = 'center';
  for (const { holes, infinite, colour, xs, ys } of lines) {
    u.ctx.fillStyle = colour;
    for (const { x, above } of infinite) {
      const px = across(x);
      if (px !== null) u.ctx.fillText(above ? '∞' : '−∞', px, above ? top + 10 * ratio : foot - 3 * ratio);
    }
    for (const hole of holes) {
      const px = across(hole);
      if (px !== null) triangle(px, foot, foot - 5 * ratio);
    }
    if (lines.length > MOST_MARKED) continue;
    for (const [at, y] of ys.entries()) {
      if (y === null || (y >= low && y <= high)) continue;
      const px = across(xs[at]!);
      if (px === null) continue;
      if (y > high) triangle(px, top + 5 * ratio, top);
      else triangle(px, foot - 5 * ratio, foot);
    }
  }
}
