// One connection beside the pool. It asks whether the database answers, while the pool's are busy or silent. Kept while it is used. Every question
// has a deadline: a socket whose other end has gone may say nothing for a quarter of an hour.
import pg from 'pg';
import { identified } from './identity.ts';

/** How long a new connection may take to be made. */
export const CONNECT_MS = 5_000;
const KEPT_MS = 30_000;

export type Probe = {
  /** Answers, or throws by the deadline. A kept connection that doesn't answer is replaced once. `own`: the process that the connection believes it has. */
  ask<R>(text: string, values: unknown[], withinMs: number): Promise<{ rows: R[]; own: number | null }>;
  close(): void;
};

export function openProbe(address: string): Probe {
  let kept: pg.Client | undefined;
  let idle: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const drop = () => {
    const client = kept;
    kept = undefined;
    clearTimeout(idle);
    if (client) cut(client);
  };
  const ask = async <R>(text: string, values: unknown[], withinMs: number) => {
    clearTimeout(idle);
    const deadline = performance.now() + withinMs;
    const known = kept !== undefined;
    try {
      return await once<R>(text, values, known ? withinMs / 2 : withinMs);
    } catch (error) {
      drop();
      const left = deadline - performance.now();
      if (!known || left < 50) throw error;
      return await once<R>(text, values, left);
    } finally {
      idle = setTimeout(drop, KEPT_MS).unref();
    }
  };
  const once = async <R>(text: string, values: unknown[], withinMs: number) => {
    const started = performance.now();
    if (!kept) {
      const client = new pg.Client({ ...identified(address, 'probe'), connectionTimeoutMillis: Math.min(CONNECT_MS, withinMs), keepAlive: true });
      client.on('error', () => {
        if (kept === client) kept = undefined;
      });
      try {
        await client.connect();
      } catch (error) {
        cut(client);
        throw error;
      }
      kept = client;
    }
    const client = kept;
    const query_timeout = Math.max(50, withinMs - (performance.now() - started));
    const { rows } = await client.query({ text, values, query_timeout } as pg.QueryConfig);
    return { rows: rows as R[], own: (client as unknown as { processID: number | null }).processID };
  };
  return {
    // One after the other: the deadline of a question that waits begins with its turn, and turns are short.
    ask: <R>(text: string, values: unknown[], withinMs: number) => {
      const asked = turn.then(() => ask<R>(text, values, withinMs));
      turn = asked.catch(() => {});
      return asked;
    },
    close: drop,
  };
}

/** Ends a connection without waiting for its other end. */
export function cut(client: pg.Client | pg.PoolClient): void {
  streamOf(client)?.destroy();
}

/** pg keeps its socket, plain or TLS, here. */
export const streamOf = (client: pg.Client | pg.PoolClient): { bytesRead: number; destroy(): void } | undefined =>
  (client as unknown as { connection?: { stream?: { bytesRead: number; destroy(): void } } }).connection?.stream;
