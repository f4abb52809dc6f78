// Many runs from few, by SQL: copies the rows of an experiment's runs under new ids, whatever tables hold them. For sizes where logging them would take hours.
import type pg from 'pg';
import { connect, fillUnindexed, inLanes } from './unindexed.ts';

type Table = { name: string; columns: string[] };

/**
 * Tables that hold runs or what belongs to them: those whose key has team_id and run_id. What only mentions runs, like a journal of changes,
 * is left out, and so is what is kept for a few minutes only.
 */
async function tablesOfRuns(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; column: string }>(
    `select c.relname as name, a.attname as column
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'metric_recent'
        and (select count(*) from pg_index i join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
              where i.indrelid = c.oid and i.indisprimary and (k.attname = 'team_id' or (k.attname = 'run_id' and k.atttypid = 'uuid'::regtype))) = 2
      order by pg_relation_size(c.oid) desc, c.relname, a.attnum`,
  );
  const tables = new Map<string, Table>();
  for (const { name, column } of rows) {
    const table = tables.get(name) ?? { name, columns: [] };
    table.columns.push(column);
    tables.set(name, table);
  }
  return [...tables.values()];
}

/** `have`: how many of the copies there are already; `base`: how many runs `from` has. */
export type Copies = { from: string; to: string; base: number; have: number; count: number; shift: number };

/**
 * Copies the runs of `from` until `to` has `count` of them, `base` a round. The copies of a round are `shift` milliseconds younger than those of the
 * one before, and their values are the same. Throws where the tables can't be copied like that.
 */
export async function cloneRuns(url: string, { from, to, base, have, count, shift }: Copies): Promise<void> {
  const client = await connect(url);
  try {
    await client.query('drop schema if exists bench_clone cascade; create schema bench_clone');
    await client.query('create unlogged table bench_clone.pairs (round integer, old uuid, new uuid not null, primary key (round, old))');
    // Ids ordered as those of runs made one after the other.
    await client.query(
      `insert into bench_clone.pairs
       select round, run_id, (lpad(to_hex(x'019000000000'::bigint + round::bigint * 100000000 + n), 12, '0') || '7' || substr(md5(run_id::text || round), 1, 19))::uuid
         from generate_series($2::integer / $4::integer, ($3::integer - 1) / $4::integer) round,
              (select run_id, row_number() over (order by start_time, run_id) as n from runs where experiment_id = $1) r
        where round * $4 + n > $2 and round * $4 + n <= $3`,
      [Number(from), have, count, base],
    );
    const tables: Table[] = [];
    for (const table of await tablesOfRuns(client)) {
      const runs = `select run_id from runs where experiment_id = ${Number(from)}`;
      const { rowCount } = await client.query(
        `create unlogged table bench_clone.${table.name} as select * from ${table.name} where run_id in (${runs})`,
      );
      if (rowCount) tables.push(table);
    }
    await client.query('analyze');
    const rounds = Array.from({ length: Math.ceil(count / base) - Math.floor(have / base) }, (_none, index) => Math.floor(have / base) + index);
    const copy = async (lane: pg.Client, { name, columns }: Table) => {
      for (const round of rounds) {
        const selected = columns.map((column) => {
          if (column === 'run_id') return 'p.new';
          if (column === 'experiment_id') return `${Number(to)}`;
          if (column === 'start_time' || column === 'end_time') return `t.${column} + ${round * shift}`;
          return `t.${column}`;
        });
        const copies = `select ${selected.join(', ')} from bench_clone.${name} t join bench_clone.pairs p on p.old = t.run_id where p.round = ${round}`;
        await lane.query(`insert into ${name} (${columns.join(', ')}) ${copies}`);
        // While its pages are still in memory.
        if (round % 10 === 9) await lane.query(`vacuum ${name}`);
      }
      await lane.query(`vacuum ${name}`);
    };
    const names = tables.map((table) => table.name);
    await fillUnindexed(url, names, async () => {
      // The others may refer to it.
      const runs = tables.find((table) => table.name === 'runs')!;
      await inLanes(url, [(lane) => copy(lane, runs)]);
      await inLanes(
        url,
        tables.filter((table) => table !== runs).map((table) => (lane) => copy(lane, table)),
      );
    });
    await client.query('drop schema bench_clone cascade; analyze');
  } finally {
    await client.end();
  }
}
