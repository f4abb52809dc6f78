// The numbers of a box plot. Pure.

/** The middle half, whiskers within 1.5 of its height, and what lies outside. Quartiles between values, as numpy has them. */
export type Box = { low: number; q1: number; median: number; q3: number; high: number; outside: number[]; count: number; mean: number };

export function boxOf(values: number[]): Box | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const quantile = (part: number) => {
    const at = part * (sorted.length - 1);
    const below = sorted[Math.floor(at)]!;
    return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
  };
  const [q1, median, q3] = [quantile(0.25), quantile(0.5), quantile(0.75)];
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return {
    low: inside[0]!,
    q1,
    median,
    q3,
    high: inside.at(-1)!,
    outside: sorted.filter((value) => value < q1 - reach || value > q3 + reach),
    count: sorted.length,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
  };
}
