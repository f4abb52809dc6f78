// One direct connection for LISTEN, kept for as long as the process lives. NOTIFY goes through the pool (src/db/live/announce.ts). It is asked for
// a sign of life every few seconds. Without events it says nothing, and a socket whose other end has gone says nothing either.
import pg from 'pg';
import type { Log } from '../lib/log.ts';
import { logFault } from '../lib/operatorFaults.ts';
import { named } from './errors.ts';
import { identified } from './identity.ts';
import { CONNECT_MS, cut } from './probe.ts';

export type Listener = {
  /** `received` gets each payload; `lost` is called when the connection is back after having been lost. */
  listen(channel: string, received: (payload: string) => void, lost: () => void): void;
  close(): Promise<void>;
};

// Behind the name asked for stands a part that only this database's servers can read: reporting roles may LISTEN too (migration 0007).
const FULL_NAME = `/* events.channel */ select quote_ident($1 || '_' || name) as name from reporting.event_channel`;
const RETRY_MS = 500;
const HEARTBEAT = '/* events.heartbeat */ select 1';
const HEARTBEAT_MS = 4_000;
const ANSWER_MS = 4_000;

export function openListener(connectionString: string, log: Log): Listener {
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(channel: string, received: (payload: string) => void, lost: () => void, again: boolean): Promise<void> {
    const next = new pg.Client({ ...identified(connectionString, 'listener'), connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
    let ended = false;
    let heartbeat: NodeJS.Timeout | undefined;
    const reconnect = () => {
      if (ended) return;
      ended = true;
      clearTimeout(heartbeat);
      cut(next);
      if (!closed) retry = setTimeout(() => void connect(channel, received, lost, true), RETRY_MS);
    };
    next.on('error', reconnect);
    next.on('end', reconnect);
    const beat = () => {
      heartbeat = setTimeout(() => {
        next.query({ text: HEARTBEAT, query_timeout: ANSWER_MS } as pg.QueryConfig).then(beat, (error) => {
          if (ended || closed) return;
          log.warn({ cause: (error as Error).message }, 'the connection for database events is silent; replacing it');
          reconnect();
        });
      }, HEARTBEAT_MS).unref();
    };
    next.on('notification', (message) => received(message.payload ?? ''));
    try {
      await next.connect();
      const { rows } = await next.query<{ name: string }>({ text: FULL_NAME, values: [channel], query_timeout: ANSWER_MS } as pg.QueryConfig);
      await next.query({ text: `listen ${rows[0]!.name}`, query_timeout: ANSWER_MS } as pg.QueryConfig);
      client = next;
      if (closed) return cut(next);
      beat();
      if (again) {
        log.info('listening to database events again');
        lost();
      }
    } catch (error) {
      logFault(log, named(error), {}, 'lost the connection for database events; trying again');
      reconnect();
    }
  }

  return {
    listen: (channel, received, lost) => void connect(channel, received, lost, false),
    async close() {
      closed = true;
      clearTimeout(retry);
      if (client) cut(client);
    },
  };
}
