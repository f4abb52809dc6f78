// A param against a metric, a dot for each run: which values of it are good?
import { plural } from '../../format.ts';
import chartCardCss from '../chart-card.module.css';
import { DotPlot } from './dot-plot.tsx';
import type { ParamScale, Scale } from './scales.ts';
import { TrialTip } from './trial-tip.tsx';
import type { Trial } from './trials.ts';

export type ParamPlot = { param: string; scale: ParamScale; strength: number };

type Props = {
  of: ParamPlot;
  metric: string;
  trials: readonly Trial[];
  y: Scale;
  best: string | undefined;
  params: readonly string[];
  standing: ReadonlyMap<string, string>;
  height: number;
  open: (runId: string) => void;
};

/** Dots of one column side by side, always in the same places: by the end of the id, where ids differ. */
const sideways = (runId: string) => (Number.parseInt(runId.slice(-4), 16) / 65_535 - 0.5) * 0.5;

export function ParamCard({ of: { param, scale, strength }, metric, trials, y, best, params, standing, height, open }: Props) {
  const columns = scale.text ? scale.axis.ticks.length || 1 : 1;
  const dots = trials.flatMap(({ row, value }, at) => {
    const place = scale.places[at] ?? null;
    if (place === null) return [];
    const colour = standing.get(row.runId);
    const x = scale.share(place) + (scale.text ? sideways(row.runId) / columns : 0);
    return [{ runId: row.runId, x, y: y.share(value), ...(colour ? { colour } : {}) }];
  });
  const said = Math.abs(strength) < 0.005 ? '0' : `${strength < 0 ? '−' : ''}${Math.abs(strength).toFixed(2)}`;
  const missing = trials.length - dots.length;
  return (
    <section className={chartCardCss.chart} aria-label={`${metric} against ${param}`}>
      <header className={chartCardCss.head}>
        <h3 title={param}>
          {param}
          {scale.log && ' (log)'}
        </h3>
        <span className="grow" />
        <span
          className="dim small"
          title={`How closely it goes with ${metric}: ${scale.text ? 'from 0 to 1' : 'the rank correlation, from −1 to 1'}`}
        >
          {scale.text ? 'η' : 'ρ'} {said}
        </span>
      </header>
      <DotPlot
        label={`${metric} against ${param}, ${plural(dots.length, 'run')}`}
        {...{ height, dots, best, open }}
        x={scale.axis}
        y={y.axis}
        faint={standing.size > 0}
        tip={(runId) => (
          <TrialTip
            trial={trials.find(({ row }) => row.runId === runId)!}
            metric={metric}
            params={[param, ...params.filter((one) => one !== param)]}
          />
        )}
      />
      {missing > 0 && <p className={chartCardCss.foot}>{plural(missing, 'run')} without it.</p>}
    </section>
  );
}
