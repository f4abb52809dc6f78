// Starts Postgres and one server after the other, does the same work against each, and prints one table. The acts are in acts/.
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act, Entry, World } from './act.ts';
import { artifactActs } from './acts/artifacts.ts';
import { historyActs } from './acts/history.ts';
import { ingestActs } from './acts/ingest.ts';
import { long } from './acts/long.ts';
import { questionActs } from './acts/questions.ts';
import { deep, scale, wide } from './acts/scaling.ts';
import { searchActs } from './acts/search.ts';
import { makeData } from './data.ts';
import { closeConnections } from './http.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { findProgram, openPostgres, type Postgres, settle, settledSize, versionOf } from './postgres.ts';
import { openRaw } from './raw.ts';
import { makeReport, type Outcome, PROTOTYPE, RAW, type Report, writeBetweenMarkers } from './report.ts';
import { seed } from './seed.ts';
import { seedPeer } from './seedPeer.ts';
import { PEERS, preparePython, startOurs, startPrototype, type Target, titleOf } from './targets.ts';

const MB = 1024 * 1024;
const AT_REST: Entry = { id: 'memory-rest', title: 'memory of the server at rest', unit: 'MB', goal: 200 };
const AT_MOST: Entry = { id: 'memory-most', title: 'the most it held in all of this', unit: 'MB', goal: 400 };
const AFTER: Entry = { id: 'memory-after', title: 'memory afterwards', unit: 'MB' };
const SIZE: Entry = { id: 'size', title: 'database with the runs to search among', unit: 'MB', goal: 250 };
const SEEDING: Entry = { id: 'seeding', title: 'seeding: runs created, logged, finished by 16 clients', unit: '/s' };

/** Runs that a peer gets through its API, when the others are put into its tables. */
const PEER_RUNS = 100;

const tell = (text: string) => process.stderr.write(`${text}\n`);
const undo: (() => Promise<unknown>)[] = [];
let stopping: Promise<void> | undefined;
/** What was started is stopped in reverse, once, whoever asks first. */
const stopAll = (): Promise<void> => {
  stopping ??= (async () => {
    for (const one of undo.reverse()) await one().catch((error: Error) => tell(`stopping: ${error.message}`));
  })();
  return stopping;
};

async function main(options: Options): Promise<number> {
  if (!findProgram('wrk')) throw new UsageError('wrk drives the load and is not installed (Debian, Ubuntu: apt install wrk).');
  const stranger = options.peers.find((name) => !PEERS[name]);
  if (stranger) throw new UsageError(`There is no peer '${stranger}'; known are ${Object.keys(PEERS).join(', ')}.`);
  await preparePython(options.peers);
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-bench-'));
  // Postgres runs as another user than root.
  await chmod(folder, 0o711);
  if (options.keep) tell(`Databases, files and logs of the servers stay in ${folder}`);
  else undo.push(() => rm(folder, { recursive: true, force: true }));
  const postgres = await openPostgres(folder, options.database);
  undo.push(() => postgres.stop());

  const acts = [
    ...ingestActs(options.writers),
    ...searchActs(options.runs),
    ...historyActs(options.points),
    ...questionActs(options.points),
    ...artifactActs(options.artifactMb),
  ].filter((act) => options.only.has(act.group));
  const peers = await Promise.all(options.peers.map(async (name) => ({ name, title: await titleOf(name) })));
  const report = makeReport(['ours', ...(options.raw ? [RAW] : []), ...(options.prototype ? [PROTOTYPE] : []), ...peers.map((peer) => peer.title)]);
  report.note('Goals are for the default sizes.');
  // Fixes the order of the rows.
  for (const act of acts) report.set(act, 'ours', undefined);

  if (options.raw) await measureRaw(postgres, folder, acts, options, report);
  const bare = options.prototype ? await open(postgres, folder, options, 'prototype', startPrototype) : undefined;
  /** Right before ours, so that both find the machine in the same state. */
  const measureBare = async (act: Act) => {
    if (bare && act.group === 'ingest') keep(report, act, PROTOTYPE, await attempt(act, bare));
  };
  if (options.ours) {
    const start = (database: string, own: string) => startOurs(database, own, options.profile);
    await measure(postgres, folder, acts, options, report, 'ours', start, measureBare);
    if (options.wide) await measureWide(postgres, folder, options, report);
  } else for (const act of acts) await measureBare(act);
  await bare?.target.stop();
  for (const { name, title } of peers) {
    const start = async (database: string, own: string) => ({ ...(await PEERS[name]!.start(database, own)), name: title, headers: {}, database });
    await measure(postgres, folder, acts, options, report, title, start).catch((error: Error) => {
      tell(`${title}: ${error.message}`);
      report.note(`${title} could not be measured: ${error.message.split('\n')[0]}`);
    });
  }

  const text = report.print(await heading(postgres, options));
  process.stdout.write(`\n${text}\n`);
  if (options.write) await writeBetweenMarkers('docs/bench.md', text);
  return report.faults('ours') > 0 ? 1 : 0;
}

async function measureRaw(postgres: Postgres, folder: string, acts: Act[], options: Options, report: Report): Promise<void> {
  const raw = await openRaw(await postgres.create('raw'), options, folder);
  if (!raw) return report.note('Postgres alone: pgbench is not installed.');
  for (const act of acts) {
    if (!act.raw) continue;
    const cell = await act.raw(raw);
    tell(`${RAW.padEnd(16)} ${act.title}: ${cell.value.toFixed(2)} ${act.unit}`);
    report.set(act, RAW, cell);
  }
  report.set(SIZE, RAW, { value: raw.size });
  if (!options.keep) await postgres.drop('raw');
}

/** A server on a new database, with nothing in it yet. */
async function open(
  postgres: Postgres,
  folder: string,
  options: Options,
  id: string,
  start: (database: string, folder: string) => Promise<Target>,
): Promise<World> {
  const own = path.join(folder, id);
  await mkdir(own, { recursive: true });
  const target = await start(await postgres.create(id), path.join(own, 'server'));
  undo.push(() => target.stop());
  return makeWorld(target, options, own);
}

const attempt = (act: Act, world: World): Promise<Outcome> => act.run(world).catch((error: Error) => ({ failed: error.message }));

function keep(report: Report, entry: Entry, column: string, cell: Outcome): void {
  const told = cell && 'value' in cell ? `${cell.value.toFixed(2)} ${entry.unit}${cell.wrong ? ` WRONG: ${cell.wrong}` : ''}` : (cell?.failed ?? '–');
  tell(`${column.padEnd(16)} ${entry.title}: ${told}`);
  report.set(entry, column, cell);
}

/** Everything against one server, on a new database, stopped at the end. */
async function measure(
  postgres: Postgres,
  folder: string,
  acts: Act[],
  options: Options,
  report: Report,
  column: string,
  start: (database: string, folder: string) => Promise<Target>,
  before: (act: Act) => Promise<void> = async () => {},
): Promise<void> {
  const id = column.toLowerCase().split(' ')[0]!;
  const world = await open(postgres, folder, options, id, start);
  const { target } = world;
  const set = (entry: Entry, cell: Outcome) => keep(report, entry, column, cell);
  let most = 0;
  const remember = () => {
    most = Math.max(most, target.peak());
  };

  await sleep(2_000);
  const rest = target.memory();
  const processes = target.pids().length;
  if (processes > 1) report.note(`${column}: memory is the sum of ${processes} processes.`);
  const needsRuns = acts.some((act) => act.group === 'search' || act.group === 'questions' || act.id === 'graphql' || act.id === 'get-run');
  if (needsRuns) {
    // The API of a peer may take most of an hour for them. Ours always goes the whole way.
    const bySql = column !== 'ours' && options.seedBy !== 'api' && options.runs > PEER_RUNS;
    const count = bySql ? PEER_RUNS : options.runs;
    const seeded = await seed(world, 'search', world.data, count, (done) => {
      if (done % 5_000 === 0) tell(`${column.padEnd(16)} ${done} runs logged`);
    });
    world.seeded = seeded;
    const started = performance.now();
    if (bySql) seeded.runIds.push(...(await seedPeer(target.database, world.data, count, seeded.runIds[0]!)));
    const rest = bySql ? `, the others put into its tables in Postgres in ${((performance.now() - started) / 1000).toFixed(0)} s` : '';
    const retried = seeded.retried ? `, ${seeded.retried} requests tried again after a 5xx` : '';
    const logged = bySql ? `${count} of ${options.runs.toLocaleString('en')}` : count.toLocaleString('en');
    report.note(`${column}: ${logged} runs logged through the API in ${seeded.seconds.toFixed(0)} s${rest}${retried}.`);
    set(SEEDING, { value: count / seeded.seconds, ...(seeded.retried ? { errors: seeded.retried } : {}) });
    // What a peer was given in its tables leaves nothing to be worked off either.
    if (column === 'ours') await settle(target.database);
    set(SIZE, { value: (await settledSize(target.database)) / MB });
    remember();
  }
  for (const act of acts) {
    await before(act);
    set(act, await attempt(act, world));
    remember();
  }
  if (column === 'ours') {
    const note = (text: string) => report.note(text);
    // What is filled in Postgres afterwards has its log off, so writing comes first.
    if (options.long) await beyond('--long', set, () => long(world, set, tell));
    if (options.deep) await beyond('--deep', set, () => deep(world, options.deep!, set, tell));
    await beyond('--size', set, () => scale(world, options.sizes, set, note));
    remember();
  }
  if (options.only.has('memory')) {
    set(AT_REST, { value: rest / MB });
    set(AT_MOST, { value: most / MB });
    set(AFTER, { value: target.memory() / MB });
  }
  await target.stop();
  if (!options.keep) await postgres.drop(id);
}

/** What takes long at the end: when it fails, the rows before it are still printed. */
const beyond = (option: string, set: (entry: Entry, cell: Outcome) => void, work: () => Promise<void>): Promise<void> =>
  work().catch((error: Error) => set({ id: option, title: option, unit: 's' }, { failed: error.message }));

/** On a database of its own, since it fills the disk. */
async function measureWide(postgres: Postgres, folder: string, options: Options, report: Report): Promise<void> {
  const world = await open(postgres, folder, options, 'wide', startOurs);
  const set = (entry: Entry, cell: Outcome) => keep(report, entry, 'ours', cell);
  await beyond('--wide', set, () => wide(world, options.wide!, set, report.note, tell));
  await world.target.stop();
  if (!options.keep) await postgres.drop('wide');
}

function makeWorld(target: Target, options: Options, folder: string): World {
  const made = new Map<string, Promise<unknown>>();
  let next = 1;
  return {
    target,
    options,
    folder,
    data: makeData(options.runs),
    seeded: undefined,
    take(count) {
      next += count;
      return next - count;
    },
    once<T>(name: string, make: () => Promise<T>) {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as Promise<T>;
    },
  };
}

async function heading(postgres: Postgres, options: Options): Promise<string[]> {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const gb = Math.round(totalmem() / 1024 ** 3);
  const pgbench = findProgram('pgbench');
  return [
    `\`${options.command}\``,
    '',
    `${cpus().length} cores (${model}), ${gb} GB of memory, Node ${process.versions.node}, Postgres ${postgres.version} (${postgres.origin}) on the same machine as the server`,
    `and the clients${pgbench ? `, ${(await versionOf(pgbench)).replace(/\s*\(PostgreSQL\)/, '')}` : ''}. Medians of ${options.repeats} measurements of ${options.seconds} s; p99 in brackets.`,
  ];
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    tell(`${signal}: stopping what was started…`);
    void stopAll().finally(() => process.exit(130));
  });
}
let code = 1;
try {
  if (!existsSync('bench/client.py')) throw new UsageError('Run it from the root of the repository: npm run bench');
  code = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!stopping) tell(error instanceof UsageError ? error.message : ((error as Error).stack ?? String(error)));
}
closeConnections();
await stopAll();
process.exit(code);
