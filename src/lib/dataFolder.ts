// Makes the folder that holds the secrets, the local artifacts and the embedded database.
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';

/** For its owner alone. A folder that is there stays as it is. */
export async function makeDataFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!first || process.getuid?.() !== 0) return;
  // The embedded Postgres does not run as root, and its user has to pass, whatever the umask is. What is inside keeps to itself.
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await chmod(made, 0o711);
}
