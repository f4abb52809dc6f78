// Builds the page with the Vite of its own workspace, wherever npm has put that.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const web = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'web');

/** Writes web/dist. Throws where the build fails. */
export function buildPage() {
  const vite = path.dirname(createRequire(path.join(web, 'package.json')).resolve('vite/package.json'));
  execFileSync(process.execPath, [path.join(vite, 'bin/vite.js'), 'build', web, '--logLevel', 'warn'], { stdio: 'inherit' });
}
