// What the charts of a board share.
import { useEffect, useRef, useState } from 'react';
import type { XKind, Zoom } from '../api/series.ts';

/** Runs of a `group` share a colour on purpose. */
export type ChartRun = { runId: string; name: string; colour: string; startedAt: string | number | null; group?: string };

export type ChartSettings = { x: XKind; log: boolean; smoothing: number; zoom: Zoom; setZoom: (zoom: Zoom) => void };

export type CardProps = { team: string; metric: string; title?: string; runs: ChartRun[]; settings: ChartSettings; height?: number; group: string };

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
