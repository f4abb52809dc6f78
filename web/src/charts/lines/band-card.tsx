// A chart of one metric where each group of runs is a line (its mean) with a band around it.
import { Skeleton } from '@mantine/core';
import { lazy, memo, Suspense, useMemo } from 'react';
import { useCurves } from '../../api/series.ts';
import { plural } from '../../format.ts';
import { useParam } from '../../router.ts';
import { ValueRows } from '../across/value-rows.tsx';
import chartCardCss from '../chart-card.module.css';
import { type CardProps, useInView } from '../chart-settings.ts';
import type { Spread } from './bands.ts';
import { CardNote } from './card-note.tsx';
import { notesOf } from './foot.ts';
import { groupBands } from './group-bands.ts';
import { RangeMenu } from './range-menu.tsx';
import { xWindow } from './x-axis.ts';
import { yRangeOf } from './y-range.ts';

const BandPlot = lazy(() => import('./band-plot.tsx').then((m) => ({ default: m.BandPlot })));
const POINTS = 300;

export const BandCard = memo(function BandCard({ team, metric, title = metric, runs, settings, height = 176, group }: CardProps) {
  const { ref, seen } = useInView();
  const [shape] = useParam('shape', 'sd');
  const spread: Spread = shape === 'range' ? 'range' : 'sd';
  const { x, log, smoothing, outliers, ranges, zoom, setZoom } = settings;
  const hand = ranges.get(metric) ?? null;
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { data, error, refetch, isPending } = useCurves({ team, runIds, x, zoom, points: POINTS }, metric, seen);
  const { bands, values, single, missing } = useMemo(
    () => groupBands(runs, data, { x, log, smoothing, spread }),
    [data, runs, x, log, smoothing, spread],
  );
  const range = useMemo(() => {
    const inside = xWindow(zoom, x);
    return yRangeOf(
      bands.flatMap(({ band }) => [...band.mean, ...band.low, ...band.high].filter((_, at) => inside(band.xs[at % band.xs.length]!))),
      { log, outliers, hand },
    ).range;
  }, [bands, log, outliers, hand, zoom, x]);
  const body = () => {
    if (error && !data) return <CardNote height={height} text={error.message} action="Try again" act={() => void refetch()} />;
    if (isPending || !seen) return <Skeleton height={height} radius={0} />;
    if (bands.length === 0)
      return zoom ? (
        <CardNote height={height} text="No points in this range." action="Zoom out" act={() => setZoom(null)} />
      ) : (
        <CardNote text="None of the runs shown logged this." />
      );
    if (single && !zoom) {
      // A metric that was logged once has a mean, but no curve.
      const means = bands.map(({ name, colour, band: { mean, low, high } }) => ({
        runId: name,
        label: name,
        colour,
        dash: null,
        value: mean[0] ?? Number.NaN,
        spread: mean[0] == null ? 0 : (high[0]! - low[0]!) / 2,
      }));
      return <ValueRows values={means} log={log} height={height} label={`Mean of each group, ${plural(means.length, 'group')}`} />;
    }
    // Of what the runs logged, not of their means.
    const beyond = yRangeOf(values, { log, outliers: false, hand: { low: range[0], high: range[1] } });
    const notes = notesOf({ ...missing, above: beyond.above, below: beyond.below });
    return (
      <>
        <Suspense fallback={<Skeleton height={height} radius={0} />}>
          <BandPlot
            {...{ bands, x, log, zoom, range, height, group }}
            label={`${metric} over ${x}, ${plural(bands.length, 'group')}`}
            onZoom={setZoom}
          />
        </Suspense>
        {notes.length > 0 && <p className={chartCardCss.foot}>{notes.join(' ')}</p>}
      </>
    );
  };
  return (
    <section className={chartCardCss.chart} ref={ref} aria-label={metric}>
      <header className={chartCardCss.head}>
        <h3 title={metric}>{title}</h3>
        <span className="grow" />
        <RangeMenu metric={metric} settings={settings} />
      </header>
      {body()}
    </section>
  );
});
