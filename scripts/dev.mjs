// `npm run dev`: the server straight from src/, started again after each change, and the page with reload at port 5173. What the page asks goes on to the server.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createServer } from 'vite';
import { quietly } from './quietly.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const port = process.env.RUNLEDGER_PORT ?? '5000';
const target = `http://127.0.0.1:${port}`;
const QUIET_MS = 200;

quietly(['scripts/generate.mjs']);
const page = await createServer({
  configFile: 'web/vite.config.ts',
  base: '/',
  server: {
    host: '127.0.0.1',
    proxy: { '^(/t/[^/]+)?/(api|ajax-api|graphql|artifacts|health|ready|metrics|version)(/|\\?|$)': { target, ws: true } },
  },
});
await page.listen();

const env = {
  ...process.env,
  RUNLEDGER_PORT: port,
  RUNLEDGER_PUBLIC_URL: process.env.RUNLEDGER_PUBLIC_URL ?? page.resolvedUrls.local[0].replace(/\/$/, ''),
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  NODE_NO_WARNINGS: '1',
};
let server;
let ended;
const start = () => {
  server = spawn(process.execPath, ['--import', pathToFileURL('scripts/strip-types.mjs').href, 'src/main.ts'], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  ended = new Promise((resolve) => server.once('exit', resolve));
};
const stop = () => {
  server.kill('SIGTERM');
  return ended;
};
start();

const changed = new Set();
let busy = false;
let timer;
/** One that comes while the server is started again is looked at afterwards. */
async function restart() {
  if (busy) return;
  busy = true;
  const files = [...changed];
  changed.clear();
  process.stdout.write(`${files.join(', ')}: starting again…\n`);
  await stop();
  if (files.some((file) => file.endsWith('.graphql') || file.endsWith('.prisma'))) quietly(['scripts/generate.mjs']);
  start();
  busy = false;
  if (changed.size > 0) timer = setTimeout(restart, QUIET_MS);
}
const note = (folder) => (_event, name) => {
  if (!name || name.endsWith('.gen.ts') || name.startsWith(path.join('postgres', 'prisma'))) return;
  changed.add(path.join(folder, name));
  clearTimeout(timer);
  timer = setTimeout(restart, QUIET_MS);
};
for (const folder of ['src', 'prisma']) watch(folder, { recursive: true }, note(folder));

// Vite would end this process before the server has finished.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.removeAllListeners(signal);
  process.on(signal, async () => {
    await Promise.all([stop(), page.close()]);
    process.exit(0);
  });
}
