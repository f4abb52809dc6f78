// The curves of one metric over some runs: reads them once seen, and says what is missing.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useCurves } from '../../api/series.ts';
import { plural } from '../../format.ts';
import { knownTime } from '../../times.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Bars } from '../across/value-bars.tsx';
import chartCardCss from '../chart-card.module.css';
import type { CardProps } from '../chart-settings.ts';
import { type Line, lineOf } from './lines.ts';

const Plot = lazy(() => import('./line-plot.tsx').then((m) => ({ default: m.Plot })));

const DASHES = [null, [6, 3], [2, 2]];

type CurvesProps = Omit<CardProps, 'title' | 'height'> & { height: number; enabled: boolean; points?: number };

export function Curves({ team, metric, runs, settings, height, group, enabled, points = 400 }: CurvesProps) {
  const { x, log, smoothing, zoom, setZoom } = settings;
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { data, error, refetch, isPending } = useCurves({ team, runIds, x, zoom, points }, metric, enabled);
  const { lines, refused, holes, infinite } = useMemo(() => {
    let dropped = 0;
    let marks = 0;
    let beyond = 0;
    const drawn: Line[] = [];
    for (const run of runs) {
      const curve = data?.get(run.runId);
      if (!curve || curve.steps.length === 0) continue;
      const startedAt = knownTime(run.startedAt);
      const before = drawn.filter(({ colour }) => colour === run.colour).length;
      const shaped = lineOf(curve, {
        runId: run.runId,
        label: run.name,
        colour: run.colour,
        dash: run.group === undefined ? DASHES[before % DASHES.length]! : null,
        x,
        smoothing,
        log,
        startedAt,
      });
      dropped += shaped.refused;
      marks += shaped.line.holes.length;
      beyond += shaped.line.infinite.length;
      drawn.push(shaped.line);
    }
    return { lines: drawn, refused: dropped, holes: marks, infinite: beyond };
  }, [data, runs, x, smoothing, log]);

  if (error && !data) {
    return (
      <div className={chartCardCss.note} style={{ height }}>
        <p>{error.message}</p>
        <button type="button" className={buttonsCss.link} onClick={() => void refetch()}>
          Try again
        </button>
      </div>
    );
  }
  if (runIds.length === 0)
    return (
      <div className={chartCardCss.note} style={{ height }}>
        No runs to draw.
      </div>
    );
  if (isPending || !enabled) return <Skeleton height={height} radius={0} />;
  if (lines.length === 0) {
    return (
      <div className={chartCardCss.note} style={{ height }}>
        <p>None of the runs shown logged this.</p>
      </div>
    );
  }
  if (lines.length > 0 && lines.every(({ xs }) => xs.length <= 1)) return <Bars lines={lines} height={height} />;
  return (
    <>
      <Suspense fallback={<Skeleton height={height} radius={0} />}>
        <Plot {...{ lines, x, log, zoom, height, group }} label={`${metric} over ${x}, ${plural(lines.length, 'run')}`} onZoom={setZoom} />
      </Suspense>
      {(refused > 0 || holes > 0 || infinite > 0) && (
        <p className={chartCardCss.foot}>
          {refused > 0 && `${plural(refused, 'value')} ≤ 0 left out of the log scale. `}
          {holes > 0 && `${plural(holes, 'gap')} where the value is not a number. `}
          {infinite > 0 && `${plural(infinite, 'value')} of ∞ or −∞, marked at the edge.`}
        </p>
      )}
    </>
  );
}
