// Does the database answer, and take writes?
import { named } from '../postgres/errors.ts';
import { GENERATION } from '../postgres/identity.ts';
import { type Db, isPool, sql } from '../postgres/pool.ts';

const PING = sql('/* ping */ select 1 as one');
const STATE = `/* ping.state */ select minimum_server_generation() > $1::integer as outdated, current_setting('transaction_read_only') = 'on' as "readOnly"`;

export async function ping(db: Db): Promise<void> {
  await db.row(PING);
}

/** `outdated`: it takes no writes of this server. Answers or throws (a DatabaseFault where it can) by the deadline, whatever the pool is busy with. */
export async function stateOfDatabase(db: Db, withinMs: number): Promise<{ outdated: boolean; readOnly: boolean }> {
  if (!isPool(db)) throw new Error('the state of the database is asked for outside of transactions');
  try {
    return (await db.probe.ask<{ outdated: boolean; readOnly: boolean }>(STATE, [GENERATION], withinMs)).rows[0]!;
  } catch (error) {
    throw named(error);
  }
}
