// What a column of the runs table is, how it is written in the address, and what stands in its cells. Pure.
import { quotedField } from '../../api/filter-text.ts';

/** `runs` and `values` (how many different ones) count over the newest 1,000 runs. */
export type KeyUse = { key: string; runs: number; values: number };
/** What runs have logged, those in most runs first. `empty`: there is no run at all. */
export type RunKeys = { params: KeyUse[]; metrics: KeyUse[]; tags: KeyUse[]; empty: boolean };

export type Stat = 'last' | 'min' | 'max' | 'mean' | 'first' | 'count';
export const STATS: readonly Stat[] = ['last', 'min', 'max', 'mean', 'first', 'count'];
export type Column = {
  id: string;
  kind: 'metrics' | 'params' | 'tags' | 'attributes';
  key: string;
  stat: Stat | null;
  title: string;
  numeric: boolean;
  /** By which the server knows it. Quoted, so that `metrics.x.min` is never taken for a statistic of `x`. */
  wire: string;
};

/** `wire`: the name by which the server knows it, for reading and for sorting. */
export const ATTRIBUTES: Record<string, { title: string; wire: string; numeric?: boolean }> = {
  run_name: { title: 'Name', wire: 'run_name' },
  status: { title: 'Status', wire: 'status' },
  start_time: { title: 'Started', wire: 'start_time' },
  end_time: { title: 'Ended', wire: 'end_time' },
  duration: { title: 'Duration', wire: 'duration', numeric: true },
  user_id: { title: 'User', wire: 'user_id' },
  experiment: { title: 'Experiment', wire: 'experiment_id' },
  run_id: { title: 'Id', wire: 'run_id' },
  source: { title: 'Source', wire: quotedField('tags', 'mlflow.source.name') },
  commit: { title: 'Commit', wire: quotedField('tags', 'mlflow.source.git.commit') },
};

/** `metrics.loss`, `metrics.loss@min` (keys hold no `@`), `params.lr`, `tags.stage`, `attributes.start_time`. */
export function columnOf(id: string): Column {
  const dot = id.indexOf('.');
  const kind = id.slice(0, dot) as Column['kind'];
  const rest = id.slice(dot + 1);
  if (kind === 'metrics') {
    const [key = '', stat = 'last'] = rest.split('@') as [string, Stat?];
    return { id, kind, key, stat, title: stat === 'last' ? key : `${key} ${stat}`, numeric: true, wire: `${quotedField(kind, key)}.${stat}` };
  }
  const attribute = kind === 'attributes' ? ATTRIBUTES[rest] : undefined;
  return {
    id,
    kind,
    key: rest,
    stat: null,
    title: attribute?.title ?? rest,
    numeric: attribute?.numeric ?? false,
    wire: attribute?.wire ?? quotedField(kind, rest),
  };
}

export const metricColumn = (key: string, stat: Stat): string => `metrics.${key}${stat === 'last' ? '' : `@${stat}`}`;
export const isKnown = (id: string): boolean => /^(metrics|params|tags)\../.test(id) || (id.startsWith('attributes.') && id.slice(11) in ATTRIBUTES);

const isSystem = (key: string) => key.startsWith('system/');

/** What is shown until somebody chooses: when, how long, the metrics that most runs have, the params that differ. */
export function defaultColumns(keys: RunKeys | undefined, ofOneExperiment: boolean): string[] {
  const own = (keys?.metrics ?? []).filter(({ key }) => !isSystem(key));
  const most = Math.max(0, ...own.map(({ runs }) => runs));
  // A column that most rows leave empty takes the room of the params.
  const metrics = own.filter(({ runs }) => runs * 4 >= most).slice(0, 4);
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

/** `-metrics.loss` is descending. Empty is the server's own order, newest first. */
export function orderOf(sort: string): { by: string; direction: 'ASC' | 'DESC' }[] | null {
  if (!sort) return null;
  return [{ by: columnOf(sort.replace(/^-/, '')).wire, direction: sort.startsWith('-') ? 'DESC' : 'ASC' }];
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
