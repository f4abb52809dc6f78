// The server as a process of its own, compiled afresh, for tests that kill it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Built = { main: string; remove(): Promise<void> };

/** Compiles src/ (without checking its types, which `npm test` does) into a folder of its own, so that a test never runs an old build. */
export async function buildServer(): Promise<Built> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-build-'));
  await chmod(folder, 0o755);
  for (const name of ['node_modules', 'prisma', 'package.json']) await symlink(path.join(ROOT, name), path.join(folder, name));
  const dist = path.join(folder, 'dist');
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', dist], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const name of ['schema', 'mlflow/documents']) {
    await cp(path.join(ROOT, 'src', name), path.join(dist, name), { recursive: true, filter: (file) => !file.endsWith('.ts') });
  }
  return { main: path.join(dist, 'main.js'), remove: () => rm(folder, { recursive: true, force: true }) };
}

export type ServerProcess = {
  url: string;
  process: ChildProcess;
  output: () => string /** The exit code after SIGTERM. */;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
};

/** Starts it on a free port and waits until it serves. Throws with its output if it ends before. */
export async function startServer(main: string, env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, RUNLEDGER_PORT: '0', RUNLEDGER_LOG: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    const read = (data: Buffer) => {
      output += data.toString();
      const [, address] = /serving at (http:[^"\s]+)/.exec(output) ?? [];
      if (address) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
  return {
    url,
    process: child,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
