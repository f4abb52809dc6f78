// Runs by when they started, in hours, days, weeks or months.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { type BucketCount, countBuckets, measureBuckets } from '../../db/tracking/runGroups.ts';
import type { RunStatus } from '../../db/tracking/runs.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { checkMeasures, type MeasureInput, type Measurement } from './runGroups.ts';
import { prepareRuns, type RunSearch } from './runSearch.ts';

export const TIME_LIMITS = { buckets: 1_000, counts: 100_000 } as const;
const USUAL_BUCKETS = 30;

export type Interval = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';
export type Counts = { runs: number; statuses: Record<RunStatus, number> };
export type TimeBucket = Counts & {
  /** Milliseconds since 1970. */
  start: number;
  users: (Counts & { user: string | null })[];
  measures: Measurement[];
};

const HOUR = 3_600_000;
const LENGTHS = { HOUR, DAY: 24 * HOUR, WEEK: 7 * 24 * HOUR } as const;
/** 1970 began on a Thursday. */
const FIRST_MONDAY = 4 * 24 * HOUR;

/** The number of the interval that a time is in, and where that one begins. UTC. */
function bucketAt(interval: Interval, time: number): number {
  if (interval !== 'MONTH') return Math.floor((time - (interval === 'WEEK' ? FIRST_MONDAY : 0)) / LENGTHS[interval]);
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
function startOf(interval: Interval, bucket: number): number {
  if (interval !== 'MONTH') return bucket * LENGTHS[interval] + (interval === 'WEEK' ? FIRST_MONDAY : 0);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  return new Date(0).setUTCFullYear(Math.floor(bucket / 12), bucket % 12, 1);
}

function bucketStarts(interval: Interval, from: number | null, to: number): number[] {
  const last = bucketAt(interval, to);
  const first = from === null ? last - USUAL_BUCKETS + 1 : bucketAt(interval, from);
  if (first > last) throw invalid("'from' lies after 'to'.", { argument: 'from' });
  const asked = last - first + 1;
  if (asked > TIME_LIMITS.buckets) {
    throw limitExceeded(`At most ${TIME_LIMITS.buckets} intervals can be asked for, and these are ${asked}. Ask for longer ones, or for less time.`, {
      argument: 'interval',
      limit: TIME_LIMITS.buckets,
      asked,
    });
  }
  return Array.from({ length: asked + 1 }, (_, index) => startOf(interval, first + index));
}

const none = (): Counts => ({ runs: 0, statuses: { SCHEDULED: 0, RUNNING: 0, FINISHED: 0, FAILED: 0, KILLED: 0 } });

function add(to: Counts, { status, runs }: BucketCount): void {
  to.runs += runs;
  to.statuses[status as RunStatus] += runs;
}

/** One statement, and another for measures. `from` and `to` are milliseconds since 1970. Throws INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export async function runsOverTime(
  ctx: TeamCtx,
  given: RunSearch & { interval: Interval; from?: number | null; to?: number | null; measures: MeasureInput[] },
): Promise<TimeBucket[]> {
  requireCan(ctx, 'team:read');
  const { interval, from, to, measures: asked, ...search } = given;
  const starts = bucketStarts(interval, from ?? null, to ?? ctx.now());
  const measures = checkMeasures(asked);
  const prepared = prepareRuns(ctx, search);
  const { teamId } = ctx.team;
  const [counts, measured] = await Promise.all([
    countBuckets(ctx.db, teamId, prepared, { starts }, TIME_LIMITS.counts + 1),
    measures.length > 0 ? measureBuckets(ctx.db, teamId, { ...prepared, measures }, { starts }) : new Map<number, Measurement[]>(),
  ]);
  if (counts.length > TIME_LIMITS.counts) {
    throw limitExceeded(
      `These intervals have more than ${TIME_LIMITS.counts} counts of users and statuses. Ask for less time, or filter by user_id.`,
      {
        argument: 'interval',
        limit: TIME_LIMITS.counts,
      },
    );
  }
  const nothing = measures.map(({ statistic }) => ({ value: statistic === 'COUNT' ? 0 : null, runId: null }));
  const buckets = starts
    .slice(0, -1)
    .map((start, index) => ({ start, ...none(), measures: measured.get(index) ?? nothing, users: new Map<string, Counts>() }));
  for (const count of counts) {
    const bucket = buckets[count.bucket]!;
    const user = bucket.users.get(count.user) ?? none();
    bucket.users.set(count.user, user);
    add(bucket, count);
    add(user, count);
  }
  return buckets.map(({ users, ...bucket }) => ({ ...bucket, users: sorted(users) }));
}

function sorted(users: Map<string, Counts>): TimeBucket['users'] {
  const list = [...users].map(([user, counts]) => ({ user: user || null, ...counts }));
  return list.sort((a, b) => b.runs - a.runs || ((a.user ?? '') < (b.user ?? '') ? -1 : 1));
}
