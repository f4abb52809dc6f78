// The one catalogue of faults. Rules throw AppError in the field's words; each door renders it in its own (GraphQL: extensions.code, MLflow: error_code).
// Anything that is not an AppError is our bug: logged with the request id, answered as INTERNAL without detail.

/** code → HTTP status. A user's mistake is never 429 or 5xx: clients would retry it for minutes. */
export const ERROR_TABLE = {
  UNAUTHENTICATED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  ENDPOINT_NOT_FOUND: { status: 404 },
  ALREADY_EXISTS: { status: 400 },
  /** Not a fault: asks a client to send the query itself. Clients expect 200 and this name. */
  PERSISTED_QUERY_NOT_FOUND: { status: 200 },
  CONFLICT: { status: 409 },
  INVALID_ARGUMENT: { status: 400 },
  FAILED_PRECONDITION: { status: 400 },
  LIMIT_EXCEEDED: { status: 400 },
  TOO_LARGE: { status: 413 },
  RANGE_NOT_SATISFIABLE: { status: 416 },
  NOT_IMPLEMENTED: { status: 501 },
  UNAVAILABLE: { status: 503 },
  INTERNAL: { status: 500 },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

/**
 * `reason`: which rule refused, in kebab case; stable, so that doors and programs can act on it. `argument`: the input at fault, as GraphQL names it.
 * `position`: 0-based offset in a filter. All else are facts that the sentence is made of. GraphQL clients get them in `extensions`.
 */
export type ErrorDetail = { reason?: string; argument?: string; position?: number; [fact: string]: unknown };

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }

  get reason(): string | undefined {
    return this.detail.reason;
  }
}

/** What keeps the server from starting: a sentence for whoever starts it, shown without a stack. */
export class StartError extends Error {}

export const notFound = (message: string, detail?: ErrorDetail) => new AppError('NOT_FOUND', message, detail);
export const invalid = (message: string, detail?: ErrorDetail) => new AppError('INVALID_ARGUMENT', message, detail);
export const alreadyExists = (message: string, detail?: ErrorDetail) => new AppError('ALREADY_EXISTS', message, detail);
export const failedPrecondition = (message: string, detail?: ErrorDetail) => new AppError('FAILED_PRECONDITION', message, detail);
export const limitExceeded = (message: string, detail?: ErrorDetail) => new AppError('LIMIT_EXCEEDED', message, detail);
