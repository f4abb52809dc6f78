// Rules of reading metrics: history by pages, curves down-sampled, what is new since a cursor.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { failedPrecondition, invalid, limitExceeded } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import type { Long } from '../../lib/long.ts';
import {
  type NewPoint,
  now,
  type PlacedPoint,
  type Point,
  type RunPoint,
  readHistory,
  readHistoryOfRuns,
  readNew,
  type SampleMethod,
  sample,
  sampleCommonSteps,
} from '../../points/points.ts';
import { getRun, getRuns, type Run } from './runs.ts';

export type { Point, RunPoint, SampleMethod };

export const HISTORY_PAGE = 25_000;

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
  const points = await readHistory(ctx.db, ctx.team.teamId, runId, key, after, limit + 1);
  if (points.length <= limit) return { points, nextToken: undefined };
  points.pop();
  return { points, nextToken: makeToken(points.at(-1)!) };
}

/** One metric of many runs; at most `limit` points in all. Runs that aren't the team's have none. */
export async function metricHistoryOfRuns(ctx: TeamCtx, runIds: string[], key: string, limit: number): Promise<RunPoint[]> {
  requireCan(ctx, 'team:read');
  return readHistoryOfRuns(ctx.db, ctx.team.teamId, runIds.filter(isHexId), key, limit);
}

/**
 * About `limit` steps, evenly taken from the steps of all the runs, with every run's first and last (as MLflow samples). Of more than `most`
 * points, each run's own extremes between its first and its last instead.
 */
export async function sampledHistory(
  ctx: TeamCtx,
  runIds: string[],
  key: string,
  sample: { limit: number; from?: Long; to?: Long; most?: number },
): Promise<RunPoint[]> {
  requireCan(ctx, 'team:read');
  const runs = await getRuns(ctx, runIds);
  return sampleCommonSteps(ctx.db, ctx.team.teamId, { ...sample, runIds: runs.map((run) => run.runId), key, each: HISTORY_PAGE });
}

export const SERIES_LIMITS = { series: 200, points: 2_000, defaultPoints: 500 } as const;

export type Series = {
  runId: string;
  key: string;
  /** `x`: on the axis asked for: the step, the time in ms since 1970, or ms since the run started. */
  points: PlacedPoint[];
};
/** What curves are drawn over: steps, times, or times since each run started. */
export type AxisName = 'STEP' | 'TIME' | 'RELATIVE_TIME';
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
  const series = await sample(ctx.db, ctx.team.teamId, {
    runIds: runs.map((run) => run.runId),
    keys,
    maxPoints,
    method: request.method ?? 'MIN_MAX',
    from: request.from ?? null,
    to: request.to ?? null,
    byTime: axis !== 'STEP',
  });
  const startOf = new Map(runs.map((run) => [run.runId, run.startTime]));
  // In place: a copy is felt at tens of thousands of points.
  if (axis === 'RELATIVE_TIME') {
    for (const { runId, points } of series) for (const point of points) point.x = Number(point.timestamp) - Number(startOf.get(runId));
  }
  return series.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

export type NewPoints = { points: NewPoint[]; cursor: string };

const SNAPSHOT_SHAPE = /^\d+:\d+:(\d+(,\d+)*)?$/;
const NEW_POINTS_LIMIT = 100_000;

/** A cursor for newPoints that means "from now on". */
export const pointsCursor = async (ctx: TeamCtx): Promise<string> => Buffer.from(await now(ctx.db)).toString('base64url');

/**
 * What was committed since the cursor, exactly once, whatever happened meanwhile (late commits, a restarted database). Throws FAILED_PRECONDITION
 * when the cursor is older than what is kept for this (15 minutes at least), LIMIT_EXCEEDED over 100,000 points.
 */
export async function newPoints(ctx: TeamCtx, request: { runIds: string[]; keys?: string[]; after: string }): Promise<NewPoints> {
  requireCan(ctx, 'team:read');
  const since = Buffer.from(request.after, 'base64url').toString('utf8');
  if (!SNAPSHOT_SHAPE.test(since)) throw invalid('This cursor is none of ours. Leave it out to start from now.', { argument: 'after' });
  const runIds = request.runIds.filter(isHexId);
  const read = await readNew(ctx.db, ctx.team.teamId, { runIds, keys: request.keys, since, limit: NEW_POINTS_LIMIT });
  if (read === 'gone') {
    throw failedPrecondition('This cursor is too old: what came after it can no longer be told apart. Read the curves again and start from now.');
  }
  if (read === 'too many') {
    throw limitExceeded(`More than ${NEW_POINTS_LIMIT} points are new since this cursor. Read the curves with \`series\` and subscribe from now.`);
  }
  return { points: read.points, cursor: Buffer.from(read.until).toString('base64url') };
}
