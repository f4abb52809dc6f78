// All that a run's pages show, as the text that MLflow's protocol prints: {"metrics":[…],"params":[…],"tags":[…]}, each by key, empty ones left out.
// Numbers arrive as Postgres prints them (shortest exact form) and go through unread; values of params and tags arrive as JSON already.

/** Parallel lists, null where there are none. Text, as arrays and `values` leave Postgres: {1,2}; JSON strings, one a line. */
export type SummaryRow = {
  metricKeys: string | null;
  metricValues: string | null;
  steps: string | null;
  timestamps: string | null;
  paramKeys: string | null;
  paramValues: string | null;
  tagKeys: string | null;
  tagValues: string | null;
};

const itemsOf = (array: string | null): string[] => (array === null ? [] : array.slice(1, -1).split(','));

/** Every key's number in these rows. */
export function* summaryKeyIds(rows: readonly SummaryRow[]): Iterable<number> {
  for (const { metricKeys, paramKeys, tagKeys } of rows) {
    for (const keys of [metricKeys, paramKeys, tagKeys]) for (const keyId of itemsOf(keys)) yield Number(keyId);
  }
}

/** MLflow shows the infinities as the largest doubles, and clients compare with that. */
const ODD: Record<string, string> = { NaN: '"NaN"', Infinity: '1.7976931348623157e+308', '-Infinity': '-1.7976931348623157e+308' };

/** A key as the beginning of its item, remembered: few keys name many values. */
export type KeyText = { name: string; start: string };
export const keyText = (name: string): KeyText => ({ name, start: `{"key":${JSON.stringify(name)},"value":` });

const byName = ([a]: [KeyText, string], [b]: [KeyText, string]) => (a.name < b.name ? -1 : 1);

function list(name: string, keys: string[], textOf: (keyId: string) => KeyText, valueAt: (index: number) => string): string {
  const items = keys.map((keyId, index): [KeyText, string] => [textOf(keyId), valueAt(index)]).sort(byName);
  let text = '';
  for (const [key, value] of items) text += `${text === '' ? '' : ','}${key.start}${value}}`;
  return `"${name}":[${text}]`;
}

export function summaryText(row: SummaryRow, textOf: (keyId: string) => KeyText): string {
  const lists: string[] = [];
  if (row.metricKeys !== null) {
    const [values, steps, timestamps] = [itemsOf(row.metricValues), itemsOf(row.steps), itemsOf(row.timestamps)];
    const valueAt = (index: number) => `${ODD[values[index]!] ?? values[index]!},"timestamp":${timestamps[index]!},"step":${steps[index]!}`;
    lists.push(list('metrics', itemsOf(row.metricKeys), textOf, valueAt));
  }
  for (const [name, keys, joined] of [
    ['params', row.paramKeys, row.paramValues],
    ['tags', row.tagKeys, row.tagValues],
  ] as const) {
    if (keys === null) continue;
    const values = joined!.split('\n');
    lists.push(list(name, itemsOf(keys), textOf, (index) => values[index]!));
  }
  return `{${lists.join(',')}}`;
}

type KeyValue = { key: string; value: string };
/** What a summary tells, read again. Metrics have no statistics there. */
export type SummaryValues = { metrics: { key: string; value: number; step: number; timestamp: number }[]; params: KeyValue[]; tags: KeyValue[] };

type Printed = { metrics?: { key: string; value: number | 'NaN'; step: number; timestamp: number }[]; params?: KeyValue[]; tags?: KeyValue[] };

/** Null where the text doesn't tell a value exactly: the infinities look like the largest doubles, and integers beyond 2^53 need care. */
export function readSummary(text: string): SummaryValues | null {
  const { metrics = [], params = [], tags = [] } = JSON.parse(text) as Printed;
  for (const metric of metrics) {
    if (metric.value === 'NaN') metric.value = Number.NaN;
    const isExact = Math.abs(metric.value) !== Number.MAX_VALUE && Number.isSafeInteger(metric.step) && Number.isSafeInteger(metric.timestamp);
    if (!isExact) return null;
  }
  return { metrics: metrics as SummaryValues['metrics'], params, tags };
}
