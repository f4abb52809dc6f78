// Runs as columns, and the keys that columns can have.
import { inTeam } from '../../auth/team.ts';
import { countRunKeys, listRunKeys } from '../../domain/tracking/runKeys.ts';
import { countMatchingRuns } from '../../domain/tracking/runSearch.ts';
import { readRunTable } from '../../domain/tracking/runTable.ts';
import { pageSize, toSlice } from '../../graphql/connections.ts';
import { toSearch } from '../../graphql/reading/where.ts';
import type { MetricStat, Resolvers } from '../../graphql/types.gen.ts';

export const runTable: Resolvers = {
  Team: {
    runTable: async (it, args, { ctx }) => {
      const [team, search] = [inTeam(ctx, it), toSearch(args)];
      const table = await readRunTable(team, search, args.columns, toSlice(args));
      return { ...table, count: () => countMatchingRuns(team, search) };
    },
    runKeys: async (it, { first, ...given }, { ctx }) => {
      const team = inTeam(ctx, it);
      const found = await listRunKeys(team, { ...given, limit: pageSize(first ?? 100) });
      let counts: ReturnType<typeof countRunKeys> | undefined;
      const count = () =>
        (counts ??= countRunKeys(
          team,
          given,
          found.map(({ keyId }) => keyId),
        ));
      return found.map((one) => ({ ...one, count: async () => (await count()).get(one.keyId) }));
    },
  },
  RunTable: {
    runIds: (it) => it.rows.map(({ runId }) => runId),
    pageInfo: ({ rows, hasNext, hasPrevious }) => ({
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: rows[0]?.cursor ?? null,
      endCursor: rows.at(-1)?.cursor ?? null,
    }),
    totalCount: (it) => it.count(),
  },
  TableColumn: {
    stat: (it) => (it.stat === null ? null : (it.stat.toUpperCase() as MetricStat)),
  },
  KeySummary: {
    runs: async (it) => (await it.count())?.runs ?? 0,
    values: async (it) => (await it.count())?.values ?? 0,
  },
};
