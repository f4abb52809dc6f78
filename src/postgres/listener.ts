// One direct connection for LISTEN, kept alive for as long as the process lives. NOTIFY goes through the pool (src/db/live/announce.ts).
import pg from 'pg';
import type { Log } from '../lib/log.ts';

export type Listener = {
  /** `received` gets each payload; `lost` is called when the connection is back after having been lost. */
  listen(channel: string, received: (payload: string) => void, lost: () => void): void;
  close(): Promise<void>;
};

// Behind the name asked for stands a part that only this database's servers can read: reporting roles may LISTEN too (migration 0007).
const FULL_NAME = `/* events.channel */ select quote_ident($1 || '_' || name) as name from reporting.event_channel`;
const RETRY_MS = 500;

export function openListener(connectionString: string, log: Log): Listener {
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(channel: string, received: (payload: string) => void, lost: () => void, again: boolean): Promise<void> {
    const next = new pg.Client({ connectionString, application_name: 'runledger listener', keepAlive: true });
    let ended = false;
    const reconnect = () => {
      if (ended) return;
      ended = true;
      next.end().catch(() => {});
      if (!closed) retry = setTimeout(() => void connect(channel, received, lost, true), RETRY_MS);
    };
    next.on('error', reconnect);
    next.on('end', reconnect);
    next.on('notification', (message) => received(message.payload ?? ''));
    try {
      await next.connect();
      const { rows } = await next.query<{ name: string }>(FULL_NAME, [channel]);
      await next.query(`listen ${rows[0]!.name}`);
      if (closed) return void (await next.end());
      client = next;
      if (again) {
        log.info('listening to database events again');
        lost();
      }
    } catch (error) {
      log.warn({ err: error }, 'lost the connection for database events; trying again');
      reconnect();
    }
  }

  return {
    listen: (channel, received, lost) => void connect(channel, received, lost, false),
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}
