// Query text → a parsed and bounded document, remembered, since programs send the same few again and again.
import { type DocumentNode, GraphQLError, Kind, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { invalid, limitExceeded } from '../lib/errors.ts';
import { checkShape, LIMITS } from './limits.ts';
import { checkLiterals } from './text.ts';

/** `door`: whose fields it asks for: ours, or those of MLflow's own page (`mlflow…` and `test`). */
export type Inspected = { document: DocumentNode; door: 'runledger' | 'mlflow' };

const documents = new LRUCache<string, Inspected>({ max: 1_000, maxSize: 5_000_000, sizeCalculation: (_, text) => text.length + 1 });

/** Throws LIMIT_EXCEEDED, or INVALID_ARGUMENT with what the parser says. */
export function inspect(text: unknown): Inspected {
  if (typeof text !== 'string' || text.trim() === '')
    throw invalid('The request has no \'query\'. Send JSON: {"query": "{ viewer { user { email } } }"}.', { argument: 'query' });
  const known = documents.get(text);
  if (known) return known;
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.documentBytes) {
    throw limitExceeded(`A query has at most ${LIMITS.documentBytes} bytes; this one has ${bytes}. Send values as variables, or split it.`, {
      limit: LIMITS.documentBytes,
      asked: bytes,
    });
  }
  const document = parseBounded(text);
  const door = doorOf(document);
  // MLflow's documents have limits of their own, with MLflow's words (mlflow/graphql).
  if (door === 'runledger') checkShape(document);
  checkLiterals(document);
  const inspected: Inspected = { document, door };
  documents.set(text, inspected);
  return inspected;
}

function parseBounded(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: LIMITS.tokens, noLocation: false });
  } catch (error) {
    if (error instanceof RangeError) throw limitExceeded('The query nests too deep to be read. Send values as variables.');
    if (!(error instanceof GraphQLError)) throw error;
    if (/^Syntax Error: Document contains more that/.test(error.message))
      throw limitExceeded(`A query has at most ${LIMITS.tokens} tokens. Split it.`, { limit: LIMITS.tokens });
    throw invalid(error.message, { argument: 'query', position: error.positions?.[0] });
  }
}

function doorOf(document: DocumentNode): Inspected['door'] {
  const roots = document.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? one.selectionSet.selections : []));
  const theirs = roots.filter((one) => one.kind === Kind.FIELD && /^(mlflow|test$)/.test(one.name.value));
  return roots.length > 0 && theirs.length === roots.length ? 'mlflow' : 'runledger';
}
