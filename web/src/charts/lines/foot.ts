// What a chart can't show, in one short sentence each. Pure.
import { count, plural } from '../../format.ts';

/** `logged`: points of the runs drawn, where that is known and the chart shows the whole of them; `read`: how many of these came. */
export type Missing = { refused: number; holes: number; infinite: number; above: number; below: number; logged: number | null; read: number };

export function notesOf({ refused, holes, infinite, above, below, logged, read }: Missing): string[] {
  const thinned = logged !== null && logged > read;
  // Of thinned points nobody knows how many there are in all.
  const of = (found: number, one: string) => `${thinned ? 'At least ' : ''}${plural(found, one)}`;
  const beyond = above + below;
  const where = above > 0 && below > 0 ? 'beyond' : above > 0 ? 'above' : 'below';
  return [
    thinned ? `${count(logged)} points, thinned to ${count(read)}.` : '',
    beyond > 0 ? `${of(beyond, 'value')} ${where} the axis.` : '',
    refused > 0 ? `${of(refused, 'value')} ≤ 0 left out of the log scale.` : '',
    holes > 0 ? `${of(holes, 'gap')} where the value is not a number.` : '',
    infinite > 0 ? `${of(infinite, 'value')} of ∞ or −∞, marked at the edge.` : '',
  ].filter(Boolean);
}
