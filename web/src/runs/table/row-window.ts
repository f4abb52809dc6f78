// Which rows of a long list of equally high ones are to be drawn. Pure.

export type Window = { from: number; to: number };

const AHEAD = 20;
const BEHIND = 6;
/** As long for every place of the list, so that rows that leave at one end can be used again at the other. */
export function windowOf({ top, height, count, row }: { top: number; height: number; count: number; row: number }, down: boolean): Window {
  const length = Math.min(count, Math.ceil(height / row) + 1 + AHEAD + BEHIND);
  const from = Math.max(0, Math.min(count - length, Math.floor(top / row) - (down ? BEHIND : AHEAD)));
  return { from, to: from + length };
}
