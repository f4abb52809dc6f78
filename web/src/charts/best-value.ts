// Which value of a metric is the best, where its name says what is better. Pure.
const LESS_IS_BETTER = /loss|err(or)?\b|error|rmse|mse|mae|perplexity|(^|[^a-z])(ppl|wer|cer|fid|nll|latency)([^a-z]|$)/i;

const MORE_IS_BETTER = /acc|auc|f1|precision|recall|r2|score|bleu|rouge|map\b/i;

export type Goal = 'lowest' | 'highest';

/** Null where the name doesn't tell: a chart can't know what is good. */
export const goalOf = (key: string): Goal | null => (LESS_IS_BETTER.test(key) ? 'lowest' : MORE_IS_BETTER.test(key) ? 'highest' : null);

export function bestOf(key: string, cells: (string | null)[]): number {
  const values = cells.map((cell) => (cell === null ? Number.NaN : Number(cell)));
  const known = values.filter(Number.isFinite);
  const goal = goalOf(key);
  if (known.length < 2 || new Set(known).size < 2 || goal === null) return -1;
  return values.indexOf(goal === 'lowest' ? Math.min(...known) : Math.max(...known));
}
