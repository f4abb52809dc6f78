// Which value of a metric is the best, where its name says what is better. Pure.
/** The lowest where the name says that less is better, else nothing: a table can't know what is good. */
const LESS_IS_BETTER = /loss|error|rmse|mse|mae|perplexity/i;

const MORE_IS_BETTER = /acc|auc|f1|precision|recall|r2|score|bleu|rouge|map\b/i;

export function bestOf(key: string, cells: (string | null)[]): number {
  const values = cells.map((cell) => (cell === null ? Number.NaN : Number(cell)));
  const known = values.filter(Number.isFinite);
  if (known.length < 2 || new Set(known).size < 2) return -1;
  if (LESS_IS_BETTER.test(key)) return values.indexOf(Math.min(...known));
  return MORE_IS_BETTER.test(key) ? values.indexOf(Math.max(...known)) : -1;
}
