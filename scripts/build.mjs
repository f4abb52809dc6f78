// Compiles the server to dist/ and, where there is one, the page to web/dist/. `npm start` calls this when a source is newer than the build.
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { quietly } from './quietly.mjs';

rmSync('dist', { recursive: true, force: true });
quietly(['scripts/generate.mjs']);
quietly(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
for (const folder of ['schema', 'mlflow/graphql'])
  cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true, filter: (file) => !file.endsWith('.ts') });
if (existsSync('web/vite.config.ts')) quietly(['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn']);
writeFileSync('dist/.built', `${new Date().toISOString()}\n`);
