// `npm run lock-migrations`: notes each new migration with its checksum in prisma/migrations.lock. One that is noted never changes again.
import { appendFileSync } from 'node:fs';
import { LOCK, readLock, readMigrations } from './migrations.mjs';

const locked = readLock();
const found = readMigrations();
const faults = [...locked].filter(([name, [sum]]) => found.get(name) !== sum).map(([name]) => name);
if (faults.length > 0) {
  process.stderr.write(
    `Not what prisma/migrations.lock notes: ${faults.join(', ')}. Put back what was there, and add a new migration for the change.\n`,
  );
  process.exit(1);
}
for (const [name, sum] of found) if (!locked.has(name)) appendFileSync(LOCK, `${name} ${sum}\n`);
