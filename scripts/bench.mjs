// `npm run bench`: compiles the server and bench/ into a folder of their own (dist/ stays as it is) and runs the measurements. Options: docs/bench.md.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = mkdtempSync(path.join(tmpdir(), 'runledger-bench-build-'));
process.on('exit', () => rmSync(out, { recursive: true, force: true }));
const run = (...args) => execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

if (!existsSync(path.join(root, 'src/postgres/prisma/client.ts')) || !existsSync(path.join(root, 'src/graphql/types.gen.ts')))
  run('scripts/generate.mjs');
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json', '--outDir', out);
for (const folder of ['src/schema', 'src/mlflow/documents']) {
  cpSync(path.join(root, folder), path.join(out, folder), { recursive: true, filter: (file) => !file.endsWith('.ts') });
}
for (const name of ['package.json', 'prisma']) cpSync(path.join(root, name), path.join(out, name), { recursive: true });
symlinkSync(path.join(root, 'node_modules'), path.join(out, 'node_modules'));

// Ctrl-C reaches both; the child stops the servers it started, and this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
const child = spawn(process.execPath, ['--enable-source-maps', path.join(out, 'bench/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
