// Ends a statement that runs on another connection, as Postgres's protocol has it: a connection of its own that sends one message.
import net from 'node:net';
import type pg from 'pg';

const CANCEL = 80_877_102;
const WITHIN_MS = 2_000;

type Connected = pg.PoolClient & { processID?: number | null; secretKey?: number | null; host: string; port: number };

/** Never fails: a statement that can't be cancelled ends by itself. Sent in the clear, as libpq does: Postgres takes it so from everybody. */
export function cancelStatement(client: pg.PoolClient): void {
  const { processID, secretKey, host, port } = client as Connected;
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host);
  socket.setTimeout(WITHIN_MS, () => socket.destroy());
  socket.once('error', () => socket.destroy());
  socket.once('connect', () => socket.end(message));
}
