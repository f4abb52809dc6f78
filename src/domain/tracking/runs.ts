// Rules of runs: create, read, update, delete, restore. What runs log is in logging.ts, finding them in runSearch.ts.
import { can, requireCan } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import { insertRun, type Run, type RunStatus, runsByIds, setRunsDeleted, updateRunRow } from '../../db/tracking/runs.ts';
import { alreadyExists, invalid } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import type { Long } from '../../lib/long.ts';
import { findKeyIds, internKeyIds } from '../../points/keyIds.ts';
import type { KeyValue } from '../../points/values.ts';
import { experimentDeleted, experimentNotFound, runDeleted, runNotFound } from '../faults.ts';
import { checkBatchSize, checkInt64, checkKey, checkLength, LIMITS, truncate } from '../limits.ts';
import { record } from '../people/audit.ts';
import { enqueueWebhook } from '../webhooks/outbox.ts';
import { parseExperimentId, requireActiveExperiment } from './experiments.ts';
import { generateName } from './generatedNames.ts';

export type { Run, RunStatus };

export const RUN_NAME_TAG = 'mlflow.runName';
const USER_TAG = 'mlflow.user';

/** The runs of the team among these ids, in their order; unknown ones are left out. */
export async function getRuns(ctx: TeamCtx, runIds: string[]): Promise<Run[]> {
  requireCan(ctx, 'team:read');
  const found = await runsByIds(ctx.db, ctx.team.teamId, runIds.filter(isHexId));
  const byId = new Map(found.map((run) => [run.runId, run]));
  return runIds.flatMap((runId) => byId.get(runId) ?? []);
}

/** Deleted ones too. Throws NOT_FOUND. */
export async function getRun(ctx: TeamCtx, runId: string): Promise<Run> {
  const [run] = await getRuns(ctx, [runId]);
  if (!run) throw runNotFound(runId);
  return run;
}

/** Throws NOT_FOUND, or FAILED_PRECONDITION when the run is deleted. For acts on what hangs on a run. */
export async function requireActiveRun(ctx: TeamCtx, runId: string, db: Db = ctx.db): Promise<Run> {
  const [run] = isHexId(runId) ? await runsByIds(db, ctx.team.teamId, [runId]) : [];
  if (!run) throw runNotFound(runId);
  if (run.deletedAt) throw runDeleted(runId);
  return run;
}

export type NewRunInput = {
  experimentId: string;
  /** 32 hex digits; makes retries safe: a second create with the same id answers ALREADY_EXISTS. */
  runId?: string;
  name?: string;
  userId?: string;
  /** Milliseconds since 1970. */
  startTime?: Long;
  status?: RunStatus;
  tags?: KeyValue[];
};

/** One statement: the run and its tags, or nothing. The name and the tag `mlflow.runName` are always the same. */
export async function createRun(ctx: TeamCtx, given: NewRunInput): Promise<Run & { tags: KeyValue[] }> {
  requireCan(ctx, 'run:write');
  checkBatchSize('tags', LIMITS.entitiesPerBatch, given.tags?.length ?? 0);
  const tags = new Map<string, string>();
  for (const { key, value } of given.tags ?? []) {
    checkKey(key, 'tags.key');
    tags.set(key, truncate(value, LIMITS.tagValueLength));
  }
  const tagged = tags.get(RUN_NAME_TAG);
  if (given.name && tagged && given.name !== tagged) {
    throw invalid(`The run is named '${given.name}', and its tag '${RUN_NAME_TAG}' says '${tagged}'. Give one of them, or the same name twice.`, {
      reason: 'run-names-differ',
      argument: 'name',
      name: given.name,
      tagged,
    });
  }
  const name = given.name || tagged || generateName();
  checkLength('name', LIMITS.runNameLength, name, 'run');
  tags.set(RUN_NAME_TAG, name);
  if (given.runId !== undefined && !isHexId(given.runId)) throw invalid('runId must be 32 lower-case hexadecimal digits.', { argument: 'runId' });
  checkLength('user', LIMITS.userLength, given.userId ?? '');
  if (given.startTime !== undefined) checkInt64(given.startTime, 'startedAt');
  const experimentId = parseExperimentId(given.experimentId);
  const runId = given.runId ?? ctx.newId();
  // Names are added to the dictionary for experiments that exist only, so that failing requests leave nothing behind.
  const known = await findKeyIds(ctx.db, ctx.team.teamId, tags.keys());
  if (known.size < tags.size) await requireActiveExperiment(ctx, given.experimentId);
  const keyIds = await internKeyIds(ctx.db, ctx.team.teamId, tags.keys());
  const made =
    experimentId === undefined
      ? 'no experiment'
      : await insertRun(ctx.db, ctx.team.teamId, {
          runId,
          experimentId,
          name,
          status: given.status ?? 'RUNNING',
          userId: given.userId || tags.get(USER_TAG) || '',
          createdBy: ctx.viewer.userId,
          startTime: given.startTime ?? 0,
          artifactPath: `/${runId}/artifacts`,
          tagKeyIds: [...tags.keys()].map((key) => keyIds.get(key)!),
          tagValues: [...tags.values()],
        });
  if (made === 'no experiment') throw experimentNotFound(given.experimentId);
  if (made === 'experiment deleted') throw experimentDeleted(given.experimentId);
  if (made === 'exists') throw alreadyExists(`A run '${runId}' exists already.`, { reason: 'run-exists', argument: 'runId', runId });
  ctx.bus.publish(ctx.team.teamId, 'runState', runId);
  return { ...made, tags: [...tags].map(([key, value]) => ({ key, value })) };
}

const FINAL_EVENTS: Partial<Record<RunStatus, 'FINISHED' | 'FAILED'>> = { FINISHED: 'FINISHED', FAILED: 'FAILED' };

/** Status, end time (milliseconds) and name; what is left out stays. Throws NOT_FOUND; FAILED_PRECONDITION when deleted. */
export async function updateRun(ctx: TeamCtx, runId: string, change: { status?: RunStatus; endTime?: Long; name?: string }): Promise<Run> {
  requireCan(ctx, 'run:write');
  if (change.endTime !== undefined) checkInt64(change.endTime, 'endedAt');
  if (change.name) checkLength('name', LIMITS.runNameLength, change.name, 'run');
  // A name is interned for runs that exist only; else the statement that writes finds out.
  if (change.name) await requireActiveRun(ctx, runId);
  const keyIds = change.name ? await internKeyIds(ctx.db, ctx.team.teamId, [RUN_NAME_TAG]) : undefined;
  const write = async (db: Db) => {
    const named = { ...change, name: change.name || undefined };
    const written = isHexId(runId) ? await updateRunRow(db, ctx.team.teamId, runId, named, keyIds?.get(RUN_NAME_TAG)) : undefined;
    if (!written) {
      await requireActiveRun(ctx, runId, db);
      throw runDeleted(runId);
    }
    const { statusBefore, ...run } = written;
    const event = run.status === statusBefore ? undefined : FINAL_EVENTS[run.status];
    if (event)
      await enqueueWebhook(
        db,
        ctx.team.teamId,
        { entity: 'RUN', action: event },
        { runId, name: run.name, experimentId: run.experimentId, status: run.status },
      );
    return { run, event };
  };
  // Only the end of a run is told to webhooks, in the transaction that brings it.
  const { run, event } = await (change.status && FINAL_EVENTS[change.status] ? ctx.db.tx(write) : write(ctx.db));
  ctx.bus.publish(ctx.team.teamId, 'runState', runId);
  if (event) ctx.bus.publish(ctx.team.teamId, 'webhook', runId);
  return run;
}

/** Throws NOT_FOUND when one was deleted for good meanwhile. */
async function requireRuns(db: Db, teamId: number, runIds: string[]): Promise<void> {
  const there = new Set((await runsByIds(db, teamId, runIds)).map((run) => run.runId));
  const gone = runIds.find((runId) => !there.has(runId));
  if (gone !== undefined) throw runNotFound(gone);
}

/** Contributors may delete and restore what they made; others' runs take a maintainer. All or nothing. */
async function setDeleted(ctx: TeamCtx, runIds: string[], deleted: boolean): Promise<Run[]> {
  requireCan(ctx, 'run:delete-own');
  const runs = await runsByIds(ctx.db, ctx.team.teamId, runIds.filter(isHexId));
  const known = new Set(runs.map((run) => run.runId));
  const unknown = runIds.find((runId) => !known.has(runId));
  if (unknown !== undefined) throw runNotFound(unknown);
  if (!can(ctx.team.role, 'run:delete-any') && runs.some((run) => run.createdBy !== ctx.viewer.userId)) requireCan(ctx, 'run:delete-any');
  await ctx.db.tx(async (tx) => {
    const changed = (await setRunsDeleted(tx, ctx.team.teamId, [...known], deleted)).map((run) => run.runId);
    if (changed.length < known.size) await requireRuns(tx, ctx.team.teamId, [...known]);
    if (changed.length === 0) return;
    const target = changed.length === 1 ? `run ${changed[0]}` : `${changed.length} runs`;
    await record(ctx, tx, { action: deleted ? 'RUNS_DELETED' : 'RUNS_RESTORED', target, after: { runIds: changed } });
  });
  for (const runId of known) ctx.bus.publish(ctx.team.teamId, 'runState', runId);
  return getRuns(ctx, runIds);
}

/** Marks as deleted; the data stay until deletion for good. Deleting the deleted succeeds. */
export const deleteRuns = (ctx: TeamCtx, runIds: string[]) => setDeleted(ctx, runIds, true);
export const restoreRuns = (ctx: TeamCtx, runIds: string[]) => setDeleted(ctx, runIds, false);
