// The curves of one metric over some runs: reads them once seen, and says what is missing.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useCurves } from '../../api/series.ts';
import { plural } from '../../format.ts';
import { knownTime } from '../../times.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { ValueRows } from '../across/value-rows.tsx';
import chartCardCss from '../chart-card.module.css';
import type { CardProps } from '../chart-settings.ts';
import { CardNote } from './card-note.tsx';
import { type Missing, notesOf } from './foot.ts';
import { type Line, lineOf } from './lines.ts';
import { xWindow } from './x-axis.ts';
import { yRangeOf } from './y-range.ts';

const Plot = lazy(() => import('./line-plot.tsx').then((m) => ({ default: m.Plot })));

/** On a linear axis most of what spans so much lies at the foot. */
const MANY_POWERS = 1e4;

type CurvesProps = Omit<CardProps, 'title' | 'height'> & { height: number; enabled: boolean; points?: number };

export function Curves({ team, metric, runs, counts, settings, height, group, enabled, points = 400 }: CurvesProps) {
  const { x, log, setLog, smoothing, outliers, ranges, zoom, setZoom } = settings;
  const hand = ranges.get(metric) ?? null;
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { data, error, refetch, isPending } = useCurves({ team, runIds, x, zoom, points }, metric, enabled);
  const { lines, missing } = useMemo(() => {
    const found: Missing = { refused: 0, holes: 0, infinite: 0, above: 0, below: 0, logged: zoom || !counts ? null : 0, read: 0 };
    const drawn: Line[] = [];
    for (const run of runs) {
      const curve = data?.get(run.runId);
      if (!curve || curve.steps.length === 0) continue;
      const { runId, name: label, colour, dash } = run;
      const { line, refused } = lineOf(curve, { runId, label, colour, dash, x, smoothing, log, startedAt: knownTime(run.startedAt) });
      found.refused += refused;
      found.holes += line.holes.length;
      found.infinite += line.infinite.length;
      found.read += curve.values.length;
      // A point that came since the count was read is no thinned one.
      if (found.logged !== null) found.logged += Math.max(curve.values.length, counts?.get(metric)?.get(runId) ?? 0);
      drawn.push(line);
    }
    return { lines: drawn, missing: found };
  }, [data, runs, counts, metric, x, smoothing, log, zoom]);
  const shown = useMemo(() => {
    const inside = xWindow(zoom, x);
    return yRangeOf(
      lines.flatMap(({ xs, ys, raw }) => [...ys, ...(raw ?? [])].filter((_, at) => inside(xs[at % xs.length]!))),
      { log, outliers, hand },
    );
  }, [lines, log, outliers, hand, zoom, x]);

  if (error && !data) return <CardNote height={height} text={error.message} action="Try again" act={() => void refetch()} />;
  if (runIds.length === 0) return <CardNote height={height} text="No runs to draw." />;
  if (isPending || !enabled) return <Skeleton height={height} radius={0} />;
  if (lines.length === 0)
    return zoom ? (
      <CardNote height={height} text="No points in this range." action="Zoom out" act={() => setZoom(null)} />
    ) : (
      <CardNote text="None of the runs shown logged this." />
    );
  const single = lines.every(({ xs }) => xs.length <= 1);
  if (single && !zoom)
    return (
      <ValueRows
        values={lines.map((line) => ({ ...line, value: line.last, spread: 0 }))}
        log={log}
        height={height}
        label={`One value per run, ${plural(lines.length, 'run')}`}
      />
    );
  if (lines.every(({ ys }) => ys.every((y) => y === null))) {
    const [what] = notesOf({ ...missing, logged: null });
    return <CardNote height={height} text={`Nothing to draw: ${what ?? 'no value is a number.'}`} />;
  }
  // With smoothing each value counts once, not its mean too.
  const beyond = yRangeOf(
    lines.flatMap(({ raw, ys }) => raw ?? ys),
    { log, outliers: false, hand: { low: shown.range[0], high: shown.range[1] } },
  );
  const notes = notesOf({ ...missing, above: beyond.above, below: beyond.below });
  const powers = !log && !hand && shown.range[0] >= 0 && shown.least > 0 && shown.range[1] / shown.least > MANY_POWERS;
  return (
    <>
      <Suspense fallback={<Skeleton height={height} radius={0} />}>
        <Plot
          {...{ lines, x, log, zoom, height, group }}
          range={shown.range}
          label={`${metric} over ${x}, ${plural(lines.length, 'run')}`}
          onZoom={setZoom}
        />
      </Suspense>
      {(notes.length > 0 || powers) && (
        <p className={chartCardCss.foot}>
          {notes.join(' ')}{' '}
          {powers && (
            <button type="button" className={buttonsCss.link} onClick={() => setLog(true)}>
              Spans powers of ten: log scale
            </button>
          )}
        </p>
      )}
    </>
  );
}
