// What a column of the runs table is, how it is written in the address, and what stands in its cells. Pure.
import type { RunKeys, RunRow } from '../api/runs.ts';

export type Stat = 'last' | 'min' | 'max' | 'mean' | 'first' | 'count';
export const STATS: readonly Stat[] = ['last', 'min', 'max', 'mean', 'first', 'count'];
export type Column = {
  id: string;
  kind: 'metrics' | 'params' | 'tags' | 'attributes';
  key: string;
  stat: Stat | null;
  title: string;
  numeric: boolean;
  sortable: boolean;
};

export const ATTRIBUTES: Record<string, { title: string; numeric?: boolean; sortable?: boolean }> = {
  run_name: { title: 'Name' },
  status: { title: 'Status' },
  start_time: { title: 'Started' },
  end_time: { title: 'Ended' },
  duration: { title: 'Duration', numeric: true, sortable: false },
  user_id: { title: 'User' },
  experiment: { title: 'Experiment', sortable: false },
  run_id: { title: 'Id', sortable: false },
  source: { title: 'Source', sortable: false },
  commit: { title: 'Commit', sortable: false },
};

/** `metrics.loss`, `metrics.loss@min` (keys hold no `@`), `params.lr`, `tags.stage`, `attributes.start_time`. */
export function columnOf(id: string): Column {
  const dot = id.indexOf('.');
  const kind = id.slice(0, dot) as Column['kind'];
  const rest = id.slice(dot + 1);
  if (kind === 'metrics') {
    const [key = '', stat = 'last'] = rest.split('@') as [string, Stat?];
    return { id, kind, key, stat, title: stat === 'last' ? key : `${key} ${stat}`, numeric: true, sortable: true };
  }
  const attribute = kind === 'attributes' ? ATTRIBUTES[rest] : undefined;
  return {
    id,
    kind,
    key: rest,
    stat: null,
    title: attribute?.title ?? rest,
    numeric: attribute?.numeric ?? false,
    sortable: attribute?.sortable ?? true,
  };
}

export const metricColumn = (key: string, stat: Stat): string => `metrics.${key}${stat === 'last' ? '' : `@${stat}`}`;
export const isKnown = (id: string): boolean => /^(metrics|params|tags)\../.test(id) || (id.startsWith('attributes.') && id.slice(11) in ATTRIBUTES);

const isSystem = (key: string) => key.startsWith('system/');

/** What is shown until somebody chooses: when, how long, the metrics that most runs have, the params that differ. */
export function defaultColumns(keys: RunKeys | undefined, ofOneExperiment: boolean): string[] {
  const metrics = (keys?.metrics ?? []).filter(({ key }) => !isSystem(key)).slice(0, 4);
  const params = [...(keys?.params ?? [])].sort((a, b) => Number(b.values > 1) - Number(a.values > 1) || b.runs - a.runs).slice(0, 4);
  return [
    'attributes.start_time',
    'attributes.duration',
    ...metrics.map(({ key }) => `metrics.${key}`),
    ...params.map(({ key }) => `params.${key}`),
    ...(ofOneExperiment ? [] : ['attributes.experiment']),
    'attributes.user_id',
  ];
}

/** The value of a metric, param or tag cell; attributes draw themselves. */
export function cellValue(row: RunRow, { kind, key, stat }: Column): number | string | null {
  if (kind === 'metrics') return row.metrics.get(key)?.[stat ?? 'last'] ?? null;
  if (kind === 'params') return row.params.get(key) ?? null;
  if (kind === 'tags') return row.tags.get(key) ?? null;
  return null;
}

export const WIDTHS: Record<string, number> = {
  'attributes.start_time': 82,
  'attributes.end_time': 82,
  'attributes.duration': 84,
  'attributes.status': 92,
  'attributes.user_id': 96,
  'attributes.run_id': 128,
  'attributes.commit': 84,
};
export const widthOf = (column: Column): number =>
  WIDTHS[column.id] ?? Math.min(220, Math.max(column.numeric ? 92 : 96, column.title.length * 7.2 + 34));
