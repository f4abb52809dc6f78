// Texts and names as the filter language writes them. The only place of the page that makes filters from what people or runs have written.

/** Any text as a value: 'it''s'. A doubled quote stands for one, and nothing else has a meaning of its own. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A key behind its kind: params.lr, metrics.`val loss`. */
export const fieldText = (kind: 'metrics' | 'params' | 'tags' | 'attributes', key: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${kind}.${key}` : `${kind}.\`${key.replaceAll('`', '``')}\``;

/** The text itself inside a pattern of LIKE and ILIKE, whose wildcards are % and _. */
export const likeText = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');
