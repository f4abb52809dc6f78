// On whose behalf the present call chain works, and whether they still wait for it. Fair turns and cancelled statements go by it.
import { AsyncLocalStorage } from 'node:async_hooks';

/** `caller`: a team, or whoever takes a team's place. `signal`: aborted when the client has left. */
export type Work = { caller: string; signal: AbortSignal };

const storage = new AsyncLocalStorage<Work | undefined>();

export const presentWork = (): Work | undefined => storage.getStore();

export const workFor = <R>(work: Work, run: () => R): R => storage.run(work, run);

/** For what serves several callers at once: it must not end because one of them leaves. */
export const workForAll = <R>(run: () => R): R => storage.run(undefined, run);
