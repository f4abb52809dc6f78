// Points as they are logged: followed for the runs that charts show, and put into every curve that is held.
import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { number } from '../format.ts';
import { type CurveAsk, type Curves, type LivePoint, withPoints } from './curve-points.ts';
import { MetricPointsDocument, type MetricPointsSubscription } from './documents.gen.ts';
import { follow } from './live.ts';
import { queryKeys } from './query-keys.ts';
import { tellReads } from './series.ts';

/** Of runs in one subscription, as the server allows. */
const PART = 100;
const MAX_HELD = 100_000;
const FLUSH_MS = 400;
/** Where nothing is told, because the server refuses to. */
const ASK_AGAIN_MS = 10_000;
/** Curves of runs that have ended and were read so lately are whole. */
const JUST_READ_MS = 5_000;
/** Thinned again by the server once they are so many times denser than asked for. */
const DENSE = 4;

export type Followed = { runId: string; running: boolean };

const pointOf = ({ step, timestamp, value, ...of }: MetricPointsSubscription['metricPoints']['points'][number]): LivePoint => ({
  runId: of.runId,
  key: of.key,
  step: Number(step),
  time: Number(timestamp),
  value: number(value) ?? Number.NaN,
});

function spread(queries: QueryClient, team: string, points: LivePoint[]): void {
  for (const metric of new Set(points.map(({ key }) => key))) {
    for (const [queryKey, curves] of queries.getQueriesData<Curves>({ queryKey: queryKeys.metricSeries(team, metric) })) {
      const asked = queryKey[3] as CurveAsk;
      if (!curves) continue;
      const next = withPoints(curves, metric, asked, points);
      if (next === curves) continue;
      // What was read stays as old, and as doubtful, as it is: only what was told is added.
      const { dataUpdatedAt: updatedAt, isInvalidated } = queries.getQueryState(queryKey)!;
      queries.setQueryData(queryKey, next, { updatedAt });
      if (isInvalidated) void queries.invalidateQueries({ queryKey, refetchType: 'none' });
      if ([...next.values()].some(({ values }) => values.length > asked.points * DENSE)) void queries.invalidateQueries({ queryKey });
    }
  }
}

/** Reads again the curves of some runs, once the reads that are under way have ended: these began before the stream did. */
async function readAgain(queries: QueryClient, team: string, of: (runId: string, query: Query) => boolean): Promise<void> {
  const wanted = (query: Query) => ((query.queryKey[3] as CurveAsk | undefined)?.runIds ?? []).some((runId) => of(runId, query));
  const filter = { queryKey: queryKeys.series(team), predicate: wanted };
  const under = queries.getQueryCache().findAll({ ...filter, fetchStatus: 'fetching' });
  await Promise.allSettled(under.map((query) => query.promise));
  await queries.invalidateQueries(filter);
}

/**
 * Follows runs, also those that have ended: late points come to them too. While not `live`, nothing is told, and what was missed comes behind the
 * pause, by cursor. What is logged between the read of a curve and the beginning of the stream is read again.
 */
export function useLivePoints(team: string, runs: readonly Followed[], { live = true, onNew }: { live?: boolean; onNew?: () => void } = {}): void {
  const queries = useQueryClient();
  const known = useRef({ team: '', runIds: new Set<string>(), cursor: null as string | null });
  const running = useRef(new Set<string>());
  running.current = new Set(runs.flatMap((run) => (run.running ? [run.runId] : [])));
  const told = useRef(onNew);
  told.current = onNew;
  const ids = [...new Set(runs.map(({ runId }) => runId))].sort().join(',');
  useEffect(() => {
    if (!ids || !live || !team) return;
    const runIds = ids.split(',');
    const parts = Array.from({ length: Math.ceil(runIds.length / PART) }, (_, at) => runIds.slice(at * PART, (at + 1) * PART));
    const before = known.current.team === team ? known.current : { runIds: new Set<string>(), cursor: null };
    // Of several streams one may be ahead of another, so that the cursor of none stands for all.
    const after = parts.length === 1 ? before.cursor : null;
    const state = { team, runIds: new Set(runIds), cursor: after };
    known.current = state;
    let held: LivePoint[] = [];
    const flush = () => {
      if (held.length === 0) return;
      const points = held;
      held = [];
      spread(queries, team, points);
      told.current?.();
    };
    const timer = setInterval(() => document.hidden || flush(), FLUSH_MS);
    let asking: ReturnType<typeof setInterval> | undefined;
    const stops = parts.map((part) => {
      let missed = new Set(part.filter((runId) => after === null || !before.runIds.has(runId)));
      return follow(
        MetricPointsDocument,
        { runIds: part, after },
        {
          cursorOf: ({ metricPoints }) => metricPoints.cursor,
          next: ({ metricPoints }) => {
            state.cursor = metricPoints.cursor;
            if (missed.size > 0) {
              const unsure = missed;
              missed = new Set();
              const now = Date.now();
              void readAgain(
                queries,
                team,
                (runId, query) => unsure.has(runId) && (running.current.has(runId) || now - query.state.dataUpdatedAt > JUST_READ_MS),
              );
            }
            const points = metricPoints.points.map(pointOf);
            tellReads(points);
            for (const point of points) held.push(point);
            // A tab that nobody looks at for hours holds no more than it would draw.
            if (held.length > MAX_HELD) {
              held = [];
              void queries.invalidateQueries({ queryKey: queryKeys.series(team) });
            }
          },
          // Followed anew from now on: what has happened until then is read.
          lost: () => {
            state.cursor = null;
            missed = new Set(part);
          },
          fault: () => {
            asking ??= setInterval(() => document.hidden || void queries.invalidateQueries({ queryKey: queryKeys.series(team) }), ASK_AGAIN_MS);
          },
        },
      );
    });
    return () => {
      for (const stop of stops) stop();
      clearInterval(timer);
      clearInterval(asking);
      // The cursor stands behind them, so they would come to nobody else.
      flush();
    };
  }, [ids, team, live, queries]);
}
