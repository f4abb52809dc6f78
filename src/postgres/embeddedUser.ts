// As whom the embedded Postgres runs. Postgres refuses root. So a server started by root runs it as another user, who may not reach every folder.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { StartError } from '../lib/errors.ts';

const run = promisify(execFile);

export type User = { uid: number; gid: number; name: string };
type Account = User | undefined;

async function accounts(): Promise<User[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
}

/** undefined = as whoever started this process. The owner of a cluster that is there already, else `postgres` or `nobody`. */
export async function findUser(cluster: string): Promise<Account> {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  const known = await accounts();
  const owner = await stat(cluster).catch(() => undefined);
  const name = known.find((one) => one.uid === owner?.uid)?.name ?? String(owner?.uid);
  if (own !== 0) {
    if (owner && owner.uid !== own) {
      throw new StartError(
        `The database in ${cluster} belongs to the user ${name}. Start Runledger as that user, or set RUNLEDGER_DATA_DIR to a folder of your own.`,
      );
    }
    return undefined;
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name };
  const found = ['postgres', 'nobody'].map((wanted) => known.find((one) => one.name === wanted)).find(Boolean);
  if (!found)
    throw new StartError('Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as. Start Runledger as another user.');
  return found;
}

/** Whether a shell that runs as `user` ends with 0. `args` are its $1, $2, … */
export const holdsAs = (user: User, script: string, ...args: string[]): Promise<boolean> =>
  run('/bin/sh', ['-c', script, 'sh', ...args], { uid: user.uid, gid: user.gid, cwd: '/' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      // spawn itself failed: a container may lack the capability to change users.
      if (error.code === 'EPERM')
        throw new StartError(`Postgres does not run as root, and this process may not start it as "${user.name}". Start Runledger as another user.`);
      return false;
    },
  );

export const canEnter = async (user: Account, folder: string): Promise<boolean> => !user || (await holdsAs(user, 'cd -- "$1"', folder));

export type Command = { program: string; args: string[]; options: { uid?: number; gid?: number; cwd: string } };

/** How to run a program as `user`. */
export const commandAs = (user: Account, program: string, args: string[]): Command => ({
  program,
  args,
  options: { ...(user && { uid: user.uid, gid: user.gid }), cwd: '/' },
});

/**
 * The same, passing folders that `user` may not enter: clusters that stand in a folder of root's alone are run where they are.
 * Needs setpriv and the right to keep one capability; undefined without.
 */
export async function passingCommandAs(user: User, folder: string, program: string, args: string[]): Promise<Command | undefined> {
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--bounding-set=-all,+dac_override'];
  const as = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...keep];
  const works = await run('setpriv', [...as, '/bin/sh', '-c', 'cd -- "$1"', 'sh', folder]).then(
    () => true,
    () => false,
  );
  return works ? { program: 'setpriv', args: [...as, program, ...args], options: { cwd: '/' } } : undefined;
}
