// Query text → a parsed and bounded document, remembered, since programs send the same few again and again.
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SharedDocuments } from '../../http/door.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { checkShape, LIMITS } from './limits.ts';
import { checkLiterals } from './text.ts';

/** `others`: the door that answers it, where that isn't this one. */
export type Inspected = { document: DocumentNode; others?: SharedDocuments };
export type Inspect = (text: unknown) => Inspected;

/** What reads documents; it throws LIMIT_EXCEEDED, or INVALID_ARGUMENT with what the parser says. `shared`: of other doors. */
export function openInspector(shared: readonly SharedDocuments[]): Inspect {
  const documents = new LRUCache<string, Inspected>({ max: 1_000, maxSize: 5_000_000, sizeCalculation: (_, text) => text.length + 1 });
  return (text) => inspect(text, documents, shared);
}

function inspect(text: unknown, documents: LRUCache<string, Inspected>, shared: readonly SharedDocuments[]): Inspected {
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
  const others = shared.find((one) => one.answers(document));
  // The others have limits of their own.
  if (!others) checkShape(document);
  checkLiterals(document);
  const inspected: Inspected = { document, ...(others && { others }) };
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
