// What a process measures for /metrics, beside the requests it answered (src/http/counts.ts). Labels have few values: never a name that users chose.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
const registers = [registry];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const requestSeconds = new Histogram({
  name: 'runledger_http_request_duration_seconds',
  help: 'From the head of a request to the end of its answer.',
  labelNames: ['door', 'operation', 'status'] as const,
  buckets: SECONDS,
  registers,
});
export const flushSeconds = new Histogram({
  name: 'runledger_writer_flush_duration_seconds',
  help: 'Commits of what runs log; each holds what waited when it began.',
  buckets: SECONDS,
  registers,
});
export const pointsIngested = new Counter({ name: 'runledger_points_ingested_total', help: 'Metric points that were committed.', registers });
export const s3Seconds = new Histogram({
  name: 'runledger_s3_request_duration_seconds',
  help: 'Calls of the artifact store, tries that were repeated included.',
  labelNames: ['operation', 'outcome'] as const,
  buckets: SECONDS,
  registers,
});
export const webhookMessages = new Counter({
  name: 'runledger_webhook_messages_total',
  help: 'Webhook messages by what became of them; postponed ones are tried again.',
  labelNames: ['outcome'] as const,
  registers,
});

/** Something of which there may be several in a process; their sum is shown. Returns what takes it away again. */
function summed(name: string, help: string): (read: () => number) => () => void {
  const all = new Set<() => number>();
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set([...all].reduce((sum, read) => sum + read(), 0));
    },
  });
  return (read) => {
    all.add(read);
    return () => void all.delete(read);
  };
}

const pools = {
  size: summed('runledger_database_pool_connections', 'Connections to Postgres, idle ones included.'),
  idle: summed('runledger_database_pool_idle', 'Connections to Postgres that nobody uses.'),
  waiting: summed('runledger_database_pool_waiting', 'Statements and transactions that wait for a connection.'),
};
export function measurePool(pool: { totalCount: number; idleCount: number; waitingCount: number }): () => void {
  const ends = [pools.size(() => pool.totalCount), pools.idle(() => pool.idleCount), pools.waiting(() => pool.waitingCount)];
  return () => {
    for (const end of ends) end();
  };
}
export const measureWriterQueue = summed('runledger_writer_waiting_points', 'Points (and texts, by weight) that wait for a commit or are in one.');
export const measureWebSockets = summed('runledger_websockets', 'Connections of subscribers.');
export const measureWebhooksWaiting = summed(
  'runledger_webhook_messages_waiting',
  'Messages that wait to be sent, up to 10,000. Of the process that sends them.',
);

let behindSince: number | undefined;
/** Told at each look whether anything was due. */
export function noteCompaction(isBehind: boolean): void {
  behindSince = isBehind ? (behindSince ?? performance.now()) : undefined;
}
summed(
  'runledger_compaction_lag_seconds',
  'How long compaction has had more to do than it got done.',
)(() => (behindSince === undefined ? 0 : (performance.now() - behindSince) / 1_000));

const delay = monitorEventLoopDelay({ resolution: 20 });
delay.enable();
new Gauge({
  name: 'runledger_event_loop_delay_seconds',
  help: 'How late timers came since the last reading, 99th percentile; the slowest of all processes.',
  aggregator: 'max',
  registers,
  collect() {
    this.set(Number.isFinite(delay.percentile(99)) ? Math.max(0, delay.percentile(99) / 1e9 - 0.02) : 0);
    delay.reset();
  },
});
