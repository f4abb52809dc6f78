// Several processes that serve one port (node:cluster). The first starts the others, replaces those that die, and passes on what each counts. They
// share nothing else: like replicas on several machines they meet in the database.
import cluster, { type Worker } from 'node:cluster';
import type { Config } from './config.ts';
import { type Counts, type Siblings, sumCounts } from './http/counts.ts';
import { StartError } from './lib/errors.ts';
import type { Log } from './lib/log.ts';
import { openLog } from './lib/log.ts';
import { registry } from './lib/measures.ts';
import { writingShare } from './points/background.ts';
import { openDeps } from './process.ts';
import { CLOSE_WITHIN_MS, type Serving, serve } from './server.ts';
import { describeFault } from './startFaults.ts';

/** `number`: its place, which its successor takes. */
type Assignment = { number: number; config: Config; databaseUrl: string };
/** `writing`: which part of the time it writes. */
type Report = { counts: Counts; writing: number };
type ToWorker = { assignment: Assignment } | { stop: true } | { others: Counts[] };
/** `listening` for messages: what is sent before is lost. */
type FromWorker = { listening: true } | { ready: string } | { failed: string } | { report: Report };

const REPORT_MS = 1_000;
const MEASURES_MS = 5_000;
/** One that dies again within this time is replaced more slowly each time. */
const YOUNG_MS = 30_000;
const RETRY_MS = { first: 250, most: 30_000 };

export type Workers = Serving & { writing(): number };

/** Forks `config.workers` processes; resolves when all of them listen. Throws with the reason why one can't. */
export async function startWorkers(config: Config, databaseUrl: string, log: Log): Promise<Workers> {
  const reports = new Map<number, Report>();
  /** What those that have ended had counted. */
  let ended: Counts = { byStatus: {}, memory: 0 };
  const living = new Map<number, Worker>();
  const quick = new Map<number, number>();
  const retries = new Set<NodeJS.Timeout>();
  let closing = false;
  let serving = false;
  let gone = () => {};

  const send = (worker: Worker, message: ToWorker) => {
    if (worker.isConnected()) worker.send(message, () => {});
  };
  /** Of this process, which does the work behind the requests. */
  let measured: object[] = [];
  const measuring = setInterval(() => {
    void registry.getMetricsAsJSON().then((found) => {
      measured = found;
    });
  }, MEASURES_MS).unref();
  const passOn = () => {
    for (const [number, worker] of living) {
      const others = [...reports].filter(([other]) => other !== number).map(([, { counts }]) => counts);
      send(worker, { others: [{ byStatus: {}, memory: process.memoryUsage.rss(), measures: [measured] }, ended, ...others] });
    }
  };

  const start = (number: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const worker = cluster.fork();
      const born = Date.now();
      living.set(number, worker);
      worker.on('message', (message: FromWorker) => {
        if ('listening' in message) send(worker, { assignment: { number, config, databaseUrl } });
        else if ('ready' in message) resolve(message.ready);
        else if ('failed' in message) {
          if (serving) log.error({ worker: number, reason: message.failed }, 'a worker could not start');
          reject(new StartError(message.failed));
        } else {
          reports.set(number, message.report);
          passOn();
        }
      });
      worker.on('error', () => {});
      worker.once('exit', (code, signal) => {
        living.delete(number);
        const last = reports.get(number);
        if (last) ended = { ...sumCounts([ended, { ...last.counts, measures: [] }]), memory: 0 };
        reports.delete(number);
        reject(new Error(`a worker ended with ${signal ?? code}`));
        gone();
        if (closing || !serving) return;
        const deaths = Date.now() - born < YOUNG_MS ? (quick.get(number) ?? 0) + 1 : 0;
        quick.set(number, deaths);
        const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** deaths);
        log.error({ worker: number, code, signal, wait }, 'a worker ended; starting another');
        const retry = setTimeout(() => {
          retries.delete(retry);
          if (!closing) void start(number).catch(() => {});
        }, wait);
        retries.add(retry);
      });
    });

  const close = async () => {
    closing = true;
    clearInterval(measuring);
    for (const retry of retries) clearTimeout(retry);
    const all = new Promise<void>((resolve) => {
      gone = () => {
        if (living.size === 0) resolve();
      };
      gone();
    });
    for (const worker of living.values()) send(worker, { stop: true });
    // Of those that don't end the main process's own patience is the judge.
    setTimeout(() => {
      for (const worker of living.values()) worker.process.kill('SIGKILL');
    }, CLOSE_WITHIN_MS - 1_000).unref();
    await all;
  };

  try {
    // One after the other: the first finds out whether the port can be had, and which it is.
    const address = await start(1);
    const fixed = config.publicUrl;
    await Promise.all(Array.from({ length: config.workers - 1 }, (_none, index) => start(index + 2)));
    serving = true;
    log.info(`serving at ${address} with ${config.workers} workers`);
    config.publicUrl = fixed ?? address;
    return { address, close, writing: () => Math.max(0, ...[...reports.values()].map((report) => report.writing)) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a forked process does: waits for its place, serves, and stops when it is told or signalled to. */
export function serveAsWorker(): void {
  let others: Counts[] = [];
  let stop = () => {};
  let stopped = false;
  const tell = (message: FromWorker) => process.send?.(message, undefined, undefined, () => {});
  const begin = async ({ number, config, databaseUrl }: Assignment) => {
    const log = openLog(config.logLevel).child({ worker: number });
    const deps = await openDeps(config, databaseUrl, log);
    let own: () => Counts = () => ({ byStatus: {}, memory: 0 });
    const siblings: Siblings = {
      number,
      workers: config.workers,
      others: () => others,
      report: (counts) => {
        own = counts;
      },
    };
    const serving = await serve(deps, siblings);
    let measures: object[][] = [];
    let measuredAt = Number.NEGATIVE_INFINITY;
    const report = async () => {
      // They are long: often enough for who asks every 15 seconds.
      if (performance.now() - measuredAt >= MEASURES_MS) {
        measuredAt = performance.now();
        measures = [await registry.getMetricsAsJSON()];
      }
      tell({ report: { counts: { ...own(), measures }, writing: writingShare(deps.db) } });
    };
    const reporting = setInterval(() => void report(), REPORT_MS);
    stop = () => {
      stop = () => {};
      setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
      void (async () => {
        await serving.close();
        clearInterval(reporting);
        await deps.close();
        process.exit(0);
      })();
    };
    tell({ ready: serving.address });
    if (stopped) stop();
  };
  process.on('message', (message: ToWorker) => {
    if ('others' in message) others = message.others;
    else if ('assignment' in message) {
      begin(message.assignment).catch((error: unknown) => {
        tell({ failed: describeFault(error, message.assignment.config) });
        setTimeout(() => process.exit(1), 100);
      });
    } else requestStop();
  });
  const requestStop = () => {
    stopped = true;
    stop();
  };
  // A terminal and a service manager may signal the whole group.
  process.on('SIGTERM', requestStop);
  process.on('SIGINT', requestStop);
  tell({ listening: true });
}
