// Live events between the server processes of one database: LISTEN/NOTIFY, ids only, never data.
// Sent after the commit and gathered for a moment, because NOTIFY inside a transaction makes all commits take turns (docs/adr/0002).
// A lost event is harmless: subscribers catch up by cursor, and are woken when the listening connection was lost.
import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Announce } from '../db/live/announce.ts';
import { isHexId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { logFault } from '../lib/operatorFaults.ts';
import type { Listener } from '../postgres/listener.ts';

/** `run`: it logged something. `runState`: it was created or changed itself, which its journal row tells already. */
export type Kind = 'run' | 'runState' | 'model' | 'webhook' | 'auth';
const KINDS: readonly Kind[] = ['run', 'runState', 'model', 'webhook', 'auth'];
/** `ids` is empty when anything may have changed (the listening connection was lost and is back). */
export type Event = { teamId: number; kind: Kind; ids: string[] };

const CHANNEL = 'runledger';
const GATHER_MS = 20;
/** Least time between two announcements: each is a transaction, which runs that log all the time would else wait for. */
const PAUSE_MS = 100;
const RETRY_MS = 500;
/** A NOTIFY payload may hold 8,000 bytes. */
const MAX_PAYLOAD = 7_500;

export type Bus = {
  publish(teamId: number, kind: Kind, id: string): void;
  /** Calls back for each event of the team and kind until unsubscribed. Teams: null = of every team. */
  on(teamId: number | null, kind: Kind, callback: (event: Event) => void): () => void;
  close(): Promise<void>;
};

/** `listener` hears what all servers announce, this one's own announcements included. */
export function openBus(listener: Listener, announce: Announce, log: Log): Bus {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const waiting = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let announcedAt = Number.NEGATIVE_INFINITY;

  const add = (topic: string, ids: Iterable<string>) => {
    const known = waiting.get(topic) ?? new Set();
    waiting.set(topic, known);
    for (const id of ids) known.add(id);
  };

  const flush = async () => {
    timer = undefined;
    announcedAt = performance.now();
    const sending = new Map(waiting);
    waiting.clear();
    try {
      const logged = [...sending].filter(([topic]) => topic.endsWith(' run'));
      const runs = logged.flatMap(([topic, ids]) => [...ids].filter(isHexId).map((runId) => ({ teamId: Number.parseInt(topic, 10), runId })));
      const payloads = [...sending].flatMap(([topic, ids]) => payloadsOf(topic, ids));
      await announce(CHANNEL, payloads, runs);
    } catch (error) {
      logFault(log, error, {}, 'could not announce changes to other processes; trying again');
      if (closed) return;
      for (const [topic, ids] of sending) add(topic, ids);
      timer ??= setTimeout(flush, RETRY_MS);
    }
  };

  const receive = (payload: string) => {
    const [teamId, kind, ...ids] = payload.split(' ');
    const event: Event = { teamId: Number(teamId), kind: kind as Kind, ids };
    emitter.emit(`${kind}`, event);
  };
  const lost = () => {
    for (const kind of KINDS) emitter.emit(kind, { teamId: 0, kind, ids: [] } satisfies Event);
  };
  listener.listen(CHANNEL, receive, lost);

  return {
    publish(teamId, kind, id) {
      if (closed) return;
      add(`${teamId} ${kind}`, [id]);
      timer ??= setTimeout(flush, Math.max(GATHER_MS, announcedAt + PAUSE_MS - performance.now()));
    },
    on(teamId, kind, callback) {
      const hear = (event: Event) => {
        if (teamId === null || event.teamId === teamId || event.ids.length === 0) callback(event);
      };
      emitter.on(kind, hear);
      return () => emitter.off(kind, hear);
    },
    async close() {
      closed = true;
      if (timer) {
        clearTimeout(timer);
        await flush();
      }
      emitter.removeAllListeners();
      await listener.close();
    },
  };
}

function payloadsOf(topic: string, ids: Set<string>): string[] {
  const payloads: string[] = [];
  let payload = topic;
  for (const id of ids) {
    if (payload.length + id.length + 1 > MAX_PAYLOAD) {
      payloads.push(payload);
      payload = topic;
    }
    payload += ` ${id}`;
  }
  return [...payloads, payload];
}
