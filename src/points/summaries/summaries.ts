// All values of a run as one text (src/points/codec/summaryText.ts): kept in run_summaries once a run is quiet, read from its rows until then.
//
// A summary is never older than the values that a reader's snapshot sees. Every statement that writes a value locks the run's row here first
// (`touchedRuns`), which also makes a kept text stale; whoever builds one locks the row and only then, by a statement of its own, reads the
// values. So either the builder sees what the writer wrote, or the writer, who waited, takes the text back. Locks are taken in the order
// run, summary, values, and by the run's id, so that writers never wait for each other in a circle.

import { type Db, sql } from '../../postgres/pool.ts';
import { type KeyText, keyText, readSummary, type SummaryRow, type SummaryValues, summaryKeyIds, summaryText } from '../codec/summaryText.ts';
import { keyNames } from '../keyIds.ts';

/**
 * A step `touched` of a statement that writes values: locks the rows of `runs`, whether or not the statement's snapshot sees them. `runs` is a
 * query in parentheses, of run_id. Steps that write must wait for it, by counting it. $1 is the team.
 */
export const touchedRuns = (runs: string) => `touched as (
    insert into run_summaries as s (team_id, run_id) select $1, t.run_id from ${runs} t order by t.run_id
    on conflict (team_id, run_id) do update set stale = true, data = null where not s.stale
    returning s.run_id
  )`;

const values = (alias: string, table: string) => `
    left join lateral (
      select array_agg(v.key_id)::text as keys, string_agg(to_json(v.value)::text, E'\\n') as values
        from ${table} v where v.team_id = $1 and v.run_id = w.run_id
    ) ${alias} on true`;
const VALUES = sql(`/* runSummaries.values */
  select w.run_id as "runId", m.keys as "metricKeys", m.values as "metricValues", m.steps, m.timestamps,
         p.keys as "paramKeys", p.values as "paramValues", t.keys as "tagKeys", t.values as "tagValues"
    from unnest($2::uuid[]) as w (run_id)
    left join lateral (
      select array_agg(v.key_id)::text as keys, array_agg(v.value)::text as values, array_agg(v.step)::text as steps,
             array_agg(v.timestamp)::text as timestamps
        from run_metrics v where v.team_id = $1 and v.run_id = w.run_id
    ) m on true${values('p', 'run_params')}${values('t', 'run_tags')}`);

/** Run id → the text of all its values, as they are now. `pool`: where names are remembered. */
async function textsOf(db: Db, pool: Db, teamId: number, runIds: string[]): Promise<Map<string, string>> {
  const rows = await db.rows<SummaryRow & { runId: string }>(VALUES, [teamId, runIds]);
  const nameOf = await keyNames(pool, teamId, summaryKeyIds(rows));
  const texts = new Map<string, KeyText>();
  const textOf = (keyId: string) => {
    let text = texts.get(keyId);
    if (!text) {
      text = keyText(nameOf(Number(keyId)));
      texts.set(keyId, text);
    }
    return text;
  };
  return new Map(rows.map((row) => [row.runId, summaryText(row, textOf)]));
}

const READ = sql(`/* runSummaries.read */
  select w.run_id as "runId", s.data,
         (exists (select 1 from run_datasets d where d.team_id = $1 and d.run_id = w.run_id)
          or exists (select 1 from run_model_inputs i where i.team_id = $1 and i.run_id = w.run_id)
          or exists (select 1 from run_model_outputs o where o.team_id = $1 and o.run_id = w.run_id)) as linked
    from unnest($2::uuid[]) as w (run_id) left join run_summaries s on s.team_id = $1 and s.run_id = w.run_id`);

/** `linked`: the run has inputs or outputs. */
export type RunSummary = { text: string; linked: boolean };

/** By run id. One statement for runs that are quiet, two or three if some are not. */
export async function summariesOfRuns(db: Db, teamId: number, runIds: string[]): Promise<Map<string, RunSummary>> {
  const rows = await db.rows<{ runId: string; data: string | null; linked: boolean }>(READ, [teamId, runIds]);
  const missing = rows.filter(({ data }) => data === null).map(({ runId }) => runId);
  const texts = missing.length === 0 ? undefined : await textsOf(db, db, teamId, missing);
  return new Map(rows.map(({ runId, data, linked }) => [runId, { text: data ?? texts!.get(runId)!, linked }]));
}

const KEPT = sql(`/* runSummaries.kept */
  select run_id as "runId", data from run_summaries where team_id = $1 and run_id = any($2::uuid[]) and data is not null`);

/** By run id, of those that are quiet. */
export async function keptValues(db: Db, teamId: number, runIds: string[]): Promise<Map<string, SummaryValues>> {
  const rows = await db.rows<{ runId: string; data: string }>(KEPT, [teamId, runIds]);
  return new Map(
    rows.flatMap(({ runId, data }): [string, SummaryValues][] => {
      const values = readSummary(data);
      return values ? [[runId, values]] : [];
    }),
  );
}

// Like compaction's, it sees several teams: one process serves them all. A run that goes on is left alone until what it logged is compacted.
const DUE = sql(`/* runSummaries.due */
  select s.team_id as "teamId", array_agg(s.run_id) as "runIds" from (
    select s.team_id, s.run_id from run_summaries s join runs r on r.team_id = s.team_id and r.run_id = s.run_id
     where s.stale and (r.status in ('FINISHED', 'FAILED', 'KILLED')
            or (r.created_at < now() - make_interval(secs => $1::double precision)
                and not exists (select 1 from metric_blocks b where b.team_id = s.team_id and b.run_id = s.run_id)))
     limit $2::integer
  ) s group by s.team_id`);

/** Runs that seem to be quiet, by team: they have ended, or are older than so many seconds and have nothing that waits for compaction. */
export const summariesDue = (db: Db, ageSeconds: number, limit: number): Promise<{ teamId: number; runIds: string[] }[]> =>
  db.rows(DUE, [ageSeconds, limit]);

const CLAIM = sql(`/* runSummaries.claim */
  select s.run_id as "runId",
         (select count(*) from (select 1 from run_metrics m where m.team_id = $1 and m.run_id = s.run_id limit $3::integer + 1) m) > $3::integer as wide
    from run_summaries s where s.team_id = $1 and s.run_id = any($2::uuid[]) and s.stale order by s.run_id for update of s skip locked`);
const STORE = sql(`/* runSummaries.store */
  update run_summaries s set stale = false, data = n.data from unnest($2::uuid[], $3::text[]) as n (run_id, data)
   where s.team_id = $1 and s.run_id = n.run_id`);

/**
 * Builds the summaries of those runs that nobody is writing to, in one transaction; tells how many. Runs with more metrics or a longer text
 * than `most` have none, and are not looked at again before they change.
 */
export async function buildSummaries(db: Db, teamId: number, runIds: string[], most: { metrics: number; characters: number }): Promise<number> {
  return db.tx(async (tx) => {
    const claimed = await tx.rows<{ runId: string; wide: boolean }>(CLAIM, [teamId, runIds, most.metrics]);
    if (claimed.length === 0) return 0;
    const narrow = claimed.filter(({ wide }) => !wide).map(({ runId }) => runId);
    // A statement of its own: its snapshot, unlike the claim's, sees all that was written before the locks were had.
    const texts = await textsOf(tx, db, teamId, narrow);
    const data = claimed.map(({ runId }) => {
      const text = texts.get(runId);
      return text === undefined || text.length > most.characters ? null : text;
    });
    await tx.rows(STORE, [teamId, claimed.map(({ runId }) => runId), data]);
    return claimed.length;
  });
}
