// Runs as rows. Batches in, batches out; never one run at a time.

import type { Long } from '../../lib/long.ts';
import { touchedRuns } from '../../points/values.ts';
import { int4Array, int8Array, uuidArray } from '../../postgres/arrays.ts';
import { openBatches } from '../../postgres/batches.ts';
import { type Db, isPool, sql } from '../../postgres/pool.ts';

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export type Run = {
  runId: string;
  experimentId: number;
  name: string;
  status: RunStatus;
  /** What the client said; createdBy is who was authenticated. */
  userId: string;
  createdBy: number | null;
  /** Milliseconds since 1970, from the client's clock. */
  startTime: Long;
  endTime: Long | null;
  artifactUri: string;
  deletedAt: Date | null;
};

/** For `select`, on the table as `r`. */
export const RUN_COLUMNS = `r.run_id as "runId", r.experiment_id as "experimentId", r.name, r.status, r.user_id as "userId",
  r.created_by as "createdBy", r.start_time as "startTime", r.end_time as "endTime", r.artifact_uri as "artifactUri", r.deleted_at as "deletedAt"`;

/** A row of the table `runs r` as it is, for sub-selects. */
export const RUN_ROW = `r.team_id, r.run_id, r.experiment_id, r.name, r.status, r.user_id, r.created_by, r.start_time, r.end_time, r.artifact_uri,
  r.deleted_at, r.created_at, r.updated_at`;

const BY_IDS = sql(`/* runs.by_ids */ select ${RUN_COLUMNS} from runs r where r.team_id = $1 and r.run_id = any($2::uuid[])`);
export const runsByIds = (db: Db, teamId: number, runIds: string[]): Promise<Run[]> => db.rows<Run>(BY_IDS, [teamId, runIds]);

const INSERT = sql(`/* runs.insert */
  with given as (
    select *
      from unnest($2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::bigint[], $9::text[])
           with ordinality as g (run_id, experiment_id, name, status, user_id, created_by, start_time, artifact_path, position)
  ), experiment as (
    select experiment_id, artifact_location, deleted_at from experiments
     where team_id = $1 and experiment_id = any($3::integer[]) order by experiment_id for share
  ), inserted as (
    insert into runs as r (team_id, run_id, experiment_id, name, status, user_id, created_by, start_time, artifact_uri)
    select $1, g.run_id, g.experiment_id, g.name, g.status, g.user_id, g.created_by, g.start_time, e.artifact_location || g.artifact_path
      from given g join experiment e using (experiment_id) where e.deleted_at is null order by g.run_id
    on conflict (team_id, run_id) do nothing
    returning r.run_id, r.experiment_id, r.artifact_uri
  ), tagged as (
    insert into run_tags (team_id, run_id, key_id, experiment_id, value)
    select $1, i.run_id, t.key_id, i.experiment_id, t.value
      from inserted i join unnest($10::uuid[], $11::integer[], $12::text[]) as t (run_id, key_id, value) on t.run_id = i.run_id
  )
  select e.experiment_id is null as "noExperiment", e.deleted_at is not null as "experimentDeleted", i.artifact_uri as "artifactUri"
    from given g left join experiment e using (experiment_id) left join inserted i on i.run_id = g.run_id order by g.position`);

export type NewRun = {
  runId: string;
  experimentId: number;
  name: string;
  status: RunStatus;
  userId: string;
  createdBy: number;
  startTime: Long;
  /** Appended to the experiment's location. */
  artifactPath: string;
  tagKeyIds: number[];
  tagValues: string[];
};

export type MadeRun = Run | 'no experiment' | 'experiment deleted' | 'exists';

/** One statement, for runs with different ids. What became of each, in their order. */
export async function insertRuns(db: Db, teamId: number, runs: NewRun[]): Promise<MadeRun[]> {
  const tags = runs.flatMap(({ runId, tagKeyIds, tagValues }) => tagKeyIds.map((keyId, index) => ({ runId, keyId, value: tagValues[index]! })));
  const rows = await db.rows<{ noExperiment: boolean; experimentDeleted: boolean; artifactUri: string | null }>(INSERT, [
    teamId,
    uuidArray(runs.map((run) => run.runId)),
    int4Array(runs.map((run) => run.experimentId)),
    runs.map((run) => run.name),
    runs.map((run) => run.status),
    runs.map((run) => run.userId),
    int4Array(runs.map((run) => run.createdBy)),
    int8Array(runs.map((run) => run.startTime)),
    runs.map((run) => run.artifactPath),
    uuidArray(tags.map((tag) => tag.runId)),
    int4Array(tags.map((tag) => tag.keyId)),
    tags.map((tag) => tag.value),
  ]);
  return rows.map(({ noExperiment, experimentDeleted, artifactUri }, index) => {
    if (noExperiment) return 'no experiment';
    if (experimentDeleted) return 'experiment deleted';
    if (artifactUri === null) return 'exists';
    const { runId, experimentId, name, status, userId, createdBy, startTime } = runs[index]!;
    return { runId, experimentId, name, status, userId, createdBy, startTime, endTime: null, artifactUri, deletedAt: null };
  });
}

/** Runs of one statement. */
const MOST_AT_ONCE = 200;
const makers = new WeakMap<Db, (teamId: number, run: NewRun) => Promise<MadeRun>>();

/** With others that are made at the same moment; in a transaction alone. */
export async function insertRun(db: Db, teamId: number, run: NewRun): Promise<MadeRun> {
  if (!isPool(db)) return (await insertRuns(db, teamId, [run]))[0]!;
  let make = makers.get(db);
  if (!make) {
    make = openBatches(
      (team, runs) => insertRuns(db, team, runs),
      ({ runId }) => runId,
      MOST_AT_ONCE,
    );
    makers.set(db, make);
  }
  return make(teamId, run);
}

const UPDATE = sql(`/* runs.update */
  with before as (
    select run_id, status from runs where team_id = $1 and run_id = $2::uuid for no key update
  ), updated as (
    update runs r set status = coalesce($3, r.status), end_time = coalesce($4::bigint, r.end_time), name = coalesce($5, r.name), updated_at = now()
      from before b where r.team_id = $1 and r.run_id = b.run_id and r.deleted_at is null
    returning r.team_id, b.status as "statusBefore", ${RUN_COLUMNS}
  ), ${touchedRuns('(select "runId" as run_id from updated where $5::text is not null)')}, tagged as (
    insert into run_tags (team_id, run_id, key_id, experiment_id, value)
    select u.team_id, u."runId", $6::integer, u."experimentId", $5 from updated u
     where $5::text is not null and (select count(*) from touched) >= 0
    on conflict (team_id, run_id, key_id) do update set value = excluded.value
  )
  select "statusBefore", "runId", "experimentId", name, status, "userId", "createdBy", "startTime", "endTime", "artifactUri", "deletedAt" from updated`);

/** `nameKeyId`: the number of the tag that repeats the name; needed when the name changes. undefined when the run is gone or deleted. Of concurrent changes one sees each status before. */
export const updateRunRow = (
  db: Db,
  teamId: number,
  runId: string,
  change: { status?: RunStatus; endTime?: Long; name?: string },
  nameKeyId: number | undefined,
): Promise<(Run & { statusBefore: RunStatus }) | undefined> =>
  db.row(UPDATE, [teamId, runId, change.status ?? null, change.endTime ?? null, change.name ?? null, nameKeyId ?? null]);

const SET_LIFECYCLE = sql(`/* runs.set_lifecycle */
  update runs r set deleted_at = case when $3 then coalesce(r.deleted_at, now()) end, updated_at = now()
   where r.team_id = $1 and r.run_id = any($2::uuid[]) and (r.deleted_at is not null) <> $3 returning r.run_id as "runId"`);

/** Marks as deleted (or not), whatever they were. */
export const setRunsDeleted = (db: Db, teamId: number, runIds: string[], deleted: boolean) =>
  db.rows<{ runId: string }>(SET_LIFECYCLE, [teamId, runIds, deleted]);
