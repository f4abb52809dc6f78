// Runs in groups and over time, with measures.
import { inTeam } from '../../auth/team.ts';
import type { TeamCtx } from '../../context.ts';
import { countRunGroups, groupRuns, type MeasureInput, type Measurement } from '../../domain/tracking/runGroups.ts';
import { type Counts, runsOverTime } from '../../domain/tracking/runTimes.ts';
import { pageSize, slicePage } from '../../graphql/connections.ts';
import { findRun } from '../../graphql/reading/find.ts';
import { toSearch } from '../../graphql/reading/where.ts';
import type { MeasureResult } from '../../graphql/rows.ts';
import type { Measure, MetricStat, Resolvers, StatusCounts } from '../../graphql/types.gen.ts';

const toMeasures = (measures: Measure[] | null | undefined): MeasureInput[] =>
  (measures ?? []).map(({ metric, stat, statistic }) => ({ metric, statistic, stat: (stat ?? 'LAST').toLowerCase() as MeasureInput['stat'] }));

const toResults = (team: TeamCtx, asked: MeasureInput[], found: Measurement[]): MeasureResult[] =>
  found.map((one, index) => ({ ...one, ...asked[index]!, team }));

const statuses = ({ statuses: s }: Counts): StatusCounts => ({
  scheduled: s.SCHEDULED,
  running: s.RUNNING,
  finished: s.FINISHED,
  failed: s.FAILED,
  killed: s.KILLED,
});

export const runGroups: Resolvers = {
  Team: {
    runGroups: async (it, args, { ctx }) => {
      const [team, measures] = [inTeam(ctx, it), toMeasures(args.measures)];
      const groupOrder = args.orderBy?.map(({ direction, ...term }) => ({ ...term, descending: direction === 'DESC' })) ?? [];
      const search = { ...toSearch({ ...args, orderBy: null }), by: args.by, measures, groupOrder };
      const page = await groupRuns(team, search, { limit: pageSize(args.first), after: args.after });
      const slice = { ...page, hasPrevious: Boolean(args.after) };
      return slicePage(
        slice,
        ({ measures: found, ...row }) => ({ ...row, measures: toResults(team, measures, found) }),
        () => countRunGroups(team, search),
      );
    },
    runsOverTime: async (it, { interval, from, to, measures, ...args }, { ctx }) => {
      const [team, asked] = [inTeam(ctx, it), toMeasures(measures)];
      const search = { ...toSearch(args), interval, from: from?.getTime(), to: to?.getTime(), measures: asked };
      return (await runsOverTime(team, search)).map((bucket) => ({ ...bucket, measures: toResults(team, asked, bucket.measures) }));
    },
  },
  RunGroupConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  RunGroup: {
    runCount: (it) => it.runs,
  },
  MeasureResult: {
    stat: (it) => it.stat.toUpperCase() as MetricStat,
    run: (it, _, context) => (it.runId === null ? null : findRun(context, it.team, it.runId)),
  },
  TimeBucket: {
    runCount: (it) => it.runs,
    statuses,
  },
  UserCounts: {
    runCount: (it) => it.runs,
    statuses,
  },
};
