// Mutations of runs. Retrying any of them is safe.
import type { TeamCtx } from '../../context.ts';
import { logInputs } from '../../domain/tracking/datasets.ts';
import { deleteTag, logBatch, logColumns } from '../../domain/tracking/logging.ts';
import { createRun, deleteRuns, getRun, restoreRuns, updateRun } from '../../domain/tracking/runs.ts';
import { inTransaction } from '../../domain/transaction.ts';
import { NOTES_TAG } from '../../graphql/fields.ts';
import { teamOfRun, unlessGone } from '../../graphql/reading/find.ts';
import { ofTeam } from '../../graphql/rows.ts';
import type { CreateRunInput, LogMetricsInput, Resolvers, RunStatus } from '../../graphql/types.gen.ts';
import { AppError, invalid, limitExceeded } from '../../lib/errors.ts';

const MAX_POINTS = 10_000;
const MAX_RUNS = 1_000;
const MAX_TAGS = 100;
const ENDED = new Set<RunStatus | null | undefined>(['FINISHED', 'FAILED', 'KILLED']);

const payload = async (team: TeamCtx, runId: string) => ({ run: ofTeam(team, await getRun(team, runId)) });

/** With a run id of the client's, trying again answers the run of the first try. */
async function beginRun(team: TeamCtx, input: CreateRunInput) {
  const { experimentId, runId, name, user, startedAt, tags, parentRunId } = input;
  const given = {
    experimentId,
    runId: runId ?? undefined,
    name: name ?? undefined,
    userId: user ?? team.viewer.name,
    startTime: startedAt?.getTime() ?? team.now(),
    tags: [...(tags ?? []), ...(parentRunId ? [{ key: 'mlflow.parentRunId', value: parentRunId }] : [])],
  };
  try {
    return await createRun(team, given);
  } catch (error) {
    if (runId && error instanceof AppError && error.code === 'ALREADY_EXISTS') return getRun(team, runId);
    throw error;
  }
}

function points(input: LogMetricsInput, now: number) {
  const { keys, values, steps, timestamps } = input;
  if (keys.length > MAX_POINTS) throw limitExceeded(`At most ${MAX_POINTS} points can be logged at once, not ${keys.length}.`, { argument: 'keys' });
  for (const [argument, list] of Object.entries({ values, steps, timestamps })) {
    if (list && list.length !== keys.length) throw invalid(`'${argument}' has ${list.length} entries and 'keys' ${keys.length}.`, { argument });
  }
  return keys.map((key, index) => ({ key, value: values[index]!, step: steps?.[index] ?? 0, timestamp: timestamps?.[index] ?? now }));
}

async function teamOfRuns(context: Parameters<typeof teamOfRun>[0], runIds: string[]): Promise<TeamCtx> {
  if (runIds.length === 0) throw invalid('Name at least one run.', { argument: 'runIds' });
  if (runIds.length > MAX_RUNS) throw limitExceeded(`At most ${MAX_RUNS} runs can be named at once, not ${runIds.length}.`, { argument: 'runIds' });
  // Runs of another of the viewer's teams are NOT_FOUND in this one.
  return teamOfRun(context, runIds[0]!);
}

export const runWrites: Resolvers = {
  Mutation: {
    createRun: async (_, { input }, context) => {
      const team = context.team(input.team);
      return { run: ofTeam(team, await beginRun(team, input)) };
    },
    updateRun: async (_, { input: { runId, name, status, endedAt, notes } }, context) => {
      const team = await teamOfRun(context, runId);
      const endTime = endedAt?.getTime() ?? (ENDED.has(status) ? team.now() : undefined);
      await inTransaction(team, async (tx) => {
        await updateRun(tx, runId, { name: name ?? undefined, status: status ?? undefined, endTime });
        if (notes != null) await logBatch(tx, runId, { tags: [{ key: NOTES_TAG, value: notes }] });
      });
      return payload(team, runId);
    },
    deleteRuns: async (_, { input: { runIds } }, context) => {
      const team = await teamOfRuns(context, runIds);
      return { runs: (await deleteRuns(team, runIds)).map((row) => ofTeam(team, row)) };
    },
    restoreRuns: async (_, { input: { runIds } }, context) => {
      const team = await teamOfRuns(context, runIds);
      return { runs: (await restoreRuns(team, runIds)).map((row) => ofTeam(team, row)) };
    },
    logBatch: async (_, { input: { runId, metrics, params, tags } }, context) => {
      const team = await teamOfRun(context, runId);
      const given = metrics?.map(({ key, value, step, timestamp }) => ({
        key,
        value,
        step: step ?? 0,
        timestamp: timestamp?.getTime() ?? team.now(),
      }));
      await logBatch(team, runId, { metrics: given, params: params ?? [], tags: tags ?? [] });
      return payload(team, runId);
    },
    logMetrics: async (_, { input }, context) => {
      const team = await teamOfRun(context, input.runId);
      await logColumns(team, input.runId, { metrics: points(input, team.now()) });
      return payload(team, input.runId);
    },
    setTags: async (_, { input: { runId, tags } }, context) => {
      const team = await teamOfRun(context, runId);
      await logBatch(team, runId, { tags });
      return payload(team, runId);
    },
    deleteTags: async (_, { input: { runId, keys } }, context) => {
      if (keys.length > MAX_TAGS) throw limitExceeded(`At most ${MAX_TAGS} tags can be removed at once, not ${keys.length}.`, { argument: 'keys' });
      const team = await teamOfRun(context, runId);
      await getRun(team, runId);
      await inTransaction(team, async (tx) => {
        for (const key of keys) await unlessGone(deleteTag(tx, runId, key));
      });
      return payload(team, runId);
    },
    logInputs: async (_, { input: { runId, datasets, modelIds } }, context) => {
      const team = await teamOfRun(context, runId);
      const given = (datasets ?? []).map(({ tags, schema, profile, ...dataset }) => ({
        dataset: { ...dataset, schema: schema ?? null, profile: profile ?? null },
        tags: tags ?? [],
      }));
      await logInputs(team, runId, { datasets: given, models: (modelIds ?? []).map((modelId) => ({ modelId })) });
      return payload(team, runId);
    },
  },
};
