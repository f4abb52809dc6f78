// Compiles the server to dist/ and, where there is one, the page to web/dist/. `npm start` calls this when a source is newer than the build.
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { buildPage } from './page.mjs';
import { quietly } from './quietly.mjs';

rmSync('dist', { recursive: true, force: true });
quietly(['scripts/generate.mjs']);
quietly(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
for (const folder of ['schema', 'mlflow/documents'])
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true, filter: (file) => !file.endsWith('.ts') });
buildPage();
writeFileSync('dist/.built', `${new Date().toISOString()}\n`);
