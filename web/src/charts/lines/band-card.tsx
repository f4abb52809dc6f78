// A chart of one metric where each group of runs is a line (its mean) with a band around it.
import { Skeleton } from '@mantine/core';
import { lazy, memo, Suspense, useMemo } from 'react';
import { useCurves } from '../../api/series.ts';
import { plural } from '../../format.ts';
import { useParam } from '../../router.ts';
import { knownTime } from '../../times.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Bars } from '../across/value-bars.tsx';
import chartCardCss from '../chart-card.module.css';
import { type CardProps, useInView } from '../chart-settings.ts';
import { type Band, bandOf, type Spread } from './bands.ts';
import { type Line, lineOf, smooth } from './lines.ts';

const BandPlot = lazy(() => import('./band-plot.tsx').then((m) => ({ default: m.BandPlot })));
const POINTS = 300;

/** A metric that was logged once has a mean, but no curve. */
const meanLine = ({ name, colour, band }: { name: string; colour: string; band: Band }): Line => ({
  runId: name,
  label: name,
  colour,
  dash: null,
  xs: band.xs,
  ys: band.mean,
  raw: null,
  holes: [],
  infinite: [],
  last: band.mean[0] ?? Number.NaN,
});

export const BandCard = memo(function BandCard({ team, metric, title = metric, runs, settings, height = 176, group }: CardProps) {
  const { ref, seen } = useInView();
  const [shape] = useParam('shape', 'sd');
  const { x, log, smoothing, zoom, setZoom } = settings;
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { data, error, refetch, isPending } = useCurves({ team, runIds, x, zoom, points: POINTS }, metric, seen);
  const bands = useMemo(() => {
    const names = [...new Set(runs.map((run) => run.group ?? ''))];
    return names.flatMap((name) => {
      const members = runs.filter((run) => (run.group ?? '') === name);
      const lines = members.flatMap((run) => {
        const curve = data?.get(run.runId);
        if (!curve || curve.steps.length === 0) return [];
        const startedAt = knownTime(run.startedAt);
        return [lineOf(curve, { runId: run.runId, label: name, colour: run.colour, dash: null, x, smoothing: 0, log, startedAt }).line];
      });
      if (lines.length === 0) return [];
      const band = bandOf(lines, shape as Spread);
      const even =
        smoothing > 0 ? { ...band, mean: smooth(band.mean, smoothing), low: smooth(band.low, smoothing), high: smooth(band.high, smoothing) } : band;
      return [{ name, colour: members[0]!.colour, members: lines.length, band: even }];
    });
  }, [data, runs, x, log, smoothing, shape]);
  const body = () => {
    if (error && !data)
      return (
        <div className={chartCardCss.note} style={{ height }}>
          <p>{error.message}</p>
          <button type="button" className={buttonsCss.link} onClick={() => void refetch()}>
            Try again
          </button>
        </div>
      );
    if (isPending || !seen) return <Skeleton height={height} radius={0} />;
    if (bands.length === 0)
      return (
        <div className={chartCardCss.note} style={{ height }}>
          <p>None of the runs shown logged this.</p>
        </div>
      );
    if (bands.every(({ band }) => band.xs.length <= 1)) return <Bars height={height} lines={bands.map(meanLine)} />;
    return (
      <Suspense fallback={<Skeleton height={height} radius={0} />}>
        <BandPlot {...{ bands, x, log, zoom, height, group }} label={`${metric} over ${x}, ${plural(bands.length, 'group')}`} onZoom={setZoom} />
      </Suspense>
    );
  };
  return (
    <section className={chartCardCss.chart} ref={ref} aria-label={metric}>
      <header className={chartCardCss.head}>
        <h3 title={metric}>{title}</h3>
      </header>
      {body()}
    </section>
  );
});
