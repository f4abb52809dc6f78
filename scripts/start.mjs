// `npm start`, `npm run gc`: builds when there is no build or a source is newer than it, then serves, or runs the command that was named.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// npm hands SIGTERM to its shell, which ends without handing it on. `npm start` that is stopped must not leave a server behind.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) {
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  looking.unref();
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = ['src', 'prisma', 'web', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
const GENERATED = new Set([
  path.join(root, 'src/postgres/prisma'),
  path.join(root, 'src/graphql/types.gen.ts'),
  path.join(root, 'web/dist'),
  path.join(root, 'web/src/api/documents.gen.ts'),
]);

function newest(file) {
  if (!existsSync(file) || GENERATED.has(file)) return 0;
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const built = existsSync(path.join(root, 'dist/.built')) ? statSync(path.join(root, 'dist/.built')).mtimeMs : 0;
// An image ships the build without the compiler.
const canBuild = existsSync(path.join(root, 'node_modules/typescript'));
if (canBuild && Math.max(...SOURCES.map((name) => newest(path.join(root, name)))) > built) {
  if (isWritable(root)) {
    process.stdout.write('Building…\n');
    const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) process.exit(1);
  } else if (built === 0) {
    process.stderr.write(`Runledger is not built, and this user can't write to ${root}. Have its owner run: npm run build\n`);
    process.exit(1);
  } else process.stderr.write(`The build is older than the sources, and this user can't write to ${root}: serving it as it is.\n`);
}
// As in the image. Else GraphQL's executor looks for second copies of itself in every value, a twentieth of what a large answer takes.
process.env.NODE_ENV ??= 'production';
// The Dockerfile has a newer Node; on this one the AWS SDK would greet every start with a page about its future.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
await import(pathToFileURL(path.join(root, process.argv.length > 2 ? 'dist/ops/main.js' : 'dist/main.js')).href);
