// Faults as MLflow's JSON: its codes, its sentences.

import { shortened } from '../http/errors.ts';
import type { AppError, ErrorCode } from '../lib/errors.ts';
import { sentenceOf } from './sentences/sentences.ts';

/** MLflow has fewer codes; clients act on those of them that differ. */
export const ERROR_CODES: Record<ErrorCode, string> = {
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  FORBIDDEN: 'PERMISSION_DENIED',
  NOT_FOUND: 'RESOURCE_DOES_NOT_EXIST',
  ENDPOINT_NOT_FOUND: 'ENDPOINT_NOT_FOUND',
  ALREADY_EXISTS: 'RESOURCE_ALREADY_EXISTS',
  PERSISTED_QUERY_NOT_FOUND: 'INVALID_PARAMETER_VALUE',
  CONFLICT: 'RESOURCE_CONFLICT',
  INVALID_ARGUMENT: 'INVALID_PARAMETER_VALUE',
  FAILED_PRECONDITION: 'INVALID_PARAMETER_VALUE',
  LIMIT_EXCEEDED: 'INVALID_PARAMETER_VALUE',
  TOO_LARGE: 'INVALID_PARAMETER_VALUE',
  RANGE_NOT_SATISFIABLE: 'INVALID_PARAMETER_VALUE',
  NOT_IMPLEMENTED: 'NOT_IMPLEMENTED',
  UNAVAILABLE: 'TEMPORARILY_UNAVAILABLE',
  INTERNAL: 'INTERNAL_ERROR',
};

export const mlflowError = (error: AppError) => ({ error_code: ERROR_CODES[error.code], message: shortened(sentenceOf(error)) });
