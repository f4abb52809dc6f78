// What is committed now, as text: "since then" is exact, in whatever order transactions commit. Of digits, colons and commas.
import { type Db, sql } from './pool.ts';

const SNAPSHOT = sql('/* postgres.snapshot */ select pg_current_snapshot()::text as snapshot');

export const currentSnapshot = async (db: Db): Promise<string> => (await db.row<{ snapshot: string }>(SNAPSHOT))!.snapshot;
