// Points at steps chosen evenly among those that runs have, so that their curves can be laid over each other.
import type { Long } from '../../lib/long.ts';
import type { Db } from '../../postgres/pool.ts';
import { findKeyIds } from '../keyIds.ts';
import { sampleCurves } from './curves.ts';
import { type Point, pointsAtChosenSteps, type RunPoint, type StepSummary } from './history.ts';
import { metricsByRuns } from './latestValues.ts';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** Points of all runs together among which steps are chosen. */
const MOST_SAMPLED = 1_000_000;

/** `limit`: about so many steps. `most`: points of all runs together among which they are chosen. `each`: points of one run at most. */
export type CommonSteps = {
  runIds: string[];
  key: string;
  limit: number;
  from?: Long | undefined;
  to?: Long | undefined;
  most?: number | undefined;
  each: number;
};

/** Of one run and key, of which no two stored points are the same. */
const isSame = (a: Point, b: Point) => a.step === b.step && a.timestamp === b.timestamp && Object.is(a.value, b.value);

function chooseEvenly({ steps, bounds }: StepSummary, limit: number): Long[] {
  const interval = steps.length / limit;
  const even = Array.from({ length: Math.min(steps.length, limit) }, (_none, index) => steps[Math.floor(index * Math.max(interval, 1))]!);
  if (steps.length > limit) even.push(steps[steps.length - 1]!);
  return [...new Map([...even, ...bounds.flatMap(({ min, max }) => [min, max])].map((step) => [String(step), step])).values()];
}

/**
 * About `limit` steps, evenly taken from the steps of all the runs, with every run's first and last. Of more than `most` points, each run's own
 * extremes between its first and its last instead: choosing among the steps of all would be to read all of them.
 */
export async function sampleCommonSteps(db: Db, teamId: number, request: CommonSteps): Promise<RunPoint[]> {
  const { runIds, key, limit, from, to, most = MOST_SAMPLED, each } = request;
  const keyId = (await findKeyIds(db, teamId, [key])).get(key);
  if (keyId === undefined || runIds.length === 0) return [];
  const range = [from ?? MIN_INT64, to ?? MAX_INT64] as const;
  const choose = (summary: StepSummary) => chooseEvenly(summary, limit);
  const chosen = await pointsAtChosenSteps(db, teamId, { runIds, keyId, from: range[0], to: range[1], choose, limit: each, most });
  if (chosen !== 'too many') return chosen;
  const stretches = Math.max(1, Math.floor(limit / 2));
  const query = { runIds, keyIds: [keyId], stretches, from: from ?? null, to: to ?? null, byTime: false };
  const [curves, metrics] = await Promise.all([sampleCurves(db, teamId, query), metricsByRuns(db, teamId, runIds, { keys: [key] })]);
  const curveOf = new Map(curves.map(({ runId, points }) => [runId, points]));
  return runIds.flatMap((runId) => {
    const last = metrics.get(runId)?.[0];
    const ends = last ? [last.first, { step: last.step, timestamp: last.timestamp, value: last.value }] : [];
    const [first, end] = ends.map((point) => (point.step >= range[0] && point.step <= range[1] ? [point] : []));
    const points = [...(first ?? []), ...(curveOf.get(runId) ?? []), ...(end ?? [])];
    return points
      .filter((point, at) => at === 0 || !isSame(point, points[at - 1]!))
      .map(({ step, timestamp, value }) => ({ runId, step, timestamp, value }));
  });
}
