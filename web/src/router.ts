// Where one is: the address behind `#`, as path segments and search parameters. All state worth sharing lives here; keeps none of its own.
import { useCallback, useMemo, useSyncExternalStore } from 'react';

export type Place = { path: string[]; query: URLSearchParams };
export type Patch = Record<string, string | null | undefined>;

const current = () => window.location.hash.replace(/^#/, '') || '/';

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  window.addEventListener('popstate', changed);
  window.addEventListener('runledger:place', changed);
  return () => {
    window.removeEventListener('hashchange', changed);
    window.removeEventListener('popstate', changed);
    window.removeEventListener('runledger:place', changed);
  };
}

export function parse(address: string): Place {
  const [path = '', query = ''] = address.split(/\?(.*)/s);
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `to('t', team, 'models', name)` → `#/t/vision/models/a%2Fb`. */
export function to(...parts: (string | number)[]): string {
  return `#/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
}

export function withQuery(address: string, patch: Patch): string {
  const [path = '', query = ''] = address.split(/\?(.*)/s);
  const params = new URLSearchParams(query);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined || value === '') params.delete(key);
    else params.set(key, value);
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** Replacing is for what isn't worth a step of "back": widths, a zoom, what is being typed. */
export function go(address: string, options: { replace?: boolean } = {}): void {
  const hash = address.startsWith('#') ? address : `#${address}`;
  if (hash === window.location.hash) return;
  window.history[options.replace ? 'replaceState' : 'pushState'](null, '', hash);
  window.dispatchEvent(new Event('runledger:place'));
}

export function usePlace(): Place {
  const address = useSyncExternalStore(subscribe, current);
  return useMemo(() => parse(address), [address]);
}

/** One search parameter with its default, which stays out of the address. */
export function useParam(name: string, fallback = ''): [string, (value: string | null, options?: { replace?: boolean }) => void] {
  const { query } = usePlace();
  const set = useCallback(
    (value: string | null, options?: { replace?: boolean }) => go(withQuery(current(), { [name]: value === fallback ? null : value }), options),
    [name, fallback],
  );
  return [query.get(name) ?? fallback, set];
}

export const patchQuery = (patch: Patch, options?: { replace?: boolean }): void => go(withQuery(current(), patch), options);

/** `/t/<team>` in the path is how MLflow clients name a team, and the links they print begin so, as do those that the server words; ours stand behind `#`. */
export function normalize(): void {
  const prefix = /^(.*?)\/t\/([^/]+)((?:\/[^/]+)*)\/?$/.exec(window.location.pathname);
  if (!prefix) return;
  const rest = current();
  const team = decode(prefix[2]!);
  const hash = rest.startsWith('/t/') || rest.startsWith('/sign-in') ? rest : `/t/${encodeURIComponent(team)}${rest === '/' ? prefix[3] : rest}`;
  window.history.replaceState(null, '', `${prefix[1]}/#${hash}`);
}
