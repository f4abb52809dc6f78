// Which servers may write to a database. A release that changes what all writers must keep raises GENERATION (identity.ts), and its migration
// raises the database's minimum_server_generation(). From then on the database refuses what older servers write (migration 0085): they would leave
// wrong values.
import { StartError } from '../lib/errors.ts';
import { GENERATION } from './identity.ts';
import { type Db, sql } from './pool.ts';

/** The sentence for servers that are too old. */
export const OUTDATED =
  'A newer Runledger has brought the database up to date, and this server is too old to write to it. Start the newer version; docs/deploy.md says how to go back.';

const KNOWN = sql(`/* generation.known */ select to_regprocedure('minimum_server_generation()') is not null as known`);
const MINIMUM = sql('/* generation.minimum */ select minimum_server_generation() as minimum');
const setMinimum = (to: number) => ({
  text: `create or replace function minimum_server_generation() returns integer language sql immutable as 'select ${to}'`,
});
const FORGET_SUMMARIES = sql('/* generation.forget_summaries */ update run_summaries set stale = true, data = null where not stale');

/**
 * Inside the transaction that migrates. Throws if the database is of a newer generation. Where older servers were let in (`admitOlder`) it keeps
 * them out again, and has the summaries rebuilt that they may have left behind.
 */
export async function claimGeneration(tx: Db): Promise<void> {
  // Tests apply a part of the migrations.
  if (!(await tx.row<{ known: boolean }>(KNOWN))!.known) return;
  const { minimum } = (await tx.row<{ minimum: number }>(MINIMUM))!;
  if (minimum > GENERATION) throw new StartError(OUTDATED);
  if (minimum === GENERATION) return;
  await tx.rows(setMinimum(GENERATION));
  await tx.rows(FORGET_SUMMARIES);
}

/** For the way back: the database takes what older servers write, until a server of this release starts again. */
export async function admitOlder(db: Db): Promise<void> {
  await db.rows(setMinimum(0));
}
