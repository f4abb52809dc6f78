// Does the database answer?
import { type Db, sql } from '../postgres/pool.ts';

const PING = sql('/* ping */ select 1 as one');

export async function ping(db: Db): Promise<void> {
  await db.row(PING);
}
