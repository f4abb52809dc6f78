// Logging to one run. Names become numbers; then the write shares the next flush with others, or takes a transaction of its own.
import type { Long } from '../../lib/long.ts';
import { type Db, isPool, sql } from '../../postgres/pool.ts';
import { findKeyIds, internKeyIds } from '../keyIds.ts';
import type { KeyValue } from '../read/latestValues.ts';
import { touchedRuns } from '../summaries/summaries.ts';
import { NO_VALUES, type PointColumns, type RunState, toSections, type ValueColumns } from './columns.ts';
import { writerOf } from './groupCommit.ts';
import { writeParams } from './paramConflicts.ts';
import { writeRuns } from './writeRuns.ts';

/** A value of a metric. `timestamp`: milliseconds since 1970. NaN and the infinities are values like others. */
export type LoggedPoint = { key: string; value: number; timestamp: Long; step: Long };
/** `name`: what the run is called from now on. `alongside`: what must be committed with it, or not at all. */
export type Entry = {
  metrics: readonly LoggedPoint[];
  params: readonly KeyValue[];
  tags: readonly KeyValue[];
  name?: string | undefined;
  alongside?: ((tx: Db) => Promise<void>) | undefined;
};
/** 'full': more waits than may; nothing was taken. 'param differs': it stands with `value`. Unless 'stored', nothing was written. */
export type Logged = { outcome: 'stored' | 'no run' | 'deleted' | 'full' } | { outcome: 'param differs'; key: string; value: string };

const STORED: Logged = { outcome: 'stored' };
const STATE = sql(`/* points.run_state */
  select run_id as "runId", experiment_id as "experimentId", deleted_at is not null as deleted from runs where team_id = $1 and run_id = $2::uuid`);

const judge = (state: RunState): Logged => (!state ? { outcome: 'no run' } : state.deleted ? { outcome: 'deleted' } : STORED);

/** Rolls a transaction back with an outcome. */
class Stop extends Error {
  readonly logged: Logged;

  constructor(logged: Logged) {
    super(logged.outcome);
    this.logged = logged;
  }
}

const toColumns = (metrics: readonly LoggedPoint[], keyIds: Map<string, number>): PointColumns => ({
  keyIds: metrics.map((metric) => keyIds.get(metric.key)!),
  steps: metrics.map((metric) => metric.step),
  timestamps: metrics.map((metric) => metric.timestamp),
  values: metrics.map((metric) => metric.value),
});

/** Later values of a key win. */
function toValueColumns(pairs: readonly KeyValue[], keyIds: Map<string, number>): ValueColumns {
  if (pairs.length === 0) return NO_VALUES;
  const byKey = new Map(pairs.map(({ key, value }) => [keyIds.get(key)!, value]));
  const sorted = [...byKey].sort((a, b) => a[0] - b[0]);
  return { keyIds: sorted.map(([keyId]) => keyId), values: sorted.map(([, value]) => value) };
}

/**
 * Stores what one run logs, all or nothing. Identical points once; of a tag's values the last; params only if they are new or the same. Resolves
 * after the commit. `db`: the pool, or a transaction, which the caller must roll back unless the outcome is 'stored'.
 */
export async function log(db: Db, teamId: number, runId: string, entry: Entry): Promise<Logged> {
  const { metrics, params, tags, name, alongside } = entry;
  const names = new Set([...metrics, ...params, ...tags].map((one) => one.key));
  let keyIds = await findKeyIds(db, teamId, names);
  if (keyIds.size < names.size || names.size === 0) {
    // Names are added outside the transaction, so only for runs that exist: a stranger's guesses leave nothing behind.
    const known = judge(await db.row<NonNullable<RunState>>(STATE, [teamId, runId]));
    if (known !== STORED) return known;
    if (keyIds.size < names.size) keyIds = await internKeyIds(db, teamId, names);
  }
  const write = { runId, points: toColumns(metrics, keyIds), tags: toValueColumns(tags, keyIds), params: toValueColumns(params, keyIds) };
  if (isPool(db) && name === undefined && !alongside) {
    const written = await writerOf(db).write(teamId, write);
    if (written === 'full') return { outcome: 'full' };
    if (written !== 'params differ') return judge(written);
  }
  try {
    await db.tx((tx) => writeAlone(tx, teamId, write, entry, keyIds));
    return STORED;
  } catch (error) {
    if (error instanceof Stop) return error.logged;
    throw error;
  }
}

const RENAME = sql(`/* ingest.rename */
  update runs set name = $3, updated_at = now() where team_id = $1 and run_id = $2::uuid and deleted_at is null`);

type Write = { runId: string; points: PointColumns; tags: ValueColumns; params: ValueColumns };

async function writeAlone(tx: Db, teamId: number, write: Write, { name, params, alongside }: Entry, keyIds: Map<string, number>): Promise<void> {
  const { runId, points, tags } = write;
  const require = (state: RunState) => {
    const logged = judge(state);
    if (logged !== STORED) throw new Stop(logged);
  };
  if (params.length > 0) {
    const { state, conflicts } = await writeParams(tx, teamId, runId, write.params);
    require(state);
    const [conflict] = conflicts;
    if (conflict) {
      const { key } = params.find((param) => keyIds.get(param.key) === conflict.keyId)!;
      throw new Stop({ outcome: 'param differs', key, value: conflict.value });
    }
  }
  if (points.keyIds.length + tags.keyIds.length > 0) {
    // The run before its tags, like every writer of both.
    if (name !== undefined) await tx.rows(RENAME, [teamId, runId, name]);
    require((await writeRuns(tx, teamId, [{ runId, sections: toSections([points]), tags, params: NO_VALUES }])).get(runId));
  }
  await alongside?.(tx);
}

const DELETE_TAG = sql(`/* ingest.delete_tag */
  with ${touchedRuns('(select run_id from runs where team_id = $1 and run_id = $2::uuid)')}
  delete from run_tags where team_id = $1 and run_id = $2::uuid and key_id = any($3::integer[]) and (select count(*) from touched) >= 0
  returning key_id as "keyId"`);

/** False where the run has no such tag. */
export async function deleteTag(db: Db, teamId: number, runId: string, key: string): Promise<boolean> {
  const keyId = (await findKeyIds(db, teamId, [key])).get(key);
  return keyId !== undefined && (await db.rows(DELETE_TAG, [teamId, runId, [keyId]])).length > 0;
}
