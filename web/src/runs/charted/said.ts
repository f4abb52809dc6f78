// What the charts beside the table are of, in a sentence. Pure.
import { count, plural } from '../../format.ts';

export type Shown = {
  drawn: number;
  total: number | null;
  ticked: number;
  mostTicked: number;
  /** Ticked ones that the filter doesn't find. */
  outside: number;
  hidden: number;
  groups: { drawn: number; all: number; each: number } | null;
  loading: boolean;
};

export function saidOf({ drawn, total, ticked, mostTicked, outside, hidden, groups, loading }: Shown): string {
  if (loading) return '';
  const parts: string[] = [];
  if (groups) {
    const of = groups.all > groups.drawn ? `the ${groups.drawn} largest of ${count(groups.all)} groups` : plural(groups.drawn, 'group');
    parts.push(`Mean and band of ${of}`);
    parts.push(
      total !== null && total > drawn + hidden ? `${count(drawn)} of ${plural(total, 'run')}, at most ${groups.each} of each` : plural(drawn, 'run'),
    );
  } else if (ticked > 0) {
    parts.push(`${count(ticked)} ticked`);
    if (outside > 0) parts.push(`${count(outside)} outside the filter`);
    if (ticked > mostTicked) parts.push(`the first ${mostTicked} drawn`);
  } else {
    const shown = drawn + hidden;
    if (total !== null && total > shown) parts.push(`The first ${shown} of ${plural(total, 'run')}; tick some to draw those`);
    else parts.push(plural(shown, 'run'));
  }
  if (hidden > 0) parts.push(`${count(hidden)} hidden`);
  return parts.join(', ');
}

/** As the row of a group is called. */
export const groupName = (values: readonly (string | null)[]): string => values.map((value) => value ?? 'none').join(' · ');
