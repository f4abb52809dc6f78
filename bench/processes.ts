// Server processes: starting, waiting until they answer, how much memory they hold, stopping. Linux's /proc tells the memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './http.ts';

export type Server = {
  url: string;
  /** Resident bytes of the process and all below it, now. */
  memory(): number;
  /** The most since the last call (of several processes the sum of each one's most). */
  peak(): number;
  /** Of the process and all below it. */
  pids(): number[];
  stop(): Promise<void>;
};

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Starts a server on a free port and waits until `ready` answers 200. Its output goes to `log`. */
export async function startServer(given: {
  command(port: number): [program: string, args: string[]];
  env(port: number): Record<string, string>;
  cwd: string;
  log: string;
  ready: string;
}): Promise<Server> {
  const port = await freePort();
  const [program, args] = given.command(port);
  const output = openSync(given.log, 'a');
  // A group of its own: Ctrl-C must reach it through stop(), after which its database may go.
  const child = spawn(program, args, {
    cwd: given.cwd,
    env: { ...process.env, ...given.env(port) },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code) => {
    failure ??= `it ended with ${code}`;
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    send('GET', `${url}${given.ready}`, {}).then(
      (answer) => answer.status === 200,
      () => false,
    );
  for (let waited = 0; !(await answers()); waited += 100) {
    if (failure || waited > 180_000) {
      await stopGroup(child);
      throw new Error(`${program} did not start: ${failure ?? 'no answer'}\n${readFileSync(given.log, 'utf8').slice(-2_000)}`);
    }
    await sleep(100);
  }

  return {
    url,
    memory: () => sum(family(child.pid!), 'VmRSS'),
    peak() {
      const pids = family(child.pid!);
      const most = sum(pids, 'VmHWM');
      // 5 makes the kernel start over with the mark.
      for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
      return most;
    },
    pids: () => family(child.pid!),
    stop: () => stopGroup(child),
  };
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const signal = (name: NodeJS.Signals | 0) => {
    try {
      process.kill(-child.pid!, name);
      return true;
    } catch {
      return false;
    }
  };
  signal('SIGTERM');
  for (let waited = 0; signal(0) && waited < 15_000; waited += 50) await sleep(50);
  signal('SIGKILL');
}

/** A process and its descendants. */
function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!pid) continue;
    const parent = /\) \S (\d+)/.exec(readOrNothing(`/proc/${pid}/stat`))?.[1];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  const found = parents.has(root) ? [root] : [];
  for (const one of found) for (const [pid, parent] of parents) if (parent === one) found.push(pid);
  return found;
}

const sum = (pids: number[], field: 'VmRSS' | 'VmHWM') =>
  pids.reduce((total, pid) => total + Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0) * 1024, 0);

export function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
