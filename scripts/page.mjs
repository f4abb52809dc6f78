// Builds the page with the Vite of its own workspace, wherever npm has put that.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietly } from './quietly.mjs';

const web = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'web');

/** Writes web/dist. Ends the process where the build fails. */
export function buildPage() {
  const vite = path.dirname(createRequire(path.join(web, 'package.json')).resolve('vite/package.json'));
  quietly([path.join(vite, 'bin/vite.js'), 'build', web, '--logLevel', 'warn']);
}
