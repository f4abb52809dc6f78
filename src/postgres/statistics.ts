// Statistics for Postgres's planner in time. Postgres gathers them only after a minute or so. Until then it believes that tables hold next to
// nothing, and reads them once for each of their rows: 2,000 runs took a search 85 seconds.

import { isFault } from '../lib/faults.ts';
import type { Log } from '../lib/log.ts';
import { type Repeating, repeating } from '../lib/repeating.ts';
import { type Db, dynamicSql, isPool, sql } from './pool.ts';

/** The tables that searches join. */
const TABLES = ['experiments', 'keys', 'runs', 'run_metrics', 'run_params', 'run_tags', 'logged_models', 'logged_model_metrics', 'model_versions'];

// What was never looked at has -1 rows; below so many pages any plan is quick. A new experiment is unknown to statistics that are older than it,
// hence the small share of changed rows.
const STALE = sql(`/* statistics.stale */
  select c.relname as name
    from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
   where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname = any($1::text[])
     and (c.reltuples < 0 and pg_relation_size(c.oid) > 65536
          or greatest(s.last_analyze, s.last_autoanalyze) < now() - interval '20 seconds' and s.n_mod_since_analyze > 1000 + s.n_live_tup / 25)`);

/** Looks at a table's rows again where many have changed. */
async function refresh(db: Db): Promise<void> {
  for (const { name } of await db.rows<{ name: string }>(STALE, [TABLES]))
    await db.rows(dynamicSql(`/* statistics.analyze */ analyze (skip_locked) ${name}`));
}

const LOOK_MS = 10_000;

/** Without statistics searches are slow, not wrong: what fails is only logged. */
export const startStatistics = ({ db, log }: { db: Db; log: Log }): Repeating =>
  repeating(
    LOOK_MS,
    () => refresh(db),
    (error) => isFault(error, 'forbidden') || log.warn({ err: error }, 'could not gather statistics'),
  );

/** How often a process looks whether there are statistics yet. */
const AGAIN_MS = 1_000;
const FIRST = sql(`/* statistics.first */
  select count(*)::integer as missing from pg_class
   where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname in ('runs', 'run_metrics') and reltuples < 0`);
const known = new WeakMap<Db, { has: boolean; lookedAt: number; look: Promise<void> | null }>();

/** Before a statement that joins a lot: makes the first statistics, if nobody has yet. Afterwards it costs nothing. */
export async function ensureStatistics(db: Db): Promise<void> {
  if (!isPool(db)) return;
  const state = known.get(db) ?? { has: false, lookedAt: 0, look: null };
  known.set(db, state);
  if (state.has) return;
  const now = Date.now();
  if (state.look === null && now - state.lookedAt >= AGAIN_MS) {
    state.lookedAt = now;
    const look = async () => {
      await refresh(db).catch(() => {});
      state.has = (await db.row<{ missing: number }>(FIRST))?.missing === 0;
    };
    state.look = look().finally(() => {
      state.look = null;
    });
  }
  // A search that fails for want of statistics fails by itself.
  await state.look?.catch(() => {});
}
