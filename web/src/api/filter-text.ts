// Texts and names as the filter language writes them. The only place of the page that makes filters from what people or runs have written.

type Kind = 'metrics' | 'params' | 'tags' | 'attributes';

/** Any text as a value: 'it''s'. A doubled quote stands for one, and nothing else has a meaning of its own. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A key behind its kind and in quotes: what is in them is never taken for a statistic. */
export const quotedField = (kind: Kind, key: string): string => `${kind}.\`${key.replaceAll('`', '``')}\``;

/** A key behind its kind: params.lr, metrics.`val loss`. */
export const fieldText = (kind: Kind, key: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `${kind}.${key}` : quotedField(kind, key));

/** What contains a text, whatever its letters' case. Patterns of LIKE can't say `%` and `_`. */
export const containsText = (field: string, text: string): string => `${field} CONTAINS ${quoteText(text)}`;

/** One of some texts. */
export const oneOfTexts = (field: string, texts: readonly string[]): string => `${field} IN (${texts.map(quoteText).join(', ')})`;

/** A column by its id: `attributes.status` → status, `metrics.loss@min` → metrics.loss.min, `params.a b` → params.`a b`. */
export function columnText(id: string): string {
  const dot = id.indexOf('.');
  const [kind, rest] = [id.slice(0, dot) as Kind, id.slice(dot + 1)];
  if (kind === 'attributes') return /^[\w.:/-]+$/.test(rest) ? rest : `\`${rest.replaceAll('`', '``')}\``;
  // Of a metric, what stands behind the last @ is the statistic.
  const at = kind === 'metrics' ? rest.lastIndexOf('@') : -1;
  return at < 0 ? fieldText(kind, rest) : `${fieldText(kind, rest.slice(0, at))}.${rest.slice(at + 1)}`;
}

/** The runs that have this value in a column, or none. */
export const equalsText = (id: string, value: string | null): string =>
  value === null ? `${columnText(id)} IS NULL` : `${columnText(id)} = ${quoteText(value)}`;
