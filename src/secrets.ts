// Secrets that were generated because nobody configured them, kept in the data folder (readable by its owner alone) so that later starts are the same.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export type Secrets = { jwtSecret: string; databasePassword: string; adminEmail?: string; adminPassword?: string; adminToken?: string };

/** Reads the secrets, making those that every installation needs. */
export async function readSecrets(dataDir: string): Promise<Secrets> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const text = await readFile(file(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const kept = JSON.parse(text) as Partial<Secrets>;
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
