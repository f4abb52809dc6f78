// Signing in and out, and asking the server as whoever is signed in.
import { ApiError, type Document, send } from './client.ts';
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
import { currentSession, setSignedIn, setSignedOut } from './session-state.ts';
import { forgetTokens, inTurn, isFresh, keepTokens, keptTokens, onOtherTab, type Tokens } from './session-tokens.ts';

export { useSession } from './session-state.ts';

let access: { token: string; expiresAt: string } | null = null;
let refreshing: Promise<string | null> | null = null;

function hold({ accessToken: token, expiresAt }: Tokens): string {
  access = { token, expiresAt };
  return token;
}

function accept(tokens: Tokens & { viewer: MeFragment }): string {
  keepTokens(tokens);
  setSignedIn(tokens.viewer);
  return hold(tokens);
}

function leave(notice: string | null): void {
  access = null;
  setSignedOut(notice);
}

/** `refused`: the access token that the server didn't take. */
async function refresh(refused: string | undefined): Promise<string | null> {
  return inTurn(async () => {
    const mine = keptTokens();
    if (!mine) {
      leave(null);
      return null;
    }
    // Another tab was faster.
    if (mine.accessToken !== refused && isFresh(mine.expiresAt)) return hold(mine);
    try {
      return accept((await send(RefreshSessionDocument, { refreshToken: mine.refreshToken }, null)).refreshSession);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'OFFLINE') throw error;
      if (keptTokens()?.refreshToken === mine.refreshToken) forgetTokens();
      leave('Your session has ended. Sign in again.');
      return null;
    }
  });
}

/** A token good for the next minute, or null when nobody is signed in. */
export async function accessToken(refused?: string): Promise<string | null> {
  if (!refused && access && isFresh(access.expiresAt)) return access.token;
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
  setSignedIn((await ask(WhoAmIDocument, {})).viewer);
}

/** Goes on with the session of before the reload, if there is one; whether there is. */
export async function resume(): Promise<boolean> {
  try {
    const mine = keptTokens();
    if (mine && isFresh(mine.expiresAt)) {
      hold(mine);
      // The room needn't wait to be told again who this is: what has changed since is told below, and the server checks each request.
      if (mine.viewer && currentSession().status === 'starting') {
        setSignedIn(mine.viewer);
        void reloadViewer().catch(() => undefined);
        return true;
      }
    }
    // A refresh says who signed in; a token that is still good has to be asked about.
    if ((await accessToken()) && currentSession().status !== 'in') setSignedIn((await ask(WhoAmIDocument, {})).viewer);
  } catch (error) {
    if (currentSession().status === 'in') return true;
    const away = error instanceof ApiError && error.code === 'OFFLINE';
    setSignedOut(away ? 'The server can not be reached. Reload to try again.' : null);
  }
  return currentSession().status === 'in';
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
  forgetTokens();
  leave(null);
  if (token) await send(SignOutDocument, {}, token).catch(() => undefined);
}

// Signing out in one tab signs out the others; somebody else signing in there must not go on here as the one before.
onOtherTab((tokens) => {
  if (!tokens) return leave(null);
  hold(tokens);
  void resumeAs(tokens);
});

async function resumeAs({ accessToken: token }: Tokens): Promise<void> {
  const found = await send(WhoAmIDocument, {}, token).catch(() => null);
  if (found) setSignedIn(found.viewer);
}
