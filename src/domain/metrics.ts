// Rules of reading metrics: history by pages, curves down-sampled, what is new since a cursor.
import { requireCan } from '../auth/policy.ts';
import { largestTriangles } from '../codec/sample.ts';
import type { TeamCtx } from '../context.ts';
import { type AxisName, type PlacedPoint, sampleCurves } from '../db/curves.ts';
import { findKeys, keyNames } from '../db/keys.ts';
import { type Point, pointsAfter, pointsAtChosenSteps, pointsOfRuns, type RunPoint, type StepSummary } from '../db/metrics.ts';
import { currentSnapshot, pointsBetweenSnapshots } from '../db/newPoints.ts';
import type { Long } from '../db/pool.ts';
import { metricsByRuns } from '../db/runs.ts';
import { failedPrecondition, invalid, limitExceeded } from '../errors.ts';
import { isHexId } from '../ids.ts';
import { getRun, getRuns, type Run } from './runs.ts';

export type { AxisName, Point, RunPoint };

export const HISTORY_PAGE = 25_000;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const keyIdOf = async (ctx: TeamCtx, key: string) => (await findKeys(ctx.db, ctx.team.teamId, [key])).get(key);

function readToken(token: string): Point {
  const [step, timestamp, value] = Buffer.from(token, 'base64url').toString('utf8').split(' ');
  const long = /^-?\d{1,19}$/;
  const ok = long.test(step ?? '') && long.test(timestamp ?? '') && value !== undefined && (value === 'NaN' || !Number.isNaN(Number(value)));
  if (!ok) throw invalid('Invalid page token, could not base64-decode', { argument: 'page_token' });
  return { step: BigInt(step!), timestamp: BigInt(timestamp!), value: Number(value) };
}

const makeToken = (point: Point) => Buffer.from(`${point.step} ${point.timestamp} ${point.value}`).toString('base64url');

/** Every point of one metric, by (step, timestamp, value), in pages of at most 25,000. An unknown key has no points. */
export async function metricHistory(
  ctx: TeamCtx,
  runId: string,
  key: string,
  page: { limit?: number; token?: string } = {},
): Promise<{ points: Point[]; nextToken: string | undefined }> {
  requireCan(ctx, 'team:read');
  const limit = Math.min(page.limit ?? HISTORY_PAGE, HISTORY_PAGE);
  const after = page.token ? readToken(page.token) : null;
  await getRun(ctx, runId);
  const keyId = await keyIdOf(ctx, key);
  if (keyId === undefined) return { points: [], nextToken: undefined };
  const points = await pointsAfter(ctx.db, ctx.team.teamId, runId, keyId, after, limit + 1);
  if (points.length <= limit) return { points, nextToken: undefined };
  points.pop();
  return { points, nextToken: makeToken(points.at(-1)!) };
}

/** One metric of many runs; at most `limit` points in all. Runs that aren't the team's have none. */
export async function metricHistoryOfRuns(ctx: TeamCtx, runIds: string[], key: string, limit: number): Promise<RunPoint[]> {
  requireCan(ctx, 'team:read');
  const keyId = await keyIdOf(ctx, key);
  return keyId === undefined ? [] : pointsOfRuns(ctx.db, ctx.team.teamId, runIds.filter(isHexId), keyId, limit);
}

/** Points of all runs together among which steps are chosen. */
const MOST_SAMPLED = 1_000_000;

/**
 * About `limit` steps, evenly taken from the steps of all the runs, with every run's first and last (as MLflow samples). Of more than `most`
 * points, each run's own extremes between its first and its last instead: choosing among the steps of all would be to read all of them.
 */
export async function sampledHistory(
  ctx: TeamCtx,
  runIds: string[],
  key: string,
  sample: { limit: number; from?: Long; to?: Long; most?: number },
): Promise<RunPoint[]> {
  requireCan(ctx, 'team:read');
  const runs = await getRuns(ctx, runIds);
  const keyId = await keyIdOf(ctx, key);
  if (keyId === undefined || runs.length === 0) return [];
  const { db, team } = ctx;
  const ids = runs.map((run) => run.runId);
  const range = [sample.from ?? MIN_INT64, sample.to ?? MAX_INT64] as const;
  const choose = ({ steps, bounds }: StepSummary): Long[] => {
    const interval = steps.length / sample.limit;
    const even = Array.from({ length: Math.min(steps.length, sample.limit) }, (_none, index) => steps[Math.floor(index * Math.max(interval, 1))]!);
    const last = steps[steps.length - 1];
    if (steps.length > sample.limit) even.push(last!);
    return [...new Map([...even, ...bounds.flatMap(({ min, max }) => [min, max])].map((step) => [String(step), step])).values()];
  };
  const most = sample.most ?? MOST_SAMPLED;
  const chosen = await pointsAtChosenSteps(db, team.teamId, { runIds: ids, keyId, from: range[0], to: range[1], choose, limit: HISTORY_PAGE, most });
  if (chosen !== 'too many') return chosen;
  const stretches = Math.max(1, Math.floor(sample.limit / 2));
  const query = { runIds: ids, keyIds: [keyId], stretches, from: sample.from ?? null, to: sample.to ?? null, byTime: false };
  const [curves, metrics] = await Promise.all([sampleCurves(db, team.teamId, query), metricsByRuns(db, team.teamId, ids, { keys: [key] })]);
  const curveOf = new Map(curves.map(({ runId, points }) => [runId, points]));
  return ids.flatMap((runId) => {
    const last = metrics.get(runId)?.[0];
    const ends = last ? [last.first, { step: last.step, timestamp: last.timestamp, value: last.value }] : [];
    const [first, end] = ends.map((point) => (point.step >= range[0] && point.step <= range[1] ? [point] : []));
    const points = [...(first ?? []), ...(curveOf.get(runId) ?? []), ...(end ?? [])];
    return points
      .filter((point, at) => at === 0 || !isSame(point, points[at - 1]!))
      .map(({ step, timestamp, value }) => ({ runId, step, timestamp, value }));
  });
}

/** Of one run and key, of which no two stored points are the same. */
const isSame = (a: Point, b: Point) => a.step === b.step && a.timestamp === b.timestamp && Object.is(a.value, b.value);

export const SERIES_LIMITS = { series: 200, points: 2_000, defaultPoints: 500 } as const;

export type Series = {
  runId: string;
  key: string;
  /** `x`: on the axis asked for: the step, the time in ms since 1970, or ms since the run started. */
  points: PlacedPoint[];
};
/** MIN_MAX: of each stretch the least and the greatest value. LTTB: of those the points that keep the curve's shape, fewer spikes. */
export type SampleMethod = 'MIN_MAX' | 'LTTB';
/** `runs`: of the team of `ctx`, as they were read. */
export type SeriesRequest = { runs: Run[]; keys: string[]; axis?: AxisName; from?: Long; to?: Long; maxPoints?: number; method?: SampleMethod };

/**
 * Curves of every (run, key), each down-sampled to at most `maxPoints`. At most two statements, whatever the number.
 * `from` and `to` bound the step, or the time in ms. Throws LIMIT_EXCEEDED over 200 series or 2,000 points.
 */
export async function readSeries(ctx: TeamCtx, request: SeriesRequest): Promise<Series[]> {
  requireCan(ctx, 'team:read');
  const { runs, keys, axis = 'STEP', maxPoints = SERIES_LIMITS.defaultPoints } = request;
  if (!Number.isInteger(maxPoints) || maxPoints < 2) throw invalid('maxPoints must be at least 2.', { argument: 'maxPoints' });
  if (maxPoints > SERIES_LIMITS.points) {
    throw limitExceeded(`At most ${SERIES_LIMITS.points} points a series can be asked for, not ${maxPoints}. Ask for fewer, or for a range.`, {
      argument: 'maxPoints',
      limit: SERIES_LIMITS.points,
      asked: maxPoints,
    });
  }
  if (runs.length * keys.length > SERIES_LIMITS.series) {
    throw limitExceeded(
      `At most ${SERIES_LIMITS.series} series can be asked for at once, and these are ${runs.length} runs × ${keys.length} keys. Ask for fewer runs or keys.`,
      { argument: 'keys', limit: SERIES_LIMITS.series, asked: runs.length * keys.length },
    );
  }
  const keyIds = await findKeys(ctx.db, ctx.team.teamId, keys);
  if (runs.length === 0 || keyIds.size === 0) return [];
  const lttb = request.method === 'LTTB';
  const curves = await sampleCurves(ctx.db, ctx.team.teamId, {
    runIds: runs.map((run) => run.runId),
    keyIds: [...keyIds.values()],
    stretches: lttb ? LTTB_FROM * maxPoints : Math.floor(maxPoints / 2),
    from: request.from ?? null,
    to: request.to ?? null,
    byTime: axis !== 'STEP',
  });
  const nameOf = new Map([...keyIds].map(([name, id]) => [id, name]));
  const startOf = new Map(runs.map((run) => [run.runId, run.startTime]));
  const series = curves.map(({ runId, keyId, points }): Series => {
    // In place: a copy is felt at tens of thousands of points.
    if (axis === 'RELATIVE_TIME') for (const point of points) point.x = Number(point.timestamp) - Number(startOf.get(runId));
    return { runId, key: nameOf.get(keyId)!, points: lttb ? fewest(points, maxPoints) : points };
  });
  return series.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Largest triangles among four times as many extremes choose nearly what they would among all points. */
const LTTB_FROM = 2;

function fewest(points: Series['points'], maxPoints: number): Series['points'] {
  const kept = largestTriangles(
    points.map((point) => Number(point.x)),
    points.map((point) => point.value),
    maxPoints,
  );
  return kept.map((index) => points[index]!);
}

export type NewPoints = { points: (Point & { runId: string; key: string })[]; cursor: string };

const SNAPSHOT_SHAPE = /^\d+:\d+:(\d+(,\d+)*)?$/;
const NEW_POINTS_LIMIT = 100_000;

/** A cursor for newPoints that means "from now on". */
export const pointsCursor = async (ctx: TeamCtx): Promise<string> => Buffer.from(await currentSnapshot(ctx.db)).toString('base64url');

/**
 * What was committed since the cursor, exactly once, whatever happened meanwhile (late commits, a restarted database). Throws FAILED_PRECONDITION
 * when the cursor is older than what is kept for this (15 minutes at least), LIMIT_EXCEEDED over 100,000 points.
 */
export async function newPoints(ctx: TeamCtx, request: { runIds: string[]; keys?: string[]; after: string }): Promise<NewPoints> {
  requireCan(ctx, 'team:read');
  const since = Buffer.from(request.after, 'base64url').toString('utf8');
  if (!SNAPSHOT_SHAPE.test(since)) throw invalid('This cursor is none of ours. Leave it out to start from now.', { argument: 'after' });
  const { teamId } = ctx.team;
  const until = await currentSnapshot(ctx.db);
  const keyIds = request.keys ? [...(await findKeys(ctx.db, teamId, request.keys)).values()] : null;
  const runIds = request.runIds.filter(isHexId);
  const rows = await pointsBetweenSnapshots(ctx.db, teamId, { runIds, keyIds, since, until, limit: NEW_POINTS_LIMIT });
  if (rows === 'gone') {
    throw failedPrecondition('This cursor is too old: what came after it can no longer be told apart. Read the curves again and start from now.');
  }
  if (rows === 'too many') {
    throw limitExceeded(`More than ${NEW_POINTS_LIMIT} points are new since this cursor. Read the curves with \`series\` and subscribe from now.`);
  }
  const nameOf = await keyNames(
    ctx.db,
    teamId,
    rows.map((row) => row.keyId),
  );
  return { points: rows.map(({ keyId, ...point }) => ({ ...point, key: nameOf(keyId) })), cursor: Buffer.from(until).toString('base64url') };
}
