// A server of one's own for scripts: started as `npm start` would, on an empty data folder that goes when it is stopped.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const start = path.join(path.dirname(fileURLToPath(import.meta.url)), 'start.mjs');

/** The administrator signs in by `email` and `password`; `token` is an API token of theirs: 40 letters and digits. */
export async function serveAside({ token, email, password }) {
  const data = mkdtempSync(path.join(tmpdir(), 'runledger-aside-'));
  // Postgres runs as another user than root.
  chmodSync(data, 0o711);
  const env = {
    ...process.env,
    RUNLEDGER_DATA_DIR: data,
    RUNLEDGER_PORT: '0',
    RUNLEDGER_ADMIN_TOKEN: token,
    RUNLEDGER_ADMIN_EMAIL: email,
    RUNLEDGER_ADMIN_PASSWORD: password,
  };
  const child = spawn(process.execPath, [start], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
      const found = /serving at (http:\/\/[\d.]+:\d+)/.exec(text);
      if (found) resolve(found[1]);
    });
    child.on('exit', () => reject(new Error(`The server ended:\n${text}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url, stop };
}
