// Remembers for two seconds who a credential was, because every request asks. Any change of people empties it as a whole: here at once, in other
// processes by an event. Two seconds is the most that a lost event can cost.
import { LRUCache } from 'lru-cache';
import type { Deps, Viewer } from '../context.ts';
import type { Db } from '../postgres/pool.ts';

const TTL_MS = 2_000;
const MAX_CREDENTIALS = 10_000;

type ViewerCache = LRUCache<string, Promise<Viewer>>;
const caches = new WeakMap<Db, ViewerCache>();

function cacheOf(deps: Deps): ViewerCache {
  let cache = caches.get(deps.db);
  if (!cache) {
    const made: ViewerCache = new LRUCache({ max: MAX_CREDENTIALS, ttl: TTL_MS });
    deps.bus.on(null, 'auth', () => made.clear());
    caches.set(deps.db, made);
    cache = made;
  }
  return cache;
}

/** The viewer of a credential, asked for once however many requests carry it at the same moment. Refusals are not remembered. */
export function rememberViewer(deps: Deps, credential: string, find: () => Promise<Viewer>): Promise<Viewer> {
  const cache = cacheOf(deps);
  const known = cache.get(credential);
  if (known) return known;
  const found = find();
  cache.set(credential, found);
  found.catch(() => {
    if (cache.peek(credential) === found) cache.delete(credential);
  });
  return found;
}

/** Call after the commit of whatever changes who may do what: roles, revocations, disabled users. */
export function forgetViewers(deps: Deps): void {
  cacheOf(deps).clear();
  deps.bus.publish(0, 'auth', 'changed');
}
