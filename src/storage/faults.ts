// What keeps an artifact store from working, of whichever kind. Nothing of it is the caller's fault, and all of it can be mended: retry later.
import { AppError } from '../lib/errors.ts';

/** `missing`: the bucket or folder isn't there. `forbidden`: wrong keys, or rights that lack. */
export type StoreFault = 'away' | 'full' | 'read-only' | 'missing' | 'forbidden';

/** For the caller; seconds until it makes sense to try again; for whoever runs the server. */
const TOLD: Record<StoreFault, [string, number, string]> = {
  away: ['The artifact store is not reachable right now. Try again in a moment.', 1, 'does not answer'],
  full: ['The artifact store has no space left. Try again once whoever runs the server has made room.', 10, 'has no space left'],
  'read-only': ['The artifact store takes no files right now. Try again later, or tell whoever runs the server.', 10, 'is read-only'],
  missing: ['The artifact store is not there right now. Try again later, or tell whoever runs the server.', 10, 'is not there'],
  forbidden: ['The artifact store does not let the server in. Try again later, or tell whoever runs the server.', 10, "refuses the server's access"],
};

export const storeUnavailable = (fault: StoreFault, cause: unknown): AppError =>
  Object.assign(new AppError('UNAVAILABLE', TOLD[fault][0], { reason: `artifact-store-${fault}`, retryAfter: TOLD[fault][1] }), { cause });

/** What is wrong with the store, for an operator. */
export function whyUnready(error: unknown): string {
  const fault = /^artifact-store-(.*)$/.exec((error as AppError | null)?.reason ?? '')?.[1] as StoreFault | undefined;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return `${fault ? TOLD[fault][2] : 'can not be used'}${cause instanceof Error ? ` (${cause.message})` : ''}`;
}

const BY_CODE: Record<string, StoreFault> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EIO: 'away',
  ESTALE: 'away',
  ETIMEDOUT: 'away',
  ENOTCONN: 'away',
  EMFILE: 'away',
  ENFILE: 'away',
};

/** The file system's own faults; any other error as it came. */
export function asFileSystemFault(error: unknown): unknown {
  const { code = '', syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const fault = syscall === undefined ? undefined : BY_CODE[code];
  return fault ? storeUnavailable(fault, error) : error;
}

/** Runs `work` on the file system; what it throws is an AppError wherever the fault is known. */
export async function onFileSystem<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    throw asFileSystemFault(error);
  }
}
