// What the charts of a board share.
import { useEffect, useRef, useState } from 'react';
import type { XKind, Zoom } from '../api/series.ts';
import type { YRange } from './lines/y-range.ts';

/** Runs of a `group` share a colour on purpose. `dash`: of its line, where ten colours aren't enough. */
export type ChartRun = {
  runId: string;
  name: string;
  colour: string;
  dash: number[] | null;
  startedAt: string | number | null;
  group?: string;
};

/** How many points each run has logged of each metric: by metric, then by run. */
export type PointCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function countsOf(rows: readonly { runId: string; metrics: ReadonlyMap<string, { count: string | number }> }[]): PointCounts {
  const counts = new Map<string, Map<string, number>>();
  for (const { runId, metrics } of rows)
    for (const [metric, { count }] of metrics) counts.set(metric, (counts.get(metric) ?? new Map<string, number>()).set(runId, Number(count)));
  return counts;
}

/** `ranges` of y by metric, where they were given by hand; `outliers`: whether they are left out of the others. */
export type ChartSettings = {
  x: XKind;
  log: boolean;
  setLog: (on: boolean) => void;
  smoothing: number;
  outliers: boolean;
  ranges: ReadonlyMap<string, YRange>;
  setRange: (metric: string, range: YRange | null) => void;
  zoom: Zoom;
  setZoom: (zoom: Zoom) => void;
};

export type CardProps = {
  team: string;
  metric: string;
  title?: string;
  runs: ChartRun[];
  counts?: PointCounts | undefined;
  settings: ChartSettings;
  height?: number;
  group: string;
};

export function useInView() {
  const ref = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => setSeen(entries.some((one) => one.isIntersecting)), { rootMargin: '200px' });
    watch.observe(ref.current!);
    return () => watch.disconnect();
  }, []);
  return { ref, seen };
}
