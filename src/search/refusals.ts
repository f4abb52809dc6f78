// Every way in which the filter language refuses, by name, and how its messages quote what was written. A door may have a sentence of its own for each.
import { type AppError, type ErrorDetail, invalid } from '../lib/errors.ts';

export type SearchReason =
  // The text
  | 'filter-blank'
  | 'filter-character'
  | 'filter-ends-early'
  | 'filter-nul'
  | 'filter-operator-unknown'
  | 'filter-quote-open'
  | 'filter-semicolon'
  | 'filter-token-unexpected'
  | 'filter-too-deep'
  | 'filter-too-long'
  | 'filter-too-many-clauses'
  // Names
  | 'field-attribute-unknown'
  | 'field-dataset-unknown'
  | 'field-entity-unknown'
  | 'field-key-invalid'
  | 'field-key-missing'
  | 'field-key-unquoted'
  | 'field-statistic-misplaced'
  | 'field-statistic-unknown'
  // Comparators and values
  | 'comparator-invalid'
  | 'condition-empty'
  | 'list-empty'
  | 'list-of-text-only'
  | 'list-unsupported'
  | 'null-test-unsupported'
  | 'regex-invalid'
  | 'value-count'
  | 'value-nul'
  | 'value-number-expected'
  | 'value-text-expected'
  | 'value-unquoted'
  // Orders, cursors, scopes
  | 'order-direction-unknown'
  | 'order-field-unsupported'
  | 'order-malformed'
  | 'order-too-long'
  | 'order-twice'
  | 'cursor-invalid'
  | 'cursor-of-another-search'
  | 'dataset-name-missing'
  | 'dataset-nul';

/** `message` says what is wrong and what to write instead. INVALID_ARGUMENT. */
export const refusal = (message: string, detail: ErrorDetail & { reason: SearchReason }): AppError => invalid(message, detail);

/** User text for a message: bounded, so that an error is never as long as the filter. */
export const cut = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
export const quoted = (text: string) => `'${cut(text)}'`;

/** a, b or c */
export const anyOf = (items: readonly string[]) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items[items.length - 1]}`;
