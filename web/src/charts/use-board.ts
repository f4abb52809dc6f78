// What the charts of a board share, as it stands in the address.
import { useCallback, useMemo } from 'react';
import type { XKind, Zoom } from '../api/series.ts';
import { useParam } from '../router.ts';
import type { ChartSettings } from './chart-settings.ts';
import { printRanges, readRanges, type YRange } from './lines/y-range.ts';

/** `120~300` in the address: of steps, seconds or milliseconds, as the x axis has them. */
function zoomOf(text: string): Zoom {
  const [from, to] = text.split('~').map(Number);
  return text !== '' && Number.isFinite(from) && Number.isFinite(to) && to! > from! ? { from: from!, to: to! } : null;
}

export type BoardState = {
  search: string;
  setSearch: (text: string) => void;
  setSmoothing: (text: string) => void;
  setOutliers: (ignored: boolean) => void;
};

const REPLACE = { replace: true };

export function useBoard(): BoardState & { settings: ChartSettings } {
  const [x] = useParam('x', 'step');
  const [log, setLogText] = useParam('log');
  const [outliers, setOutliers] = useParam('outliers');
  const [smoothing, setSmoothing] = useParam('smooth', '0');
  const [search, setSearch] = useParam('metrics');
  const [zoomText, setZoomText] = useParam('zoom');
  const [rangeText, setRangeText] = useParam('y');
  const zoom = useMemo(() => zoomOf(zoomText), [zoomText]);
  const ranges = useMemo(() => readRanges(rangeText), [rangeText]);
  const setZoom = useCallback((next: Zoom) => setZoomText(next && next.to > next.from ? `${next.from}~${next.to}` : null, REPLACE), [setZoomText]);
  const setLog = useCallback((on: boolean) => setLogText(on ? '1' : null, REPLACE), [setLogText]);
  const setRange = useCallback(
    (metric: string, range: YRange | null) => {
      const next = new Map(ranges);
      if (range) next.set(metric, range);
      else next.delete(metric);
      setRangeText(printRanges(next) || null, REPLACE);
    },
    [ranges, setRangeText],
  );
  const kind: XKind = x === 'time' || x === 'relative' ? x : 'step';
  const settings = useMemo<ChartSettings>(
    () => ({
      x: kind,
      log: log === '1',
      setLog,
      smoothing: Math.min(0.99, Number(smoothing) || 0),
      outliers: outliers === 'ignored',
      ranges,
      setRange,
      zoom,
      setZoom,
    }),
    [kind, log, setLog, smoothing, outliers, ranges, setRange, zoom, setZoom],
  );
  return {
    settings,
    search,
    setSearch: (text) => setSearch(text, REPLACE),
    setSmoothing: (text) => setSmoothing(text, REPLACE),
    setOutliers: (ignored) => setOutliers(ignored ? 'ignored' : null, REPLACE),
  };
}
