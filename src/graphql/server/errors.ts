// Any fault as a GraphQL error: code, argument and position from AppError, never a stack. What is our bug is logged with the request id.
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { shortened, toAppError } from '../../http/errors.ts';
import { AppError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { logFault } from '../../lib/operatorFaults.ts';

/** GraphQL's own faults (syntax, unknown fields, variables of the wrong type) have no other error behind them: they are the sender's. */
function known(error: unknown): AppError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original == null || original instanceof GraphQLError) return ofTheSender((error as Error).message);
  return toAppError(original);
}

/** GraphQL says in words only which part of a variable is at fault. Mutations take everything in one `input`, which needn't be said. */
function ofTheSender(message: string): AppError {
  const [, at = ''] = / at "([^"]+)"; /.exec(message) ?? [];
  const [, field = ''] = /; Field "(\w+)" (?:of required type|is not defined)/.exec(message) ?? [];
  const argument = [at, field]
    .filter(Boolean)
    .join('.')
    .replace(/^input\./, '');
  return new AppError('INVALID_ARGUMENT', message, argument === '' ? {} : { argument });
}

const COLUMNS: Record<string, string> = { key: 'keys', value: 'values', step: 'steps', timestamp: 'timestamps' };

/** Points are given to `logMetrics` as columns. */
function asArgument(name: string, field: unknown): string {
  const [, index, part] = (field === 'logMetrics' && /^metrics(\[\d+\])\.(\w+)$/.exec(name)) || [];
  return part === undefined ? name : `${COLUMNS[part] ?? part}${index}`;
}

export function formatError(formatted: Partial<GraphQLFormattedError>, error: unknown): GraphQLFormattedError {
  const fault = known(error);
  const { argument } = fault.detail;
  // Facts repeat what was asked for, as messages do.
  const facts = Object.entries(fault.detail).map(([name, fact]) => [name, typeof fact === 'string' ? shortened(fact) : fact]);
  return {
    message: shortened(fault.message),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: {
      ...Object.fromEntries(facts),
      ...(argument === undefined ? {} : { argument: asArgument(argument, formatted.path?.[0]) }),
      code: fault.code,
      // The same call may work later.
      ...(fault.code === 'UNAVAILABLE' && { retryable: true }),
    },
  };
}

export function logError(error: unknown, requestId: string, log: Log): void {
  const fault = known(error);
  if (fault.code !== 'INTERNAL' && fault.code !== 'UNAVAILABLE') return;
  const original = error instanceof GraphQLError ? error.originalError : error;
  logFault(log, original, { requestId, path: error instanceof GraphQLError ? error.path : undefined }, fault.message);
}

export const withRequestId = (error: GraphQLFormattedError, requestId: string): GraphQLFormattedError => ({
  ...error,
  extensions: { ...error.extensions, requestId },
});
