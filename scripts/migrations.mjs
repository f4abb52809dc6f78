// The migrations and their checksums, as they are and as prisma/migrations.lock notes them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const LOCK = path.join(root, 'prisma/migrations.lock');

export const checksum = (text) => createHash('sha256').update(text).digest('hex');

/** name → [checksum, those it had before, …] */
export function parseLock(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => line.split(' ')).map(([name, ...sums]) => [name, sums]));
}
export const readLock = () => parseLock(readFileSync(LOCK, 'utf8'));

/** name → checksum, in the order in which they are applied. */
export function readMigrations() {
  const folder = path.join(root, 'prisma/migrations');
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'migration.sql')));
  return new Map(names.sort().map((name) => [name, checksum(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))]));
}
