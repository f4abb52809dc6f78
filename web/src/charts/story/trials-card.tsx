// A metric over the runs in the order in which they started, with the best so far as a line, and the best one marked.
import { useMemo } from 'react';
import { plural } from '../../format.ts';
import type { Goal } from '../best-value.ts';
import chartCardCss from '../chart-card.module.css';
import type { ChartSettings } from '../chart-settings.ts';
import { RangeMenu } from '../lines/range-menu.tsx';
import { yRangeOf } from '../lines/y-range.ts';
import { labelsOf } from '../ticks.ts';
import { DotPlot } from './dot-plot.tsx';
import { scaleOf } from './scales.ts';
import { TrialTip } from './trial-tip.tsx';
import { improvements, type Trials } from './trials.ts';

type Props = {
  metric: string;
  of: Trials;
  goal: Goal | null;
  settings: ChartSettings;
  params: readonly string[];
  /** Colours of the runs that stand out. */
  standing: ReadonlyMap<string, string>;
  height: number;
  open: (runId: string) => void;
};

/** What has no dot, in one short sentence each. */
function notesOf({ parents, unplaced, without }: Trials, beyond: number): string[] {
  return [
    beyond > 0 ? `${plural(beyond, 'run')} beyond the axis, marked at its edge.` : '',
    unplaced > 0 ? `${plural(unplaced, 'run')} of NaN or infinity.` : '',
    without > 0 ? `${plural(without, 'run has', 'runs have')} none.` : '',
    parents.length > 0
      ? `Left out: ${parents.length === 1 ? parents[0]!.name : plural(parents.length, 'run')}, which only ${parents.length === 1 ? 'holds' : 'hold'} others.`
      : '',
  ].filter(Boolean);
}

export function TrialsCard({ metric, of, goal, settings, params, standing, height, open }: Props) {
  const { trials } = of;
  const log = settings.log && trials.every(({ value }) => value > 0);
  const shown = useMemo(
    () =>
      yRangeOf(
        trials.map(({ value }) => value),
        { log, outliers: settings.outliers, hand: settings.ranges.get(metric) ?? null },
      ),
    [trials, log, settings.outliers, settings.ranges, metric],
  );
  const y = scaleOf(shown.range, Math.max(2, Math.floor(height / 34)), { log });
  const last = trials.at(-1)?.at ?? 1;
  const x = scaleOf([Math.min(1, last - 1), last], 5, { whole: true, name: height > 170 ? 'runs by start' : '' });
  const better = goal ? improvements(trials, goal) : [];
  const best = better.at(-1);
  const byId = useMemo(() => new Map(trials.map((trial) => [trial.row.runId, trial])), [trials]);
  const dots = trials.map(({ row, at, value }) => {
    const colour = standing.get(row.runId);
    return { runId: row.runId, x: x.share(at), y: y.share(value), ...(colour ? { colour } : {}) };
  });
  const notes = notesOf(of, shown.above + shown.below);
  return (
    <section className={chartCardCss.chart} aria-label={metric}>
      <header className={chartCardCss.head}>
        <h3 title={metric}>
          {metric}
          {log && ' (log)'}
        </h3>
        <span className="grow" />
        <RangeMenu metric={metric} settings={settings} />
      </header>
      <DotPlot
        label={`${metric} of ${plural(trials.length, 'run')} by their start${best ? `, best ${labelsOf([best.value])[0]} by ${best.row.name}` : ''}`}
        {...{ height, dots, open }}
        x={x.axis}
        y={y.axis}
        steps={better.map((trial) => ({ x: x.share(trial.at), y: y.share(trial.value) }))}
        best={best?.row.runId}
        faint={standing.size > 0}
        tip={(runId) => <TrialTip trial={byId.get(runId)!} metric={metric} params={params} />}
      />
      {notes.length > 0 && <p className={chartCardCss.foot}>{notes.join(' ')}</p>}
    </section>
  );
}
