// A file system of a few megabytes, for full and read-only disks that are real. Needs root and the right to mount, which a container may lack.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type SmallDisk = { folder: string; readOnly(on: boolean): void; remove(): Promise<void> };

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });

/** null where it can't be mounted. */
export async function smallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-disk-'));
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder);
  } catch {
    await rm(folder, { recursive: true });
    return null;
  }
  return {
    folder,
    readOnly: (on) => void mount('-o', `remount,${on ? 'ro' : 'rw'}`, folder),
    async remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
