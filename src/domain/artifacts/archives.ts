// A folder of artifacts as one zip, made while it is sent. Memory holds only the list of files and a piece of one of them. Files are stored, not
// compressed: most of what runs keep is compressed already, and the length is known before the first byte.
import { Readable } from 'node:stream';
import { makeZip, predictLength } from 'client-zip';
import type { Deps, TeamCtx } from '../../context.ts';
import { AppError, limitExceeded, notFound } from '../../lib/errors.ts';
import { checkPath, type ObjectKey } from '../../storage/objectKeys.ts';
import { openFile } from './files.ts';
import { type LinkFacts, openLink, sign } from './links.ts';
import { folderIn, type Home } from './locations.ts';

export const ARCHIVE_PATH = '/artifacts/archive';
export const MAX_ARCHIVE_FILES = 20_000;
export const MAX_ARCHIVE_BYTES = 100 * 1024 ** 3;

/** `url` works for ten minutes, for whoever holds it. `bytes` is the sum of the files. */
export type Archive = { url: string; files: number; bytes: number };
type Member = { key: ObjectKey; name: string; size: number };
type Limits = { files: number; bytes: number };
const LIMITS: Limits = { files: MAX_ARCHIVE_FILES, bytes: MAX_ARCHIVE_BYTES };

/** The folder that everything unpacks into: one name that no system takes for a path or a device of its own. */
const folderName = (name: string) =>
  name
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/g, '_')
    .replace(/^\.+|[. ]+$/g, '_')
    .slice(0, 100) || 'artifacts';

/** Files that clients may name, by path below the folder. Throws NOT_FOUND for an empty folder, LIMIT_EXCEEDED. */
async function membersOf({ store }: Pick<Deps, 'store'>, folder: ObjectKey, limits: Limits): Promise<Member[]> {
  const members: Member[] = [];
  let bytes = 0;
  for await (const { key, size } of store.walk(folder)) {
    const name = key.slice(folder.length + 1);
    if (!isSafe(name)) continue;
    members.push({ key, name, size });
    bytes += size;
    if (members.length > limits.files || bytes > limits.bytes) {
      throw limitExceeded(
        `This folder has more than ${limits.files} files or ${limits.bytes / 1024 ** 3} GiB. Download its folders one by one, or all of it with mlflow.artifacts.download_artifacts.`,
        { argument: 'path' },
      );
    }
  }
  if (members.length === 0) throw notFound('There are no files in this folder.');
  return members;
}

/** What another program put into the store under a name that leads out of a folder is not passed on. */
function isSafe(name: string): boolean {
  try {
    return checkPath(name) === name;
  } catch {
    return false;
  }
}

/** Where to get a folder of a home as a zip. `title` names it; the folder's own path is added. */
export async function createArchive(ctx: TeamCtx, home: Home, path: string, title: string, limits = LIMITS): Promise<Archive> {
  const folder = folderIn(ctx, home, path);
  const members = await membersOf(ctx, folder.key, limits);
  const below = folder.path.slice(home.path.length).replaceAll('/', '-');
  return {
    url: sign(ctx, 'ZIP', { ...folder, name: folderName(title + below) }, ARCHIVE_PATH),
    files: members.length,
    bytes: members.reduce((sum, { size }) => sum + size, 0),
  };
}

export type OpenedArchive = { name: string; size: bigint; body: Readable };

/** The zip that a signed address stands for. Destroying the body closes the file under way. Throws as openLink and createArchive do. */
export async function openArchive(deps: LinkFacts, token: string): Promise<OpenedArchive> {
  const { key, name } = (await openLink(deps, 'ZIP', token)).place;
  const members = (await membersOf(deps, key, LIMITS)).map((one) => ({ ...one, name: `${name}/${one.name}` }));
  return { name: `${name}.zip`, size: predictLength(members), body: Readable.fromWeb(makeZip(contents(deps, members)) as never) };
}

async function* contents(deps: Pick<Deps, 'store'>, members: Member[]) {
  for (const { key, name, size } of members) {
    const file = await openFile(deps, { key, path: name });
    try {
      // The length of the whole is promised already; a file that was replaced meanwhile ends the download.
      if (file.size !== size) throw new AppError('CONFLICT', `'${name}' has changed while the folder was being downloaded. Try again.`);
      yield { name, size, lastModified: file.lastModified, input: file.body };
    } finally {
      file.body.destroy();
    }
  }
}
