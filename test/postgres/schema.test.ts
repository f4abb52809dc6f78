// prisma/schema.prisma says what the migrations make: tables, columns, types, null or not, keys, unique sets, indexes.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

type Table = { columns: Record<string, string>; key: string[]; unique: string[]; indexes: Record<string, string[]> };

const TYPES: Record<string, string> = {
  Int: 'integer',
  BigInt: 'bigint',
  String: 'text',
  Boolean: 'boolean',
  Float: 'double precision',
  Bytes: 'bytea',
  Json: 'jsonb',
  DateTime: 'timestamp without time zone',
  '@db.Uuid': 'uuid',
  '@db.Timestamptz': 'timestamp with time zone',
};

/** The schema uses a small part of Prisma's language: no relations, no enums. What isn't understood here fails. */
function readSchema(text: string): Record<string, Table> {
  const tables: Record<string, Table> = {};
  for (const [, body] of text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const names = new Map<string, string>();
    const table: Table = { columns: {}, key: [], unique: [], indexes: {} };
    const columnsOf = (list: string) =>
      list
        .replaceAll(/\([^)]*\)/g, '')
        .split(',')
        .map((name) => names.get(name.trim())!);
    let tableName = '';
    for (const line of body!.split('\n').map((one) => one.trim())) {
      if (line === '' || line.startsWith('//')) continue;
      const [, block, list = ''] = /^@@(\w+)\((?:\[(.*)\])?/.exec(line) ?? [];
      const mapped = /@map\("(\w+)"\)|map: "(\w+)"/.exec(line);
      if (block === 'map') tableName = mapped![1]!;
      else if (block === 'id') table.key = columnsOf(list);
      else if (block === 'unique') table.unique.push(columnsOf(list).sort().join());
      else if (block === 'index') table.indexes[mapped![2]!] = columnsOf(list);
      else {
        const [, field, type, list_, optional] = /^(\w+)\s+(Unsupported\("\w+"\)|\w+)(\[\])?(\?)?/.exec(line) ?? [];
        if (!field || !type) throw new Error(`This line is not understood: ${line}`);
        const column = mapped?.[1] ?? field;
        names.set(field, column);
        const native = /@db\.\w+/.exec(line)?.[0];
        const sqlType = /Unsupported\("(\w+)"\)/.exec(type)?.[1] ?? TYPES[native ?? type] ?? `unknown ${native ?? type}`;
        const filled = /@default\(/.test(line) ? ' default' : '';
        table.columns[column] = `${sqlType}${list_ ? '[]' : ''}${optional ? ' null' : ''}${filled}`;
        if (/@id\b/.test(line)) table.key = [column];
        if (/@unique\b/.test(line)) table.unique.push(column);
      }
    }
    tables[tableName] = table;
  }
  return tables;
}

async function readDatabase(): Promise<Record<string, Table>> {
  const { pool } = database.db;
  const tables: Record<string, Table> = {};
  const columns = await pool.query<{ table: string; column: string; type: string; nullable: boolean; filled: boolean }>(`
    select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type, not a.attnotnull as nullable,
           a.atthasdef or a.attidentity <> '' as filled
      from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
       and c.relname <> '_prisma_migrations' order by 1, a.attnum`);
  for (const row of columns.rows) {
    tables[row.table] ??= { columns: {}, key: [], unique: [], indexes: {} };
    tables[row.table]!.columns[row.column] = `${row.type}${row.nullable ? ' null' : ''}${row.filled ? ' default' : ''}`;
  }
  const indexes = await pool.query<{ table: string; name: string; primary: boolean; unique: boolean; columns: string[] }>(`
    select c.relname as table, i.relname as name, x.indisprimary as primary, x.indisunique as unique,
           array_agg(a.attname::text order by k.position) as columns
      from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
      cross join unnest(x.indkey::smallint[]) with ordinality as k (attnum, position)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
     where c.relnamespace = 'public'::regnamespace and c.relname <> '_prisma_migrations' and x.indexprs is null and x.indpred is null
     group by 1, 2, 3, 4`);
  for (const { table, name, primary, unique, columns: names } of indexes.rows) {
    const one = tables[table]!;
    if (primary) one.key = names;
    else if (unique) one.unique.push([...names].sort().join());
    else one.indexes[name] = names;
  }
  return tables;
}

test('the Prisma schema and the migrations describe the same tables', async () => {
  const schema = readSchema(await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8'));
  const tables = await readDatabase();
  expect(Object.keys(schema).sort()).toEqual(Object.keys(tables).sort());
  for (const [name, table] of Object.entries(schema)) {
    const real = tables[name]!;
    expect({ name, columns: table.columns, key: table.key }).toEqual({ name, columns: real.columns, key: real.key });
    expect({ name, unique: [...table.unique].sort() }).toEqual({ name, unique: [...real.unique].sort() });
    // There may be others, for what Prisma can't say or doesn't need.
    expect({ name, indexes: real.indexes }).toMatchObject({ name, indexes: table.indexes });
  }
});

test('every table with a team starts its key with it', async () => {
  for (const [name, table] of Object.entries(await readDatabase())) {
    // Where it may be null the row is the server's, and found without it.
    if (!/^integer(?! null)/.test(table.columns.team_id ?? '')) continue;
    expect([name, table.key[0]]).toEqual([name, 'team_id']);
  }
});
