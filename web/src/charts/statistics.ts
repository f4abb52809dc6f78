// Ticks of an axis, and the numbers of a box plot. Pure.

/** Round numbers within a range, about `count` of them; powers of ten (and 2, 5 between) on a log axis. */
export function ticksOf({ low, high }: { low: number; high: number }, count = 5, log = false): number[] {
  if (!(high > low)) return [low];
  if (log) {
    const found: number[] = [];
    const decades = Math.log10(high / low);
    const steps = decades > 4 ? [1] : [1, 2, 5];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
      for (const step of steps) found.push(step * 10 ** power);
    const inside = found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
    return inside.length >= 2 ? inside : [low, high];
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Counted in steps, so that errors don't add up; 0.30000000000000004 is 0.3.
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

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
