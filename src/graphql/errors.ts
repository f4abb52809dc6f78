// Any fault as a GraphQL error: code, argument and position from AppError, never a stack. What is our bug is logged with the request id.
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { toAppError } from '../http/errors.ts';
import { AppError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

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

/** Rules name arguments as MLflow does, where it fixes the words. */
const MLFLOW_NAMES: Record<string, string> = {
  run_name: 'name',
  user_id: 'user',
  start_time: 'startedAt',
  end_time: 'endedAt',
  model_type: 'type',
  max_results: 'first',
  'Registered model alias name': 'alias',
};

const COLUMNS: Record<string, string> = { name: 'keys', value: 'values', step: 'steps', timestamp: 'timestamps' };

function asArgument(name: string, field: unknown): string {
  const [, index, part] = /^metrics(\[\d+\])\.(\w+)$/.exec(name) ?? [];
  if (part !== undefined) return field === 'logMetrics' ? `${COLUMNS[part] ?? part}${index}` : `metrics${index}.${part === 'name' ? 'key' : part}`;
  return (
    MLFLOW_NAMES[name] ?? (/^[a-z0-9]+(_[a-z0-9]+)+$/.test(name) ? name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()) : name)
  );
}

export function formatError(formatted: Partial<GraphQLFormattedError>, error: unknown): GraphQLFormattedError {
  const fault = known(error);
  const { argument } = fault.detail;
  return {
    message: fault.message,
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: { ...fault.detail, ...(argument === undefined ? {} : { argument: asArgument(argument, formatted.path?.[0]) }), code: fault.code },
  };
}

export function logError(error: unknown, requestId: string, log: Log): void {
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
export function refusal(error: unknown, requestId: string, log: Log): { errors: GraphQLFormattedError[] } {
  logError(error, requestId, log);
  return { errors: [withRequestId(formatError({}, error), requestId)] };
}
