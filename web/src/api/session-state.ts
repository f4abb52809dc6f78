// Who is signed in, as the page shows it: one state that components follow.
import { useSyncExternalStore } from 'react';
import type { MeFragment } from './documents.gen.ts';

export type Session = { status: 'starting' | 'out' | 'in'; viewer: MeFragment | null; notice: string | null };

let session: Session = { status: 'starting', viewer: null, notice: null };
const listeners = new Set<() => void>();

export const currentSession = (): Session => session;

function set(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

export function setSignedIn(viewer: MeFragment): void {
  // The same viewer again (each refresh) redraws nothing.
  if (session.status === 'in' && JSON.stringify(session.viewer) === JSON.stringify(viewer)) return;
  set({ status: 'in', viewer, notice: null });
}

export const setSignedOut = (notice: string | null): void => set({ status: 'out', viewer: null, notice });

export const useSession = (): Session =>
  useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => session,
  );
