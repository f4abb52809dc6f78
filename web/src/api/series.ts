// Curves: charts ask one by one, requests go out together (up to the server's 200 series), and live points are added to what is held.
import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { number } from '../format.ts';
import { MetricPointsDocument, type MetricPointsSubscription, SeriesOfRunsDocument } from './documents.gen.ts';
import { keys as queryKeys } from './keys.ts';
import { follow } from './live.ts';
import { ask } from './session.ts';

export type XKind = 'step' | 'time' | 'relative';
export type Zoom = { from: number; to: number } | null;
/** Columns of one curve, in the order of x. */
export type Curve = { steps: number[]; times: number[]; values: number[] };
export type Curves = Map<string, Curve>;
export type CurveAsk = { team: string; runIds: string[]; x: XKind; zoom: Zoom; points: number };

const MAX_SERIES = 200;
const GATHER_MS = 12;
const MAX_HELD = 100_000;

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
    for (const { key, resolve } of waiting) resolve(byKey.get(key) ?? new Map());
  } catch (error) {
    for (const { reject } of waiting) reject(error);
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

type Point = MetricPointsSubscription['metricPoints']['points'][number];

function append(curve: Curve | undefined, points: Point[], x: XKind): Curve {
  const next: Curve = curve ? { steps: [...curve.steps], times: [...curve.times], values: [...curve.values] } : { steps: [], times: [], values: [] };
  for (const { step, timestamp, value } of points) {
    const at = { step: Number(step), time: Number(timestamp), value: number(value) ?? Number.NaN };
    const lastStep = next.steps.at(-1) ?? Number.NEGATIVE_INFINITY;
    const lastTime = next.times.at(-1) ?? Number.NEGATIVE_INFINITY;
    // What was logged out of order, or is held already, is left to the next full read.
    if (x === 'step' ? at.step <= lastStep : at.time <= lastTime) continue;
    next.steps.push(at.step);
    next.times.push(at.time);
    next.values.push(at.value);
  }
  return next;
}

function spread(queries: QueryClient, team: string, points: Point[]): void {
  const byKey = group(points);
  for (const [metric, ofKey] of byKey) {
    for (const [queryKey, curves] of queries.getQueriesData<Curves>({ queryKey: queryKeys.metricSeries(team, metric) })) {
      const asked = queryKey[3] as CurveAsk;
      if (!curves || asked.zoom) continue;
      const next = new Map(curves);
      for (const runId of new Set(ofKey.map((point) => point.runId))) {
        if (!asked.runIds.includes(runId)) continue;
        const mine = append(
          next.get(runId),
          ofKey.filter((point) => point.runId === runId),
          asked.x,
        );
        next.set(runId, mine);
        // Thinned again by the server once it is much denser than asked for.
        if (mine.steps.length > asked.points * 4) void queries.invalidateQueries({ queryKey });
      }
      queries.setQueryData(queryKey, next);
    }
  }
}

function group(points: Point[]): Map<string, Point[]> {
  const groups = new Map<string, Point[]>();
  for (const point of points) groups.set(point.key, [...(groups.get(point.key) ?? []), point]);
  return groups;
}

/** Follows running runs; their points reach every chart that shows them. At most 100 runs. A pause (no runs) is made up for by cursor. */
export function useLivePoints(team: string, running: string[], onNew?: (points: Point[]) => void): void {
  const queries = useQueryClient();
  const cursor = useRef<string | null>(null);
  const ids = running.slice(0, 100).sort().join(',');
  // biome-ignore lint/correctness/useExhaustiveDependencies: ids stands for the runs; a new callback is no reason to subscribe anew
  useEffect(() => {
    if (!ids) return;
    let held: Point[] = [];
    const flush = setInterval(() => {
      if (held.length === 0 || document.hidden) return;
      spread(queries, team, held);
      onNew?.(held);
      held = [];
    }, 400);
    const stop = follow(
      MetricPointsDocument,
      { runIds: ids.split(','), after: cursor.current },
      {
        cursorOf: ({ metricPoints }) => metricPoints.cursor,
        next: ({ metricPoints }) => {
          cursor.current = metricPoints.cursor;
          held.push(...metricPoints.points);
          // A tab that nobody looks at for hours holds no more than it would draw.
          if (held.length > MAX_HELD) {
            held = [];
            void queries.invalidateQueries({ queryKey: queryKeys.series(team) });
          }
        },
        lost: () => void queries.invalidateQueries({ queryKey: queryKeys.series(team) }),
      },
    );
    return () => {
      stop();
      clearInterval(flush);
    };
  }, [ids, team, queries]);
}
