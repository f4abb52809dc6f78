// How closely a param goes with a metric. Pure.

/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length).fill(0);
  for (let at = 0; at < order.length; ) {
    let end = at;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[at]!]) end += 1;
    for (let one = at; one <= end; one += 1) found[order[one]!] = (at + end) / 2 + 1;
    at = end + 1;
  }
  return found;
}

/** Spearman's rank correlation, −1 to 1; 0 where one of both is the same everywhere. */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number {
  const [a, b] = [ranks(xs), ranks(ys)];
  const middle = (xs.length + 1) / 2;
  let [both, ofA, ofB] = [0, 0, 0];
  for (const [at, rank] of a.entries()) {
    both += (rank - middle) * (b[at]! - middle);
    ofA += (rank - middle) ** 2;
    ofB += (b[at]! - middle) ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

/** Of text: the part of the spread of ranks that lies between its values and not within them, 0 to 1, as a correlation. */
export function groupStrength(groups: readonly number[], ys: readonly number[]): number {
  const b = ranks(ys);
  const middle = (ys.length + 1) / 2;
  const sums = new Map<number, [number, number]>();
  for (const [at, group] of groups.entries()) {
    const [sum, size] = sums.get(group) ?? [0, 0];
    sums.set(group, [sum + b[at]! - middle, size + 1]);
  }
  const whole = b.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  const between = [...sums.values()].reduce((sum, [total, size]) => sum + total ** 2 / size, 0);
  // As many values as runs explain everything and say nothing.
  const free = ys.length - sums.size;
  if (whole === 0 || free <= 0) return 0;
  return Math.sqrt(Math.max(0, 1 - ((whole - between) / free) * ((ys.length - 1) / whole)));
}
