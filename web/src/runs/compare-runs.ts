// The way from chosen runs to their comparison.
import { go, to, withQuery } from '../router.ts';

export const MAX_COMPARED = 500;

export function compare(team: string, runIds: string[]): void {
  go(withQuery(to('t', team, 'compare'), { runs: runIds.slice(0, MAX_COMPARED).join(',') }));
}
