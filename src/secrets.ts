// Secrets that were generated because nobody configured them. They lie in the data folder, readable by its owner alone, so that later starts have
// the same.
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder } from './lib/dataFolder.ts';
import { StartError } from './lib/errors.ts';

export type Secrets = { jwtSecret: string; databasePassword: string; adminEmail?: string; adminPassword?: string; adminToken?: string };

/** Reads the secrets, making those that every installation needs; not where a database stands already, which was made with others. */
export async function readSecrets(dataDir: string): Promise<Secrets> {
  await makeDataFolder(dataDir);
  const kept = await read(dataDir);
  if (typeof kept === 'object' && kept.jwtSecret && kept.databasePassword) return kept as Secrets;
  if (await stat(path.join(dataDir, 'postgres/PG_VERSION')).catch(() => null)) {
    const what = kept === 'missing' ? 'is not there' : kept === 'broken' ? 'is not JSON any more' : 'has no database password any more';
    throw new StartError(
      `${file(dataDir)} ${what}, and the database beside it can't be used without its password. Bring the file back from a backup, or see "Lost secrets" in docs/deploy.md.`,
    );
  }
  // Half of a first start: nothing was made with them yet.
  const secrets: Secrets = {
    jwtSecret: randomBytes(32).toString('hex'),
    databasePassword: randomBytes(16).toString('hex'),
    ...(typeof kept === 'object' && kept),
  };
  await writeSecrets(dataDir, secrets);
  return secrets;
}

/** What an earlier start has kept, if anything; for servers that need none of it. */
export async function readKept(dataDir: string): Promise<Partial<Secrets>> {
  const kept = await read(dataDir).catch(() => 'missing' as const);
  return typeof kept === 'object' ? kept : {};
}

export async function writeSecrets(dataDir: string, secrets: Partial<Secrets>): Promise<void> {
  await writePrivate(file(dataDir), `${JSON.stringify(secrets, null, 2)}\n`);
}

/** Appears whole or not at all, also where the power goes; for its owner alone. */
export async function writePrivate(target: string, text: string): Promise<void> {
  const temporary = `${target}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, target);
}

const file = (dataDir: string) => path.join(dataDir, 'secrets.json');

async function read(dataDir: string): Promise<Partial<Secrets> | 'missing' | 'broken'> {
  const text = await readFile(file(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return 'missing';
  try {
    const kept: unknown = JSON.parse(text);
    const isRight = typeof kept === 'object' && kept !== null && !Array.isArray(kept) && Object.values(kept).every((one) => typeof one === 'string');
    return isRight ? kept : 'broken';
  } catch {
    return 'broken';
  }
}
