// Deletion for good, what is left to do. A note stands for what clients no longer know; one process at a time claims it, and removes the rows it
// stands for.
import { type Db, sql } from '../../postgres/pool.ts';

export type PurgeKind = 'RUN' | 'LOGGED_MODEL' | 'EXPERIMENT';
/** `target`: the id it had. `folder`: of its files, below the team's root; null when they are not on this server. */
export type PurgeJob = { teamId: number; kind: PurgeKind; target: string; folder: string | null };

const INSERT = sql(`/* purges.insert */
  insert into purges (team_id, kind, target, folder)
  select $1::integer, kind, target, folder from unnest($2::text[], $3::text[], $4::text[]) as g (kind, target, folder)
  on conflict (team_id, kind, target) do nothing`);

/** In the transaction that removes the rows clients know. */
export async function insertPurges(tx: Db, teamId: number, jobs: Omit<PurgeJob, 'teamId'>[]): Promise<void> {
  await tx.rows(INSERT, [teamId, jobs.map((job) => job.kind), jobs.map((job) => job.target), jobs.map((job) => job.folder)]);
}

// Sees every team, or one: a worker serves them all.
const CLAIM = sql(`/* purges.claim */
  update purges p set claimed_until = now() + make_interval(secs => $2::double precision)
    from (select team_id, kind, target from purges
           where ($1::integer is null or team_id = $1::integer) and (claimed_until is null or claimed_until < now())
           order by created_at limit $3::integer for update skip locked) w
   where p.team_id = w.team_id and p.kind = w.kind and p.target = w.target
  returning p.team_id as "teamId", p.kind, p.target, p.folder`);

/** Takes notes that nobody works on (or whose worker fell silent), for so many seconds. `teamId` null: of every team. */
export const claimPurges = (db: Db, teamId: number | null, seconds: number, limit: number): Promise<PurgeJob[]> =>
  db.rows(CLAIM, [teamId, seconds, limit]);

const RENEW = sql(`/* purges.renew */
  update purges set claimed_until = now() + make_interval(secs => $4::double precision)
   where team_id = $1::integer and kind = $2 and target = $3`);

export async function renewPurge(db: Db, job: PurgeJob, seconds: number): Promise<void> {
  await db.rows(RENEW, [job.teamId, job.kind, job.target, seconds]);
}

const FINISH = sql('/* purges.finish */ delete from purges where team_id = $1::integer and kind = $2 and target = $3');

export async function finishPurge(db: Db, job: PurgeJob): Promise<void> {
  await db.rows(FINISH, [job.teamId, job.kind, job.target]);
}

/** At most so many rows of a run in one statement, a transaction of its own: some hundred kilobytes, or milliseconds. */
const piece = (table: string, key: string, rows: number) => ({
  rows,
  statement: sql(`/* purges.${table} */
  with gone as (
    delete from ${table} t using (select ${key} from ${table} where team_id = $1::integer and run_id = $2::uuid limit ${rows}) w
     where t.team_id = $1::integer and t.run_id = $2::uuid and ${key
       .split(', ')
       .map((column) => `t.${column} = w.${column}`)
       .join(' and ')}
    returning 1
  )
  select count(*)::integer as count from gone`),
});

/** Blocks first. This waits for a compaction that holds some of them; its chunks go next. Without blocks, no compaction begins. */
const PIECES = [
  piece('metric_blocks', 'txid, block_id', 500),
  piece('metric_recent', 'last_txid, recent_id', 100),
  piece('metric_chunks', 'key_id, to_step, chunk_id', 200),
  piece('run_metrics', 'key_id', 2_000),
  piece('run_params', 'key_id', 2_000),
  piece('run_tags', 'key_id', 2_000),
];

/** What a removed run had: points, statistics, params, tags. Can be stopped anywhere and done again. */
export async function deleteRunData(db: Db, teamId: number, runId: string, isStopped: () => boolean): Promise<void> {
  for (const { statement, rows } of PIECES) {
    for (let count = rows; count === rows && !isStopped(); ) {
      count = (await db.row<{ count: number }>(statement, [teamId, runId]))!.count;
    }
  }
}

const TEAMS = sql('/* purges.teams */ select team_id as "teamId", slug, name from teams where $1::text is null or slug = $1 order by team_id');

/** Every team, or the one of this slug. */
export const listTeams = (db: Db, slug: string | null): Promise<{ teamId: number; slug: string; name: string }[]> => db.rows(TEAMS, [slug]);
