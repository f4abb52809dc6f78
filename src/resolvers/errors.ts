// Any fault as a GraphQL error: code, argument and position from AppError, never a stack. What is our bug is logged with the request id.
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { toAppError } from '../http/errors.ts';

/** GraphQL's own faults (syntax, unknown fields, variables of the wrong type) have no other error behind them: they are the sender's. */
function known(error: unknown): AppError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original == null || original instanceof GraphQLError) return new AppError('INVALID_ARGUMENT', (error as Error).message);
  return toAppError(original);
}

export function formatError(formatted: Partial<GraphQLFormattedError>, error: unknown): GraphQLFormattedError {
  const fault = known(error);
  return {
    message: fault.message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: { ...fault.detail, code: fault.code },
  };
}

export function logError(error: unknown, requestId: string, log: Logger): void {
  const fault = known(error);
  if (fault.code !== 'INTERNAL' && fault.code !== 'UNAVAILABLE') return;
  const original = error instanceof GraphQLError ? error.originalError : error;
  log.error({ err: original, requestId, path: error instanceof GraphQLError ? error.path : undefined }, fault.message);
}

export const withRequestId = (error: GraphQLFormattedError, requestId: string): GraphQLFormattedError => ({
  ...error,
  extensions: { ...error.extensions, requestId },
});

/** The answer to a request that never came to run. */
export function refusal(error: unknown, requestId: string, log: Logger): { errors: GraphQLFormattedError[] } {
  logError(error, requestId, log);
  return { errors: [withRequestId(formatError({}, error), requestId)] };
}
