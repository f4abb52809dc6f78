// Automatic persisted queries, as Apollo's clients speak them: a query is sent once with its SHA-256, then the hash alone. Kept in memory and
// bounded. A server that has forgotten a query asks for it again.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { AppError, invalid } from '../../lib/errors.ts';

const queries = new LRUCache<string, string>({ max: 2_000, maxSize: 10_000_000, sizeCalculation: (text) => text.length + 64 });

/** What clients look for by this very message; they send the query with its hash then. */
const unknownQuery = () => new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');

export type Persisted = { query: unknown; remember(): void };

function hashIn(extensions: unknown): string | null {
  const persisted = (extensions as { persistedQuery?: { version?: unknown; sha256Hash?: unknown } } | null | undefined)?.persistedQuery;
  if (persisted == null) return null;
  const { version, sha256Hash: hash } = persisted;
  if (version !== 1 || typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash))
    throw invalid("'extensions.persistedQuery' takes version 1 and a sha256Hash of 64 hexadecimal digits.", { argument: 'extensions' });
  return hash;
}

/**
 * The query that a request means. `remember` is to be called once the query has been found sound.
 * Throws PERSISTED_QUERY_NOT_FOUND for a hash without a query that isn't known (any more), INVALID_ARGUMENT for a hash of another text.
 */
export function persistedQuery(query: unknown, extensions: unknown): Persisted {
  const hash = hashIn(extensions);
  if (hash === null) return { query, remember() {} };
  if (query === undefined || query === null || query === '') {
    const known = queries.get(hash);
    if (known === undefined) throw unknownQuery();
    return { query: known, remember() {} };
  }
  if (typeof query === 'string' && createHash('sha256').update(query).digest('hex') !== hash)
    throw invalid('The sha256Hash is not that of the query.', { argument: 'extensions' });
  return { query, remember: () => void (typeof query === 'string' && queries.set(hash, query)) };
}
