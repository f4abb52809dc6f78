// What a trial is, beside its dot.
import plotCss from '../plot.module.css';
import { labelsOf } from '../ticks.ts';
import type { Trial } from './trials.ts';

const MOST = 6;

export function TrialTip({ trial: { row, value }, metric, params }: { trial: Trial; metric: string; params: readonly string[] }) {
  return (
    <>
      <strong>{row.name}</strong>
      {[
        [metric, labelsOf([value])[0]!] as const,
        ...params.slice(0, MOST).flatMap((key) => (row.params.has(key) ? [[key, row.params.get(key)!] as const] : [])),
      ].map(([name, text]) => (
        <div key={name} className={plotCss.tipRow}>
          <span className={plotCss.tipName}>{name}</span>
          <span className="mono">{text.length > 14 ? `${text.slice(0, 13)}…` : text}</span>
        </div>
      ))}
    </>
  );
}
