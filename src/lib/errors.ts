// The one catalogue of faults. Domain throws AppError; each door renders it (HTTP status, MLflow error_code, GraphQL extensions.code).
// Anything that is not an AppError is our bug: logged with the request id, answered as INTERNAL without detail.

/** code → HTTP status and MLflow `error_code`. A user's mistake is never 429 or 5xx: the MLflow client would retry it for minutes. */
export const ERROR_TABLE = {
  UNAUTHENTICATED: { status: 401, mlflow: 'UNAUTHENTICATED' },
  FORBIDDEN: { status: 403, mlflow: 'PERMISSION_DENIED' },
  NOT_FOUND: { status: 404, mlflow: 'RESOURCE_DOES_NOT_EXIST' },
  ENDPOINT_NOT_FOUND: { status: 404, mlflow: 'ENDPOINT_NOT_FOUND' },
  ALREADY_EXISTS: { status: 400, mlflow: 'RESOURCE_ALREADY_EXISTS' },
  /** Not a fault: asks a client to send the query itself. Clients expect 200 and this name. */
  PERSISTED_QUERY_NOT_FOUND: { status: 200, mlflow: 'INVALID_PARAMETER_VALUE' },
  CONFLICT: { status: 409, mlflow: 'RESOURCE_CONFLICT' },
  INVALID_ARGUMENT: { status: 400, mlflow: 'INVALID_PARAMETER_VALUE' },
  FAILED_PRECONDITION: { status: 400, mlflow: 'INVALID_PARAMETER_VALUE' },
  LIMIT_EXCEEDED: { status: 400, mlflow: 'INVALID_PARAMETER_VALUE' },
  TOO_LARGE: { status: 413, mlflow: 'INVALID_PARAMETER_VALUE' },
  RANGE_NOT_SATISFIABLE: { status: 416, mlflow: 'INVALID_PARAMETER_VALUE' },
  NOT_IMPLEMENTED: { status: 501, mlflow: 'NOT_IMPLEMENTED' },
  UNAVAILABLE: { status: 503, mlflow: 'TEMPORARILY_UNAVAILABLE' },
  INTERNAL: { status: 500, mlflow: 'INTERNAL_ERROR' },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** `argument`: the input at fault. `position`: 0-based offset in a filter string. Both reach GraphQL clients in `extensions`. */
export type ErrorDetail = { argument?: string; position?: number; [more: string]: unknown };

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }
}

/** What keeps the server from starting: a sentence for whoever starts it, shown without a stack. */
export class StartError extends Error {}

export const notFound = (message: string) => new AppError('NOT_FOUND', message);
export const invalid = (message: string, detail?: ErrorDetail) => new AppError('INVALID_ARGUMENT', message, detail);
export const alreadyExists = (message: string, detail?: ErrorDetail) => new AppError('ALREADY_EXISTS', message, detail);
export const failedPrecondition = (message: string) => new AppError('FAILED_PRECONDITION', message);
export const limitExceeded = (message: string, detail?: ErrorDetail) => new AppError('LIMIT_EXCEEDED', message, detail);
