// Why a server could not start, as one sentence that says what to do. What isn't known here is our bug, and keeps its stack.
import type { Config } from './config.ts';
import { ConfigError } from './config.ts';
import { AppError, StartError } from './lib/errors.ts';

type Fault = NodeJS.ErrnoException & { address?: string; port?: number };

const FILES: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it is not a folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the path is too long',
};

/** undefined: not a known reason. */
export function startFault(error: unknown, config?: Pick<Config, 'host' | 'port'>): string | undefined {
  if (error instanceof ConfigError || error instanceof StartError || error instanceof AppError) return error.message;
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall, path, message } = error as Fault;
  if (code === 'EADDRINUSE') {
    const { address = config?.host, port = config?.port } = error as Fault;
    return `Port ${port} of ${address} is taken (EADDRINUSE). Stop what listens there, or set RUNLEDGER_PORT to another one; 0 takes any that is free.`;
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return `Runledger can't listen on ${config?.host}, port ${config?.port} (${message}). Set RUNLEDGER_HOST and RUNLEDGER_PORT to an address and a port that this user may use.`;
  }
  if (path !== undefined && code in FILES) {
    return `Runledger can't use ${path}: ${FILES[code]}. Set RUNLEDGER_DATA_DIR, and RUNLEDGER_ARTIFACTS if it names a folder, to one that this user may write to.`;
  }
  return undefined;
}

/** For standard error: the sentence, or all that is known. */
export const describeFault = (error: unknown, config?: Pick<Config, 'host' | 'port'>): string =>
  startFault(error, config) ?? String((error as Error | null)?.stack ?? error);
