// The values under the pointer, in a box beside it.
import clsx from 'clsx';
import css from '../plot.module.css';
import { Swatch } from '../swatch.tsx';
import { labelsOf } from '../ticks.ts';

export type Tip = {
  left: number;
  top: number;
  head: string;
  values: { runId: string; label: string; colour: string; dash: number[] | null; value: number; near: boolean }[];
  more: number;
};

/** As in the style sheet. */
const TIP_WIDTH = 196;

/** `width`: of the chart, so that the box stays on it. */
export function ValueTip({ tip, width }: { tip: Tip; width: number }) {
  // The values stand beside each other to be told apart.
  const texts = labelsOf(tip.values.map(({ value }) => value));
  const left = tip.left > width / 2 ? tip.left - TIP_WIDTH - 12 : tip.left + 12;
  return (
    <div className={css.tip} role="tooltip" style={{ top: tip.top + 14, left: Math.max(-4, Math.min(left, width - TIP_WIDTH)) }}>
      <div className="dim">{tip.head}</div>
      {tip.values.map(({ runId, label, colour, dash, near }, at) => (
        <div key={runId + label} className={clsx(css.tipRow, near && css.near)}>
          <Swatch {...{ colour, dash }} />
          <span className={css.tipName}>{label}</span>
          <span className="mono">{texts[at]}</span>
        </div>
      ))}
      {tip.more > 0 && <div className="dim">{tip.more} more</div>}
    </div>
  );
}
