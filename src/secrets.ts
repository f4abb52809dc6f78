// Secrets that were generated because nobody configured them, kept in the data folder (readable by its owner alone) so that later starts are the same.
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder } from './lib/dataFolder.ts';
import { StartError } from './lib/errors.ts';

export type Secrets = { jwtSecret: string; databasePassword: string; adminEmail?: string; adminPassword?: string; adminToken?: string };

/** Reads the secrets, making those that every installation needs. */
export async function readSecrets(dataDir: string): Promise<Secrets> {
  await makeDataFolder(dataDir);
  const text = await readFile(file(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const kept = parse(text, dataDir);
  if (kept.jwtSecret && kept.databasePassword) return kept as Secrets;
  const secrets: Secrets = { ...kept, jwtSecret: randomBytes(32).toString('hex'), databasePassword: randomBytes(16).toString('hex') };
  await writeSecrets(dataDir, secrets);
  return secrets;
}

export async function writeSecrets(dataDir: string, secrets: Secrets): Promise<void> {
  const temporary = `${file(dataDir)}.new`;
  await writeFile(temporary, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file(dataDir));
}

const file = (dataDir: string) => path.join(dataDir, 'secrets.json');

function parse(text: string, dataDir: string): Partial<Secrets> {
  try {
    return JSON.parse(text) as Partial<Secrets>;
  } catch {
    throw new StartError(`${file(dataDir)} is not JSON any more. Bring it back from a backup: the database's password is in it.`);
  }
}
