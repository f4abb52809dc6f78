// Tells all servers of a database what has changed, through NOTIFY, and notes in the journal which runs have logged.
import { type Db, sql } from '../../postgres/pool.ts';
import { markedRuns } from './changes.ts';

// One transaction for both: whoever hears of a run finds its row in the journal.
const ANNOUNCE = sql(`/* events.announce */
  with ${markedRuns('$3', '$4')}
  select pg_notify($1 || '_' || c.name, payload) from reporting.event_channel c, unnest($2::text[]) as payload where (select count(*) from marked) >= 0`);
// Without runs that logged anything, planning and locking their tables is saved.
const NOTIFY = sql(`/* events.notify */
  select pg_notify($1 || '_' || c.name, payload) from reporting.event_channel c, unnest($2::text[]) as payload`);

export type Announce = (channel: string, payloads: string[], logged: { teamId: number; runId: string }[]) => Promise<void>;

/** Notes that these runs have logged something, and tells of it when that is committed. To be called after what was logged is. */
export const announcer =
  (db: Db): Announce =>
  async (channel, payloads, logged) => {
    if (logged.length === 0) await db.rows(NOTIFY, [channel, payloads]);
    else await db.rows(ANNOUNCE, [channel, payloads, logged.map((run) => run.teamId), logged.map((run) => run.runId)]);
  };
