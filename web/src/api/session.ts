// Who is signed in. Both tokens are kept in localStorage, so that a reload stays signed in and tabs share one session: a script running in
// this page could read them there, which the content security policy is the guard against; in return no other site can make the browser send
// them. A refresh token is good for one use, and using a stolen copy ends the session for both. The access token (15 minutes) is kept beside
// it so that reloading needs no refresh: one that is cut off half way would lose the session.
import { useSyncExternalStore } from 'react';
import { forgetDrafts } from '../kept.ts';
import { ApiError, type Document, send } from './client.ts';
import { connection, onConnection } from './connection.ts';
import {
  AcceptInvitationDocument,
  type MeFragment,
  RefreshSessionDocument,
  ResetPasswordDocument,
  SignInDocument,
  SignInWithLinkDocument,
  SignOutDocument,
  WhoAmIDocument,
} from './documents.gen.ts';

export type Session = { status: 'starting' | 'out' | 'in'; viewer: MeFragment | null; notice: string | null };
type Tokens = { accessToken: string; refreshToken: string; expiresAt: string; viewer: MeFragment };

const KEY = 'runledger.session';
const LOCK = 'runledger.refresh';
const AWAY = 'The server can not be reached. This goes on by itself when it is back.';
/** Refresh this long before the access token ends. */
const MARGIN_MS = 60_000;

let session: Session = { status: 'starting', viewer: null, notice: null };
let access: { token: string; endsAt: number } | null = null;
let refreshing: Promise<string | null> | null = null;
const listeners = new Set<() => void>();

function set(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export const useSession = (): Session =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => session,
  );

type Kept = { refreshToken: string; accessToken: string; expiresAt: string; viewer?: MeFragment };

function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

function hold({ accessToken: token, expiresAt }: Kept): string {
  access = { token, endsAt: Date.parse(expiresAt) };
  return token;
}

const isFresh = (at: number) => at - Date.now() > MARGIN_MS;

function accept({ viewer, ...tokens }: Tokens): string {
  localStorage.setItem(
    KEY,
    JSON.stringify({ refreshToken: tokens.refreshToken, accessToken: tokens.accessToken, expiresAt: tokens.expiresAt, viewer } satisfies Kept),
  );
  enter(viewer);
  return hold(tokens);
}

function enter(viewer: MeFragment): void {
  // The same viewer again (each refresh) redraws nothing.
  if (session.status === 'in' && JSON.stringify(session.viewer) === JSON.stringify(viewer)) return;
  set({ status: 'in', viewer, notice: null });
}

function leave(notice: string | null): void {
  access = null;
  set({ status: 'out', viewer: null, notice });
}

/** Tabs share one refresh token that works once, so they take turns. Web Locks need https or localhost; elsewhere a stamp in localStorage has to do. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
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

/** `refused`: the access token that the server didn't take. */
async function refresh(refused: string | undefined): Promise<string | null> {
  return inTurn(async () => {
    const mine = kept();
    if (!mine) {
      leave(null);
      return null;
    }
    // Another tab was faster.
    if (mine.accessToken !== refused && isFresh(Date.parse(mine.expiresAt))) return hold(mine);
    try {
      return accept((await send(RefreshSessionDocument, { refreshToken: mine.refreshToken }, null)).refreshSession);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'OFFLINE') throw error;
      if (kept()?.refreshToken === mine.refreshToken) localStorage.removeItem(KEY);
      leave('Your session has ended. Sign in again.');
      return null;
    }
  });
}

/** A token good for the next minute, or null when nobody is signed in. */
export async function accessToken(refused?: string): Promise<string | null> {
  if (!refused && access && isFresh(access.endsAt)) return access.token;
  refreshing ??= refresh(refused ?? access?.token).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Asks as whoever is signed in. Throws ApiError. */
export async function ask<R, V>(document: Document<R, V>, variables: V, signal?: AbortSignal): Promise<R> {
  const token = await accessToken();
  if (!token) throw new ApiError('You are signed out.', 'UNAUTHENTICATED');
  try {
    return await send(document, variables, token, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNAUTHENTICATED') throw error;
    const again = await accessToken(token);
    if (!again) throw error;
    return send(document, variables, again, signal);
  }
}

/** After a change of one's teams. */
export async function reloadViewer(): Promise<void> {
  enter((await ask(WhoAmIDocument, {})).viewer);
}

/** Goes on with the session of before the reload, if there is one; whether there is. */
export async function resume(): Promise<boolean> {
  try {
    const mine = kept();
    if (mine && isFresh(Date.parse(mine.expiresAt))) {
      hold(mine);
      // The room needn't wait to be told again who this is: what has changed since is told below, and the server checks each request.
      if (mine.viewer && session.status === 'starting') {
        enter(mine.viewer);
        void reloadViewer().catch(() => undefined);
        return true;
      }
    }
    // A refresh says who signed in; a token that is still good has to be asked about.
    if ((await accessToken()) && session.status !== 'in') enter((await ask(WhoAmIDocument, {})).viewer);
  } catch (error) {
    if (session.status === 'in') return true;
    const away = error instanceof ApiError && error.code === 'OFFLINE';
    set({ status: 'out', viewer: null, notice: away ? AWAY : null });
  }
  return session.status === 'in';
}

export const signIn = async (email: string, password: string): Promise<void> => {
  accept((await send(SignInDocument, { email, password }, null)).signIn);
};

export const signInWithLink = async (token: string): Promise<void> => {
  accept((await send(SignInWithLinkDocument, { token }, null)).signInWithLink);
};

/** Joins as whoever is signed in, else as a new account. Returns the team. Throws ApiError. */
export async function acceptInvitation(token: string, account: { name: string; password: string } | null): Promise<string> {
  const { acceptInvitation: joined } = account
    ? await send(AcceptInvitationDocument, { token, name: account.name || null, password: account.password }, null)
    : await ask(AcceptInvitationDocument, { token });
  if (joined.signedIn) accept(joined.signedIn);
  else await reloadViewer();
  return joined.team;
}

/** By a link of an administrator's: a new password, and signed in. Throws ApiError. */
export async function resetPassword(token: string, newPassword: string): Promise<void> {
  accept((await send(ResetPasswordDocument, { token, newPassword }, null)).resetPassword);
}

/** Ends the session on the server too; what can't be reached can't be told, and is left behind all the same. */
export async function signOut(): Promise<void> {
  const token = access?.token;
  localStorage.removeItem(KEY);
  forgetDrafts();
  leave(null);
  if (token) await send(SignOutDocument, {}, token).catch(() => undefined);
}

onConnection(() => {
  if (connection() === 'catching up' && session.notice === AWAY) void resume();
});

// Signing out in one tab signs out the others; somebody else signing in there must not go on here as the one before.
window.addEventListener('storage', (event) => {
  if (event.key !== KEY) return;
  const mine = kept();
  if (!mine) leave(null);
  else {
    hold(mine);
    void resumeAs(mine);
  }
});

async function resumeAs({ accessToken: token }: Kept): Promise<void> {
  const found = await send(WhoAmIDocument, {}, token).catch(() => null);
  if (found) enter(found.viewer);
}
