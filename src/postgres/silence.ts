// Finds connections of the pool whose other end has gone without a word. After a failover, or behind a proxy that stopped forwarding, nothing
// closes them, and TCP gives up after a quarter of an hour. When a statement has got no answer for some seconds, another connection asks after it.
// If the database still works on it, it may take as long as it needs. Else the connection is cut, its work fails as `away`, and the pool makes
// another.
import type pg from 'pg';
import type { Probe } from './probe.ts';
import { cut, streamOf } from './probe.ts';

const LOOK_MS = 1_000;
/** Nothing arrived for so long, and the database is asked; sooner where another connection has just been found dead. */
const SILENT_MS = 4_000;
const SUSPECT_MS = 1_000;
const ANSWER_MS = 4_000;
/** Behind a pooler nobody can say which process works for whom. */
const SILENT_BEHIND_POOLER_MS = 60_000;
/** After a death, the others are suspect for so long. */
const AFTERMATH_MS = 30_000;

const WORKING = `/* silence.working */ select pid, pg_backend_pid() as own from pg_stat_activity
 where pid = pg_backend_pid() or (pid = any($1::integer[]) and state <> 'idle' and wait_event_type is distinct from 'Client')`;

type Watched = { client: pg.PoolClient; inFlight: number; bytes: number; since: number; endingSince: number | undefined };
type Connection = { on(event: 'readyForQuery', heard: () => void): void };
type Inside = { connection: Connection; processID: number | null; _ending?: boolean };

export type Silence = {
  /** Counts its statements from now on; the function is to be called for each that is sent. */
  watch(client: pg.PoolClient): () => void;
  stop(): void;
};

export function watchSilence(probe: Probe): Silence {
  const all = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  let deathAt = Number.NEGATIVE_INFINITY;

  const look = () => {
    const now = performance.now();
    const patience = now - deathAt < AFTERMATH_MS ? SUSPECT_MS : SILENT_MS;
    const silent: Watched[] = [];
    for (const one of all) {
      const bytes = streamOf(one.client)?.bytesRead ?? 0;
      if ((one.client as unknown as Inside)._ending) {
        one.endingSince ??= now;
        if (now - one.endingSince > SILENT_MS) cut(one.client);
      }
      if (one.inFlight === 0 || bytes !== one.bytes) {
        one.bytes = bytes;
        one.since = now;
      } else if (now - one.since >= patience) silent.push(one);
    }
    if (silent.length > 0 && !asking) {
      asking = true;
      void ask(silent).finally(() => {
        asking = false;
      });
    }
  };

  const ask = async (silent: Watched[]) => {
    const pidOf = ({ client }: Watched) => (client as unknown as Inside).processID ?? 0;
    let dead: (one: Watched) => boolean;
    try {
      const { rows, own } = await probe.ask<{ pid: number; own: number }>(WORKING, [silent.map(pidOf)], ANSWER_MS);
      const working = new Set(rows.map(({ pid }) => pid));
      const pooled = rows[0]?.own !== own;
      dead = pooled ? (one) => performance.now() - one.since >= SILENT_BEHIND_POOLER_MS : (one) => !working.has(pidOf(one));
    } catch (error) {
      // A refusal with a code of Postgres's (no connection left) is an answer, and says nothing of the others.
      if (/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code ?? ''))) return;
      dead = () => true;
    }
    // What arrived meanwhile, or had arrived and wasn't read yet because this process was busy, was not silence.
    const found = silent.filter((one) => one.inFlight > 0 && streamOf(one.client)?.bytesRead === one.bytes && dead(one));
    if (found.length === 0) return;
    deathAt = performance.now();
    for (const one of found) cut(one.client);
    // Those that rest lead to the same place. A new connection costs less than the wait for one that is dead.
    for (const one of all) if (one.inFlight === 0) cut(one.client);
  };

  return {
    watch(client) {
      const one: Watched = { client, inFlight: 0, bytes: 0, since: performance.now(), endingSince: undefined };
      all.add(one);
      client.once('end', () => all.delete(one));
      (client as unknown as Inside).connection.on('readyForQuery', () => {
        if (one.inFlight > 0) one.inFlight -= 1;
      });
      timer ??= setInterval(look, LOOK_MS).unref();
      return () => {
        if (one.inFlight === 0) {
          one.since = performance.now();
          one.bytes = streamOf(client)?.bytesRead ?? 0;
        }
        one.inFlight += 1;
      };
    },
    /** What doesn't end by itself is cut soon. */
    stop() {
      clearInterval(timer);
      setTimeout(() => {
        for (const one of all) cut(one.client);
      }, 3_000).unref();
    },
  };
}
