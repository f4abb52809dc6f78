// All that a run's pages show, as JSON: {"metrics":[…],"params":[…],"tags":[…]}, each by key, empty ones left out. Items have a fixed shape, which
// doors rely on: {"key":…,"value":…,"timestamp":…,"step":…} of metrics, {"key":…,"value":…} of the rest. NaN and the infinities are the texts "NaN",
// "Infinity" and "-Infinity". Until 0.3 the infinities were kept as the largest doubles; such texts are told by that number and read from the rows.
// Numbers arrive as Postgres prints them (shortest exact form) and go through unread; values of params and tags arrive as JSON already.

import { parseJson } from '../../lib/json.ts';
import type { Long } from '../../lib/long.ts';

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

/** What no JSON number is. */
const ODD: Record<string, string> = { NaN: '"NaN"', Infinity: '"Infinity"', '-Infinity': '"-Infinity"' };
/** As Postgres prints the largest double. */
const LARGEST = '1.7976931348623157e+308';

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
export type SummaryValues = { metrics: { key: string; value: number; step: Long; timestamp: Long }[]; params: KeyValue[]; tags: KeyValue[] };

type Printed = {
  metrics?: { key: string; value: number | string; step: Long | string; timestamp: Long | string }[];
  params?: KeyValue[];
  tags?: KeyValue[];
};

const isExact = ({ step, timestamp }: { step: unknown; timestamp: unknown }) => Number.isSafeInteger(step) && Number.isSafeInteger(timestamp);
/** Integers beyond 2^53 arrive as texts. */
const long = (value: Long | string): Long => (typeof value === 'string' ? BigInt(value) : value);

/** Null where the text may be one from before the infinities were kept. */
export function readSummary(text: string): SummaryValues | null {
  if (text.includes(LARGEST)) return null;
  const plain = JSON.parse(text) as Printed;
  // Nearly every text; looking for long integers first would cost more.
  const { metrics = [], params = [], tags = [] } = plain.metrics?.every(isExact) === false ? (parseJson(text) as Printed) : plain;
  for (const metric of metrics) {
    if (typeof metric.value === 'string') metric.value = Number(metric.value);
    metric.step = long(metric.step);
    metric.timestamp = long(metric.timestamp);
  }
  return { metrics: metrics as SummaryValues['metrics'], params, tags };
}
