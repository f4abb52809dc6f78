// Points that an earlier version stored, a row each, are packed by the migration and read the same.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compactRuns } from '../../src/points/compact/compaction.ts';
import { pointsAfter } from '../../src/points/read/history.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
const RUN = '0123456789abcdef0123456789abcdef';

test('points stored by an earlier version come over', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-migration-'));
  for (const name of ['0001_foundation', '0002_webhooks', '0003_search_values'])
    await cp(path.join(MIGRATIONS, name), path.join(folder, name), { recursive: true });
  const database = await freshDatabaseUrl(null);
  const db = openPool(database.url, { max: 2 });
  await migrate(db, folder);
  await db.rows({ text: "insert into teams (slug, name) values ('a', 'a')" });
  await db.rows(
    {
      text: `insert into metric_points (team_id, run_id, key_id, step, timestamp, value)
        select 1, $1::uuid, k, s, s, case s when 7 then 'NaN' when 8 then '-0' else s / 2.0 end from generate_series(1, 3) k, generate_series(0, 9999) s
        union all select 1, $1::uuid, 1, 9223372036854775807, -9223372036854775808, 'Infinity'`,
    },
    [RUN],
  );
  await migrate(db);
  const expected = [
    ...Array.from({ length: 10_000 }, (_none, s) => ({ step: s, timestamp: s, value: s === 7 ? Number.NaN : s === 8 ? 0 : s / 2 })),
    { step: 2n ** 63n - 1n, timestamp: -(2n ** 63n), value: Number.POSITIVE_INFINITY },
  ];
  expect(await pointsAfter(db, 1, RUN, 1, null, 20_000)).toEqual(expected);
  while (await compactRuns(db, 1, [RUN]));
  expect(await pointsAfter(db, 1, RUN, 1, null, 20_000)).toEqual(expected);
  expect(await pointsAfter(db, 1, RUN, 3, null, 20_000)).toEqual(expected.slice(0, -1));
  await db.end();
  await database.drop();
  await rm(folder, { recursive: true });
});
