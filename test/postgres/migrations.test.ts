// A migration that is on main never changes, and a database that ran 0080 before it was extended is repaired by the next start.
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checksum, parseLock, readLock, readMigrations } from '../../scripts/migrations.mjs';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { freshDatabaseUrl } from '../support/database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const git = (...args: string[]): string | undefined => {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
};
/** Where this branch left main: what came there since is no concern of it. */
const MAIN = ['origin/main', 'main', 'HEAD'].map((ref) => git('merge-base', ref, 'HEAD')?.trim()).find(Boolean);

test('prisma/migrations.lock notes every migration as it is', () => {
  const noted = [...readLock()].map(([name, [sum]]) => [name, sum]);
  expect(noted.sort(), 'run npm run lock-migrations after adding a migration; never change one').toEqual([...readMigrations()]);
});

test.runIf(MAIN)('no migration on main has changed since it came there, but for those whose earlier checksums are noted', () => {
  const now = readLock();
  const unknown: string[] = [];
  const check = (name: string, sum: string, where: string) => {
    if (!now.get(name)?.includes(sum)) unknown.push(`${name} of ${where}`);
  };
  // Both what main holds and every change on its way, merges as one.
  const changed = git(
    'log',
    '--first-parent',
    '-m',
    '--diff-filter=DMR',
    '--no-renames',
    '--format=commit %H',
    '--name-only',
    MAIN!,
    '--',
    'prisma/migrations',
  )!;
  let commit = '';
  for (const line of changed.split('\n')) {
    if (line.startsWith('commit ')) commit = line.slice(7);
    const name = /^prisma\/migrations\/([^/]+)\/migration\.sql$/.exec(line)?.[1];
    if (name) check(name, checksum(git('show', `${commit}^:${line}`) ?? ''), `${commit.slice(0, 7)}^`);
  }
  for (const file of git('ls-tree', '-r', '--name-only', MAIN!, 'prisma/migrations')!
    .split('\n')
    .filter((one) => one.endsWith('migration.sql'))) {
    check(file.split('/')[2]!, checksum(git('show', `${MAIN}:${file}`)!), MAIN!);
  }
  for (const [name, sums] of parseLock(git('show', `${MAIN}:prisma/migrations.lock`) ?? ''))
    for (const sum of sums) check(name, sum, `${MAIN}'s lock`);
  expect(unknown).toEqual([]);
});

test('a database that ran 0080 before it was extended starts again, and has what was added', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-migrations-'));
  const { url, drop } = await freshDatabaseUrl(null);
  const db = openPool(url, { max: 2 });
  try {
    await cp(path.join(ROOT, 'prisma/migrations'), folder, { recursive: true });
    const file = path.join(folder, '0080_creates_in_batches/migration.sql');
    const text = await readFile(file, 'utf8');
    const added = text.slice(text.indexOf('-- Updates are still'), text.indexOf('-- It locked'));
    await writeFile(file, text.replace(added, ''));
    await rm(path.join(folder, '0082_updates_noted'), { recursive: true });
    await migrate(db, folder);
    const body = async () =>
      (await db.rows<{ src: string }>({ text: `select prosrc as src from pg_proc where proname = 'note_run_change'` }))[0]!.src;
    expect(added).not.toContain(await body());

    expect(await migrate(db)).toEqual(['0082_updates_noted']);
    expect(added).toContain(await body());
    expect(await migrate(db)).toEqual([]);
  } finally {
    await db.end();
    await drop();
    await rm(folder, { recursive: true });
  }
});
