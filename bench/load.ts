// The two clients: a Python one for latency, wrk for throughput. Both count what was acknowledged, so that acts can compare it with what is stored.
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { World } from './act.ts';
import { type Cell, percentile } from './cell.ts';
import { type Cpu, countCpu } from './cpu.ts';
import { PYTHON } from './targets.ts';

const run = promisify(execFile);

/** `@n` in a body becomes a number that never comes twice, `@run` one of the runs in turn. */
export type Call = { method?: 'GET' | 'POST'; path: string; body?: string; runs?: string[] };
type Plan = { mode: 'repeat' | 'pages' | 'upload' | 'download'; url: string; headers: Record<string, string>; [key: string]: unknown };

const NUMBERS = 10_000_000;
/** An answer that takes longer than this is measured once. */
const SLOW_MS = 5_000;

/** Latency of one Python client: the median of the medians, and of the p99s, of several measurements. `sent` counts all calls. */
export async function latency(world: World, call: Call, max = 100_000): Promise<Cell & { sent: number; cutOff: number }> {
  const { options } = world;
  const medians: number[] = [];
  const tails: number[] = [];
  let sent = 0;
  const counted = await countCpu(world.target);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const result = await python(world, call.path, {
      mode: 'repeat',
      method: call.method ?? 'POST',
      body: call.body ?? null,
      runs: call.runs ?? [],
      offset: world.take(NUMBERS),
      seconds: options.seconds,
      max,
      warm: 5,
    });
    medians.push(percentile(result.ms, 0.5));
    tails.push(percentile(result.ms, 0.99));
    sent += result.sent;
    if (medians.at(-1)! > SLOW_MS) break;
  }
  return { value: percentile(medians, 0.5), p99: percentile(tails, 0.5), sent, cutOff: 0, cpu: each(await counted(), sent) };
}

const each = ({ server, postgres }: Cpu, requests: number): Cpu => ({ server: server / requests, postgres: postgres / requests });

/** Something done as a whole, so many times (once if it is slow); the median in milliseconds. */
export async function timed(world: World, path: string, plan: Omit<Plan, 'url' | 'headers'> & { mode: Plan['mode'] }): Promise<Cell> {
  const times: number[] = [];
  for (let repeat = 0; repeat < world.options.repeats && !(times[0]! > SLOW_MS); repeat++) times.push(...(await python(world, path, plan)).ms);
  return { value: percentile(times, 0.5) };
}

async function python(world: World, path: string, plan: Record<string, unknown>): Promise<{ ms: number[]; sent: number }> {
  const { url, headers } = world.target;
  const child = spawn(PYTHON, ['bench/client.py'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify({ ...plan, url: `${url}${path}`, headers }));
  let output = '';
  let complaint = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(complaint.trim().split('\n').at(-1) ?? 'the Python client failed');
  return JSON.parse(output);
}

/** Requests a second of `clients` at once, with their p99; `sent` counts those answered 200, `cutOff` how many more may have been stored. */
export async function throughput(world: World, clients: number, call: Call): Promise<Cell & { sent: number; cutOff: number }> {
  const { options, folder, target } = world;
  const template = path.join(folder, 'template');
  await writeFile(template, `${call.path}\n${(call.runs ?? []).join(',')}\n${call.body ?? ''}`);
  const rates: number[] = [];
  const tails: number[] = [];
  let sent = 0;
  let errors = 0;
  let attempts = options.repeats;
  const measure = async (seconds: number): Promise<Summary> => {
    const { stdout } = await run('wrk', [
      ...['-t', '2', '-c', String(clients), '-d', `${Math.max(1, Math.round(seconds))}s`, '--timeout', '30s'],
      ...Object.entries(target.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      ...['-s', 'bench/lua/post.lua', target.url, '--', template, String(world.take(NUMBERS))],
    ]);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{')));
  };
  let { seconds } = options;
  const counted = await countCpu(target);
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const summary = await measure(seconds);
    const good = summary.requests - summary.refused;
    sent += good;
    errors += summary.refused + summary.broken;
    // A server that answers none of its clients in this time is given more; the one from before doesn't count.
    if (summary.requests < clients && seconds < 40) {
      seconds = Math.min(40, seconds * 10);
      repeat -= 1;
      attempts += 1;
      continue;
    }
    rates.push(good / summary.seconds);
    tails.push(summary.p99);
  }
  const cpu = each(await counted(), sent);
  return { value: percentile(rates, 0.5), p99: percentile(tails, 0.5), sent, cutOff: clients * attempts, cpu, ...(errors > 0 ? { errors } : {}) };
}
type Summary = { requests: number; seconds: number; p50: number; p99: number; refused: number; broken: number };
