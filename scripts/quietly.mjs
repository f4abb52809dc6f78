// Runs a tool of the build without a word, unless it fails: then with all it said.
import { spawnSync } from 'node:child_process';

/** `args` are Node's. Ends this process when the tool fails. */
export function quietly(args, env = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n${args[0]} failed (${signal ?? status}).\n`);
  process.exit(1);
}
