// `node scripts/prune.mjs`: leaves in node_modules what the server needs to run, and nothing else. `npm prune --omit=dev` keeps peers of dependencies too:
// Prisma's client names Prisma's command line (and with it TypeScript, React, a second Postgres) as one, and never loads it.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const read = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** As Node looks for it: beside, then further up. */
function find(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(found, 'package.json'))) return found;
    if (folder === path.dirname(folder)) return undefined;
  }
}

const root = process.cwd();
const kept = new Set();
const waiting = [root];
for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
  const { dependencies = {}, optionalDependencies = {} } = read(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = find(name, folder);
    if (found === undefined && !(name in optionalDependencies)) throw new Error(`${name}, which ${folder} needs, is not installed.`);
    if (found === undefined || kept.has(found)) continue;
    kept.add(found);
    waiting.push(found);
  }
}

/** Every package below a node_modules, those inside of others too. */
function* packages(modules) {
  if (!existsSync(modules)) return;
  for (const name of readdirSync(modules)) {
    const folder = path.join(modules, name);
    if (name.startsWith('@')) for (const inner of readdirSync(folder)) yield path.join(folder, inner);
    else if (!name.startsWith('.')) yield folder;
  }
}

function prune(modules) {
  for (const folder of [...packages(modules)]) {
    if (kept.has(folder)) prune(path.join(folder, 'node_modules'));
    else rmSync(folder, { recursive: true, force: true });
  }
}
prune(path.join(root, 'node_modules'));

/** Prisma's client brings a compiler of queries for each database in two sizes, each twice: 68 MB, of which the generated client loads one file. */
function pruneCompilers() {
  const runtime = path.join(root, 'node_modules/@prisma/client/runtime');
  const compilers = readdirSync(runtime).filter((name) => name.startsWith('query_compiler_'));
  const built = readdirSync(path.join(root, 'dist'), { recursive: true }).filter((name) => name.endsWith('.js'));
  const text = built.map((name) => readFileSync(path.join(root, 'dist', name), 'utf8')).join('\n');
  const used = new Set(
    compilers.filter((name) => text.includes(`@prisma/client/runtime/${name}"`) || text.includes(`@prisma/client/runtime/${name}'`)),
  );
  if (used.size === 0) throw new Error('dist/ loads no query compiler of Prisma: build first, or see what its name is now.');
  for (const name of compilers) if (!used.has(name)) rmSync(path.join(runtime, name));
}
pruneCompilers();
process.stdout.write(`${kept.size} packages are left.\n`);
