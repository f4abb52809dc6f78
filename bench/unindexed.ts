// Filling big tables fast: without their indexes and their log, over as many connections as there are cores, and afterwards as they were.
// Only the log stays off: a table that is read is the same without.
import { cpus, totalmem } from 'node:os';
import pg from 'pg';

/** What a lane may sort in memory. */
const SORT_MB = Math.min(2_000, Math.floor(totalmem() / 10 / 1024 ** 2));

type Index = { name: string; definition: string; constraint: string | null };

/** Works through `tasks`, each on one of a few connections. The first failure ends it. */
export async function inLanes(url: string, tasks: ((client: pg.Client) => Promise<unknown>)[]): Promise<void> {
  const waiting = [...tasks];
  const lane = async () => {
    const client = await connect(url);
    try {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task(client);
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      await client.end();
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(tasks.length, Math.max(2, cpus().length)) }, lane));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // The lanes are what uses the cores; and rows are to stand in the order of what they are made from.
  await client.query(`set synchronous_commit = off; set maintenance_work_mem = '${SORT_MB}MB'; set max_parallel_maintenance_workers = 0`);
  await client.query("set work_mem = '256MB'; set max_parallel_workers_per_gather = 0; set enable_nestloop = off; set enable_mergejoin = off");
  // What refers to what is right as it is made. Only a superuser may leave the checks out, who also leaves out triggers.
  await client.query('set session_replication_role = replica').catch(() => {});
  return client;
}

/** Those that no other table's references need. Partial ones are small, and what runs behind in the server looks there every few seconds. */
async function indexesOf(client: pg.Client, table: string): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition, pg_get_constraintdef(k.oid) as constraint
       from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
      where i.indrelid = $1::regclass and i.indpred is null and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = i.indexrelid)`,
    [table],
  );
  return rows;
}

/** An unlogged table can't be referred to by one that is logged. */
const UNLOGGED = `select 1 from pg_class c where c.oid = $1::regclass and c.relpersistence = 'p'
  and not exists (select from pg_constraint f where f.contype = 'f' and f.confrelid = c.oid)`;

/** Has `fill` put rows into the tables, and puts back what was taken from them whether or not it succeeds. */
export async function fillUnindexed(url: string, tables: string[], fill: () => Promise<void>): Promise<void> {
  const client = await connect(url);
  const dropped: { table: string; index: Index }[] = [];
  try {
    for (const table of tables) {
      await client.query(`alter table ${table} disable trigger user`);
      for (const index of await indexesOf(client, table)) {
        await client.query(index.constraint ? `alter table ${table} drop constraint ${index.name}` : `drop index ${index.name}`);
        dropped.push({ table, index });
      }
      const { rowCount } = await client.query(UNLOGGED, [table]);
      if (rowCount) await client.query(`alter table ${table} set unlogged`);
    }
    await fill();
  } finally {
    await inLanes(
      url,
      dropped.map(
        ({ index }) =>
          (lane) =>
            lane.query(index.definition),
      ),
    );
    for (const { table, index } of dropped) {
      const kind = index.constraint?.startsWith('PRIMARY') ? 'primary key' : 'unique';
      if (index.constraint) await client.query(`alter table ${table} add constraint ${index.name} ${kind} using index ${index.name}`);
    }
    for (const table of tables) await client.query(`alter table ${table} enable trigger user`);
    await client.end();
  }
}
