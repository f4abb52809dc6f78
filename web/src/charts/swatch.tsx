// What a run looks like in the charts: a dot, or where ten colours aren't enough a piece of its dashed line.
import { Dot } from '../ui/tables/values.tsx';
import css from './swatch.module.css';

export function Swatch({ colour, dash }: { colour: string; dash: readonly number[] | null }) {
  if (!dash) return <Dot colour={colour} />;
  return (
    <svg className={css.swatch} width={14} height={9} viewBox="0 0 14 9" aria-hidden="true" focusable="false" data-dash={dash.join(' ')}>
      <line x1={0} x2={14} y1={4.5} y2={4.5} stroke={colour} strokeWidth={3} strokeDasharray={dash.map((one) => Math.min(one, 4)).join(' ')} />
    </svg>
  );
}
