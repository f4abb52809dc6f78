// The palette's colours for what is drawn on a canvas, which knows no CSS variables. Read when a chart is built: another theme, another chart.
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Of both axes of a uPlot chart. */
export function axisStyle() {
  const grid = { stroke: colour('chart-grid'), width: 1 };
  return { stroke: colour('dim'), font: '11px system-ui, sans-serif', grid, ticks: { ...grid, size: 4 }, gap: 3 };
}
