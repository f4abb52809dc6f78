// The runs that are searched, made from their number alone, and what each search must therefore answer. Knows no server.
export const METRICS = 20;
export const PARAMS = 20;
export const TAGS = 8;
export const START = 1_700_000_000_000;

const two = (index: number) => String(index).padStart(2, '0');
export const metricKey = (index: number) => `metric_${two(index)}`;
export const paramKey = (index: number) => `param_${two(index)}`;

export type SeedRun = {
  name: string;
  startTime: number;
  metrics: { key: string; value: number; timestamp: number; step: number }[];
  params: { key: string; value: string }[];
  tags: { key: string; value: string }[];
};

export type Data = {
  count: number;
  run(index: number): SeedRun;
  metric(index: number, key: number): number;
};

export const runName = (index: number) => `run-${String(index).padStart(7, '0')}`;
const OPTIMIZERS = ['adam', 'sgd', 'lion', 'rmsprop'];

/** `count` runs whose values under one metric all differ, so that an order by it has no ties: multiples of a prime, modulo the count. */
export function makeData(count: number): Data {
  const primes: number[] = [];
  for (let candidate = 7_919; primes.length < METRICS; candidate += 2) if (isPrime(candidate) && count % candidate !== 0) primes.push(candidate);
  const metric = (index: number, key: number) => (((index * primes[key]! + key) % count) + 0.5) / count;
  return {
    count,
    metric,
    run: (index) => ({
      name: runName(index),
      startTime: START + index * 1_000,
      metrics: Array.from({ length: METRICS }, (_none, key) => ({
        key: metricKey(key),
        value: metric(index, key),
        timestamp: START + index * 1_000,
        step: 0,
      })),
      params: Array.from({ length: PARAMS }, (_none, key) => ({ key: paramKey(key), value: paramOf(index, key) })),
      tags: Array.from({ length: TAGS }, (_none, key) => ({ key: `tag_${key}`, value: tagOf(index, key) })),
    }),
  };
}

export const paramOf = (index: number, key: number) => (key === 0 ? OPTIMIZERS[index % 4]! : `value ${(index * (key + 1)) % 100}`);
export const tagOf = (index: number, key: number) => (key === 0 ? `team-${index % 5}` : `tag ${index % (10 + key)}`);

export type SearchCase = {
  id: string;
  title: string;
  filter?: string;
  orderBy?: string[];
  limit: number;
  /** Indexes of the runs that match, in the order asked for, beyond the page too. */
  expected(data: Data): number[];
};

const newest = (data: Data, keep: (index: number) => boolean = () => true) =>
  Array.from({ length: data.count }, (_none, index) => data.count - 1 - index).filter(keep);
const byMetric = (data: Data, key: number, keep: (index: number) => boolean = () => true) =>
  newest(data, keep).sort((a, b) => data.metric(a, key) - data.metric(b, key));

export const SEARCHES: SearchCase[] = [
  { id: 'plain', title: 'search 100, newest first', limit: 100, expected: (data) => newest(data) },
  { id: 'metric', title: 'search 100 by a metric', orderBy: ['metrics.metric_00 ASC'], limit: 100, expected: (data) => byMetric(data, 0) },
  {
    id: 'filter',
    title: 'search 100, metric filter',
    filter: 'metrics.metric_01 > 0.95',
    limit: 100,
    expected: (data) => newest(data, (index) => data.metric(index, 1) > 0.95),
  },
  {
    id: 'three',
    title: 'search 100, three clauses and order',
    filter: "metrics.metric_02 < 0.5 and params.param_00 = 'adam' and tags.tag_0 = 'team-3'",
    orderBy: ['metrics.metric_00 DESC'],
    limit: 100,
    expected: (data) => byMetric(data, 0, (i) => data.metric(i, 2) < 0.5 && paramOf(i, 0) === 'adam' && tagOf(i, 0) === 'team-3').reverse(),
  },
  { id: 'none', title: 'search 100, no match', filter: 'metrics.metric_03 > 2', limit: 100, expected: () => [] },
  {
    id: 'like',
    title: 'search 100, name LIKE',
    filter: "attributes.run_name LIKE 'run-00001%'",
    limit: 100,
    expected: (data) => newest(data, (index) => runName(index).startsWith('run-00001')),
  },
];

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}
