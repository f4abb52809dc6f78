// Curves: charts ask one by one, and requests go out together (up to the server's 200 series).
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { number } from '../format.ts';
import { type Curve, type CurveAsk, type Curves, type LivePoint, withPoints } from './curve-points.ts';
import { SeriesOfRunsDocument } from './documents.gen.ts';
import { queryKeys } from './query-keys.ts';
import { ask } from './session.ts';

export type { XKind, Zoom } from './curve-points.ts';

const MAX_SERIES = 200;
const GATHER_MS = 12;

/** What was told while a read was under way: its answer may have been made before, and would replace what was added to the curve meanwhile. */
const reading = new Set<LivePoint[]>();

export function tellReads(points: readonly LivePoint[]): void {
  for (const told of reading) for (const point of points) told.push(point);
}

type Waiting = { key: string; resolve: (curves: Curves) => void; reject: (error: unknown) => void };
const gathering = new Map<string, Waiting[]>();

/** Requests made within a few milliseconds for the same runs and range go out as one. */
function load(asked: CurveAsk, key: string): Promise<Curves> {
  return new Promise((resolve, reject) => {
    const id = JSON.stringify(asked);
    const waiting = gathering.get(id);
    if (waiting) {
      waiting.push({ key, resolve, reject });
      return;
    }
    gathering.set(id, [{ key, resolve, reject }]);
    setTimeout(() => {
      const all = gathering.get(id) ?? [];
      gathering.delete(id);
      const each = Math.max(1, Math.floor(MAX_SERIES / asked.runIds.length));
      for (let at = 0; at < all.length; at += each) void loadTogether(asked, all.slice(at, at + each));
    }, GATHER_MS);
  });
}

async function loadTogether(asked: CurveAsk, waiting: Waiting[]): Promise<void> {
  const told: LivePoint[] = [];
  reading.add(told);
  try {
    const keys = [...new Set(waiting.map(({ key }) => key))];
    const parts: string[][] = [];
    for (let at = 0; at < asked.runIds.length; at += MAX_SERIES) parts.push(asked.runIds.slice(at, at + MAX_SERIES));
    const answers = await Promise.all(
      parts.map((runIds) =>
        ask(SeriesOfRunsDocument, {
          team: asked.team,
          runIds,
          first: runIds.length,
          keys,
          xAxis: asked.x === 'step' ? 'STEP' : 'TIME',
          range: asked.zoom ? { from: Math.floor(asked.zoom.from), to: Math.ceil(asked.zoom.to) } : null,
          maxPoints: asked.points,
        }),
      ),
    );
    const byKey = new Map<string, Curves>();
    for (const run of answers.flatMap(({ team }) => team?.runs.nodes ?? []))
      for (const { key, points } of run.series) {
        const curves = byKey.get(key) ?? new Map<string, Curve>();
        byKey.set(key, curves);
        curves.set(run.runId, {
          steps: points.map(({ step }) => Number(step)),
          times: points.map(({ timestamp }) => Number(timestamp)),
          values: points.map(({ value }) => number(value) ?? Number.NaN),
        });
      }
    for (const { key, resolve } of waiting) resolve(withPoints(byKey.get(key) ?? new Map(), key, asked, told));
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  } finally {
    reading.delete(told);
  }
}

/** The curves of one metric over some runs. A zoom in relative time is only looked at closer, not read again. */
export function useCurves(asked: CurveAsk, metric: string, enabled: boolean) {
  const exact: CurveAsk = asked.x === 'relative' ? { ...asked, zoom: null } : asked;
  return useQuery({
    queryKey: queryKeys.curves(asked.team, metric, exact),
    enabled: enabled && asked.runIds.length > 0,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: () => load(exact, metric),
    placeholderData: keepPreviousData,
  });
}
