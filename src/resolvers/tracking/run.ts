// Runs: finding them, and what hangs on one.
import { inTeam } from '../../auth/team.ts';
import type { TeamCtx } from '../../context.ts';
import { createArchive } from '../../domain/artifacts/archives.ts';
import { CODE_KEYS, codeOf } from '../../domain/registry/lineage.ts';
import { countMatchingRuns, listRuns } from '../../domain/tracking/runSearch.ts';
import { slicePage, toSlice } from '../../graphql/connections.ts';
import { lifecycle, NOTES_TAG, valueAt } from '../../graphql/fields.ts';
import { toId } from '../../graphql/ids.ts';
import { findModels, findRun } from '../../graphql/reading/find.ts';
import { selectsOnly } from '../../graphql/reading/selections.ts';
import { toSearch } from '../../graphql/reading/where.ts';
import { type Metric, ofTeam, type RunPage } from '../../graphql/rows.ts';
import type { Resolvers, TeamRunsArgs } from '../../graphql/types.gen.ts';
import { isHexId } from '../../lib/ids.ts';
import { artifactEntries, artifactEntry, artifactsIn } from '../artifacts/artifact.ts';

export async function runsOf(team: TeamCtx, args: Partial<TeamRunsArgs>): Promise<RunPage> {
  const search = toSearch(args);
  const slice = await listRuns(team, search, toSlice(args));
  return slicePage(
    slice,
    (row) => ofTeam(team, row),
    () => countMatchingRuns(team, search),
  );
}

/** Fields of a metric that need no statistics. */
const LATEST: ReadonlySet<string> = new Set(['__typename', 'key', 'last', 'lastStep', 'lastTimestamp']);

const PARENT_TAG = 'mlflow.parentRunId';

export const run: Resolvers = {
  Query: {
    run: async (_, { runId }, context) => {
      const team = context.ctx && (await context.loaders.teamOfRun.load(runId));
      return team && findRun(context, team, runId);
    },
  },
  Team: {
    runs: (it, args, { ctx }) => runsOf(inTeam(ctx, it), args),
  },
  RunConnection: {
    totalCount: async (it) => Number(await it.count()),
  },
  Run: {
    id: (it) => toId('Run', it.team.team.teamId, it.runId),
    team: (it) => it.team.team,
    experiment: async (it, _, { loaders }) => ofTeam(it.team, (await loaders.of(it.team).experiment.load(it.experimentId))!),
    experimentId: (it) => String(it.experimentId),
    startedAt: (it) => it.startTime || null,
    endedAt: (it) => it.endTime,
    durationMs: (it) => (it.endTime && it.startTime ? BigInt(it.endTime) - BigInt(it.startTime) : null),
    lifecycle,
    user: (it) => it.userId || null,
    createdBy: (it, _, { loaders }) => (it.createdBy === null ? null : loaders.user.load(it.createdBy)),
    notes: async (it, _, { loaders }) => valueAt(await loaders.of(it.team).tags.load(it.runId, { keys: [NOTES_TAG] }), NOTES_TAG),
    source: async (it, _, { loaders }) => codeOf(await loaders.of(it.team).tags.load(it.runId, { keys: CODE_KEYS })),
    param: async (it, { key }, { loaders }) => valueAt(await loaders.of(it.team).params.load(it.runId, { keys: [key] }), key),
    params: (it, args, { loaders }) => loaders.of(it.team).params.load(it.runId, args),
    tag: async (it, { key }, { loaders }) => valueAt(await loaders.of(it.team).tags.load(it.runId, { keys: [key] }), key),
    tags: async (it, args, { loaders }) => {
      const tags = await loaders.of(it.team).tags.load(it.runId, args);
      return args.includeSystem ? tags : tags.filter(({ key }) => !key.startsWith('mlflow.'));
    },
    metric: async (it, { key }, { loaders }) => (await loaders.of(it.team).metrics.load(it.runId, { keys: [key] }))[0] ?? null,
    metrics: (it, args, { loaders }, info) => {
      const { latest, metrics } = loaders.of(it.team);
      // What latest points lack is not asked for. Chosen keys are read together with those of `metric` and `series`.
      const isWhole = !args.keys && !args.prefix && selectsOnly(LATEST, info);
      return isWhole ? (latest.load(it.runId, args) as Promise<Metric[]>) : metrics.load(it.runId, args);
    },
    series: async ({ team, ...run }, { keys, prefix, xAxis, range, maxPoints, method }, { loaders }) => {
      const { metrics, series } = loaders.of(team);
      const wanted = keys && !prefix ? [...new Set(keys)] : (await metrics.load(run.runId, { keys, prefix })).map(({ key }) => key);
      if (wanted.length === 0) return [];
      const [from, to] = [range?.from ?? undefined, range?.to ?? undefined];
      return series.load({ run, keys: wanted, axis: xAxis ?? 'STEP', from, to, maxPoints: maxPoints ?? 500, method: method ?? 'MIN_MAX' });
    },
    artifacts: async (it, { path }, { loaders }) => artifactsIn(it.team, await loaders.of(it.team).runHome.load(it.runId), path ?? ''),
    artifactEntries: async (it, args, { loaders }) => artifactEntries(it.team, await loaders.of(it.team).runHome.load(it.runId), args),
    artifactEntry: async (it, { path }, { loaders }) => artifactEntry(it.team, await loaders.of(it.team).runHome.load(it.runId), path),
    archive: async (it, { path }, { loaders }) => createArchive(it.team, await loaders.of(it.team).runHome.load(it.runId), path ?? '', it.name),
    inputs: async (it, _, { loaders }) => ofTeam(it.team, await loaders.of(it.team).inputs.load(it.runId)),
    outputs: async (it, _, { loaders }) => (await loaders.of(it.team).outputs.load(it.runId)).map((row) => ofTeam(it.team, row)),
    modelVersions: async (it, _, { loaders }) => (await loaders.of(it.team).runVersions.load(it.runId)).map((row) => ofTeam(it.team, row)),
    parent: async (it, _, context) => {
      const parentId = valueAt(await context.loaders.of(it.team).tags.load(it.runId, { keys: [PARENT_TAG] }), PARENT_TAG);
      return parentId && isHexId(parentId) ? findRun(context, it.team, parentId) : null;
    },
    children: (it, page) => runsOf(it.team, { ...page, where: { tag: { key: PARENT_TAG, op: 'EQ', value: it.runId } } }),
  },
  RunSource: {
    type: (it) => it.sourceType,
    name: (it) => it.sourceName,
  },
  RunInputs: {
    models: (it, _, context) =>
      findModels(
        context,
        it.team,
        it.models.map((model) => model.modelId),
      ),
  },
  Metric: {
    last: (it) => it.value,
    lastStep: (it) => it.step,
    lastTimestamp: (it) => it.timestamp,
    first: (it) => it.first.value,
  },
};
