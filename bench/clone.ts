// Many runs from few, by SQL: copies the rows of an experiment's runs under new ids, whatever tables hold them. For sizes where logging them would take hours.
import pg from 'pg';

type Table = { name: string; columns: { name: string; type: string }[] };

/**
 * Tables that hold runs or what belongs to them: those whose key has team_id and run_id. What only mentions runs, like a journal of changes,
 * is left out. `runs` comes first, since others may refer to it.
 */
async function tablesOfRuns(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; column: string; type: string }>(
    `select c.relname as name, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and (select count(*) from pg_index i join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
              where i.indrelid = c.oid and i.indisprimary and (k.attname = 'team_id' or (k.attname = 'run_id' and k.atttypid = 'uuid'::regtype))) = 2
      order by c.relname <> 'runs', c.relname, a.attnum`,
  );
  const tables = new Map<string, Table>();
  for (const { name, column, type } of rows) {
    const table = tables.get(name) ?? { name, columns: [] };
    table.columns.push({ name: column, type });
    tables.set(name, table);
  }
  return [...tables.values()];
}

/**
 * Copies the runs of `from` until `to` has `count` of them, `base` at a time. The k-th copy is `k` times `shift` milliseconds younger, and
 * its values are the same. Throws where the tables can't be copied like that; nothing is left behind then but whole rounds.
 */
export async function cloneRuns(url: string, given: { from: string; to: string; base: number; count: number; shift: number }): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await tablesOfRuns(client);
    await client.query('create temporary table pairs (old uuid primary key, new uuid not null)');
    for (let round = 0; round * given.base < given.count; round++) {
      const size = Math.min(given.base, given.count - round * given.base);
      await client.query('begin');
      await client.query('truncate pairs');
      // Ids ordered as those of runs made one after the other.
      await client.query(
        `insert into pairs select run_id, (lpad(to_hex(x'019000000000'::bigint + $2::bigint * 100000000 + n), 12, '0') || '7' || substr(md5(run_id::text || $2), 1, 19))::uuid
           from (select run_id, row_number() over (order by start_time, run_id) as n from runs where experiment_id = $1 order by start_time, run_id limit $3) r`,
        [Number(given.from), round, size],
      );
      for (const { name, columns } of tables) {
        const selected = columns.map(({ name: column }) => {
          if (column === 'run_id') return 'p.new';
          if (column === 'experiment_id') return `${Number(given.to)}`;
          if (column === 'start_time' || column === 'end_time') return `t.${column} + ${round * given.shift}`;
          return `t.${column}`;
        });
        // Triggers may have made the row already.
        await client.query(
          `insert into ${name} (${columns.map((column) => `"${column.name}"`).join(', ')}) select ${selected.join(', ')} from ${name} t join pairs p on p.old = t.run_id on conflict do nothing`,
        );
      }
      await client.query('commit');
    }
    await client.query('vacuum (analyze)');
  } finally {
    await client.end();
  }
}
