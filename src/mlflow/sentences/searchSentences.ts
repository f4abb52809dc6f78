// MLflow's sentences about filters, orders and page tokens. Null: MLflow has none, so the rule's own are told.
import type { ErrorDetail } from '../../lib/errors.ts';
import type { SearchReason } from '../../search/refusals.ts';

const CLAUSE = 'Invalid clause(s) in filter string:';
const QUOTE_NEEDED = "with other characters than letters, digits, '_' and '.' need `…` or \"…\".";
const ENTITIES: Record<string, string> = { metric: 'metric', param: 'parameter', tag: 'tag', attribute: 'attribute', dataset: 'dataset' };

const listed = (values: unknown) => (values as string[]).map((value) => `'${value}'`).join(', ');
const beginning = (text: unknown, length: number) => String(text).slice(0, length);
/** What was found as a value; only the beginning of a list. */
const value = ({ found, listed }: ErrorDetail) => `${listed ? '(' : ''}${found}`;

function entityUnknown({ entity, search }: ErrorDetail): string {
  const given = beginning(entity, 100);
  if (search === 'loggedModels') return `Invalid entity type: '${given}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`;
  if (search === 'runs') return `Invalid entity type '${given}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`;
  return `Invalid entity type '${given}'. Valid entity types are ('attribute', 'tag', 'tags')`;
}

function nullTest({ supported, kind, key }: ErrorDetail): string {
  const kinds = (supported as string[]).map((one) => `${one}s`);
  if (kinds.length === 0) return 'IS NULL / IS NOT NULL is not supported in this search';
  return `IS NULL / IS NOT NULL is only supported for ${kinds.join(' and ')}, not for '${ENTITIES[String(kind)]}' '${key}'`;
}

function numberExpected(detail: ErrorDetail): string {
  const of = detail.kind === 'metric' ? 'metric' : `numeric attribute: ${detail.attribute ?? ''}`;
  return `Expected numeric value type for ${of}. Found ${value(detail)}`;
}

function textExpected(detail: ErrorDetail): string {
  const { kind } = detail;
  const of =
    kind === 'attribute' ? 'attributes' : kind === 'dataset' && !detail.listed ? 'dataset attributes' : `${ENTITIES[String(kind)]} (e.g. 'my-value')`;
  return `Expected a quoted string value for ${of}. Got value ${value(detail)}`;
}

function orderUnsupported({ search, clause, entity, valid }: ErrorDetail): string {
  if (search === 'loggedModels') return `Invalid order by field name: ${beginning(clause, 200)}. Only metrics are supported.`;
  if (search === 'runs' || search === 'experiments') return `Invalid order_by entity: ${entity}`;
  return `Invalid order by key '${clause}' specified. Valid keys are '{${listed(valid)}}'`;
}

export const SEARCH_SENTENCES: Record<SearchReason, ((detail: ErrorDetail) => string) | null> = {
  'filter-blank': (d) => `Invalid filter '${d.filter}'. Could not be parsed: expected a clause such as metrics.loss < 0.1, or an empty filter.`,
  'filter-character': (d) => `${CLAUSE} '${d.found}' at position ${d.position}. Names ${QUOTE_NEEDED}`,
  'filter-ends-early': (d) => `${CLAUSE} it ends where ${d.expected} was expected.`,
  'filter-nul': (d) => `${CLAUSE} the character NUL at position ${d.position}.`,
  'filter-operator-unknown': (d) => `${CLAUSE} '${d.found}' at position ${d.position}. This search has no ${d.what}: expected clauses joined by AND.`,
  'filter-quote-open': (d) => `${CLAUSE} the quote at position ${d.position} is not closed.`,
  'filter-semicolon': (d) => `Search filter contained multiple expression '${d.filter}'. Provide AND-ed expression list.`,
  'filter-token-unexpected': (d) => `${CLAUSE} '${d.found}' at position ${d.position}. Expected ${d.expected}.`,
  'filter-too-deep': null,
  'filter-too-long': null,
  'filter-too-many-clauses': null,
  'field-attribute-unknown': (d) => `Invalid attribute key '${d.key}' specified. Valid keys are '{${listed(d.valid)}}'`,
  'field-dataset-unknown': (d) => `Invalid dataset key '${d.key}' specified. Valid keys are '{'name', 'digest', 'context'}'`,
  'field-entity-unknown': entityUnknown,
  'field-key-invalid': null,
  'field-key-missing': (d) => `${CLAUSE} expected a key after '${beginning(d.name, 100)}'.`,
  'field-key-unquoted': (d) => `Invalid comparison clause. Expected 'Identifier' found '${d.found}'. Keys ${QUOTE_NEEDED}`,
  'field-statistic-misplaced': (d) => `${CLAUSE} '.${d.statistic}' after a quoted key. Expected a comparator.`,
  'field-statistic-unknown': null,
  'comparator-invalid': (d) => `Invalid comparator '${d.comparator}' not one of '{${listed(d.allowed)}}'`,
  'condition-empty': null,
  'list-empty': () => 'While parsing a list in the query, expected a non-empty list of string values, but got empty list',
  'list-of-text-only': (d) =>
    `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: ${d.comparator} (${d.found}`,
  'list-unsupported': () => "Only the 'run_id' attribute supports comparison with a list of quoted string values.",
  'null-test-unsupported': nullTest,
  'regex-invalid': null,
  'value-count': null,
  'value-nul': null,
  'value-number-expected': numberExpected,
  'value-text-expected': textExpected,
  'value-unquoted': (d) =>
    `Parameter value is either not quoted or unidentified quote types used for string value ${d.found}. Use either single or double quotes.`,
  'order-direction-unknown': (d) => `Invalid ordering key in order_by clause '${d.clause}'. Expected ASC or DESC after the name.`,
  'order-field-unsupported': orderUnsupported,
  'order-malformed': (d) => `Invalid order_by clause '${d.clause}'. Could not be parsed. Expected a name, then ASC or DESC.`,
  'order-too-long': null,
  'order-twice': (d) => `\`order_by\` contains duplicate fields: [${listed(d.clauses)}]`,
  'cursor-invalid': () => 'Invalid page token, could not base64-decode',
  'cursor-of-another-search': () =>
    'Invalid page token: the filter, the order or the scope of the search has changed since it was made. Start again without a page token.',
  'dataset-name-missing': () => '`dataset_name` in the `datasets` clause must be specified.',
  'dataset-nul': null,
};
