// The tokens of whoever is signed in, kept in localStorage: a reload stays signed in, and tabs share one session. Asks the server nothing.
// No other site can make the browser send them. A script in this page could read them: the content security policy keeps such scripts out.
// A refresh token is good for one use; whoever uses a stolen copy ends the session for both.
// The access token (15 minutes) is kept too, so that a reload needs no refresh: one cut off half way would lose the session.
import type { MeFragment } from './documents.gen.ts';

export type Tokens = { accessToken: string; refreshToken: string; expiresAt: string; viewer?: MeFragment };

const KEY = 'runledger.session';
const LOCK = 'runledger.refresh';
/** Refresh this long before the access token ends. */
const MARGIN_MS = 60_000;

export function keptTokens(): Tokens | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Tokens | null;
  } catch {
    return null;
  }
}

export const keepTokens = ({ refreshToken, accessToken, expiresAt, viewer }: Tokens): void =>
  localStorage.setItem(KEY, JSON.stringify({ refreshToken, accessToken, expiresAt, viewer } satisfies Tokens));

export const forgetTokens = (): void => localStorage.removeItem(KEY);

export const isFresh = (expiresAt: string): boolean => Date.parse(expiresAt) - Date.now() > MARGIN_MS;

/** Another tab signed in, signed out or refreshed. */
export function onOtherTab(changed: (tokens: Tokens | null) => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY) changed(keptTokens());
  });
}

/** Tabs share one refresh token that works once, so they take turns. Web Locks need https or localhost; elsewhere a stamp in localStorage has to do. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (navigator.locks) return navigator.locks.request(LOCK, work);
  const mine = `${Math.random()}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const [at = '0', holder] = (localStorage.getItem(LOCK) ?? '').split(' ');
    if (holder === mine) break;
    if (Date.now() - Number(at) > 10_000) localStorage.setItem(LOCK, `${Date.now()} ${mine}`);
    await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 40));
  }
  try {
    return await work();
  } finally {
    localStorage.removeItem(LOCK);
  }
}
