// The parts of axes that are kept, as they stand in the address. Pure.

/** Shares of an axis, 0 to 1. */
export type Brush = { from: number; to: number };

type Brushes = Record<string, Brush>;

/** `params.lr~0.2~0.61`, one for each brushed axis, separated by `|`. */
export function readBrushes(text: string): Brushes {
  const found: Brushes = {};
  for (const part of text.split('|')) {
    const [id = '', from, to] = part.split('~');
    const brush = { from: Number(from), to: Number(to) };
    if (id && brush.from >= 0 && brush.to <= 1 && brush.from < brush.to) found[id] = brush;
  }
  return found;
}

export const printBrushes = (brushes: Brushes): string =>
  Object.entries(brushes)
    .map(([id, { from, to }]) => `${id}~${from.toFixed(3)}~${to.toFixed(3)}`)
    .join('|');
