// A metric that one run logged once: its name and its value.
import { useMemo } from 'react';
import { useCurves } from '../../api/series.ts';
import { Num } from '../../ui/tables/values.tsx';
import type { ChartRun, ChartSettings } from '../chart-settings.ts';
import { Swatch } from '../swatch.tsx';
import css from './value-tile.module.css';

type Props = { team: string; metric: string; title: string; runs: ChartRun[]; settings: ChartSettings };

export function ValueTile({ team, metric, title, runs, settings: { x } }: Props) {
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { data } = useCurves({ team, runIds, x, zoom: null, points: 400 }, metric, true);
  const run = runs.find(({ runId }) => (data?.get(runId)?.values.length ?? 0) > 0);
  return (
    <li className={css.tile} title={run && `${metric} of ${run.name}`}>
      <span className={css.name}>{title}</span>
      {run && runs.length > 1 && <Swatch colour={run.colour} dash={run.dash} />}
      {run && <Num value={data?.get(run.runId)?.values.at(-1)} />}
    </li>
  );
}
