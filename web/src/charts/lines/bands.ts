// The mean of several curves, and how far they are spread around it. Pure.

export type Spread = 'sd' | 'range';
/** Columns over x. `runs` is how many curves reach there. */
export type Band = { xs: number[]; mean: (number | null)[]; low: (number | null)[]; high: (number | null)[]; runs: number[] };

const MOST_XS = 400;

/** The mean of curves at common places of x, each drawn straight between its points and not beyond its ends. `ys` null is a gap. */
export function bandOf(curves: { xs: readonly number[]; ys: readonly (number | null)[] }[], spread: Spread): Band {
  const lines = curves
    .map(({ xs, ys }) => ({ xs: xs.filter((_, at) => ys[at] !== null), ys: ys.filter((y): y is number => y !== null) }))
    .filter(({ xs }) => xs.length > 0);
  const grid = gridOf(lines.map(({ xs }) => xs));
  const band: Band = { xs: grid, mean: [], low: [], high: [], runs: [] };
  const places = lines.map(() => 0);
  for (const x of grid) {
    const found: number[] = [];
    lines.forEach(({ xs, ys }, line) => {
      if (x < xs[0]! || x > xs.at(-1)!) return;
      let at = places[line]!;
      while (at + 1 < xs.length && xs[at + 1]! <= x) at += 1;
      places[line] = at;
      const [left, right] = [xs[at]!, xs[at + 1]];
      found.push(right === undefined || x === left ? ys[at]! : ys[at]! + ((ys[at + 1]! - ys[at]!) * (x - left)) / (right - left));
    });
    const mean = found.reduce((sum, y) => sum + y, 0) / found.length;
    const sd = Math.sqrt(found.reduce((sum, y) => sum + (y - mean) ** 2, 0) / Math.max(1, found.length - 1));
    band.runs.push(found.length);
    band.mean.push(found.length ? mean : null);
    band.low.push(found.length ? (spread === 'sd' ? mean - sd : Math.min(...found)) : null);
    band.high.push(found.length ? (spread === 'sd' ? mean + sd : Math.max(...found)) : null);
  }
  return band;
}

/** The places that the curves have themselves, where they are few; else evenly spread. */
function gridOf(all: number[][]): number[] {
  const own = [...new Set(all.flat())].sort((a, b) => a - b);
  if (own.length <= MOST_XS) return own;
  const [first, last] = [own[0]!, own.at(-1)!];
  return Array.from({ length: MOST_XS }, (_, at) => first + ((last - first) * at) / (MOST_XS - 1));
}
