// What the table of differences shows: a line per key with a cell per run. Pure.
import type { RunRow } from '../api/runs.ts';
import { bestOf } from '../charts/best-value.ts';
import { labelsOf } from '../charts/ticks.ts';
import { duration, full } from '../format.ts';

export type Line = { kind: string; key: string; cells: (string | null)[]; show: (cell: string | null) => string; differs: boolean; best: number };

export function linesOf(rows: RunRow[]): Line[] {
  const line = (kind: string, key: string, cells: (string | null)[], show: Line['show'] = (cell) => cell ?? '–'): Line => ({
    kind,
    key,
    cells,
    show,
    differs: new Set(cells).size > 1,
    best: kind === 'Metrics' ? bestOf(key, cells) : -1,
  });
  const keys = (of: (row: RunRow) => Map<string, unknown>) => [...new Set(rows.flatMap((row) => [...of(row).keys()]))].sort();
  const own = (kind: string, key: string, cell: (row: RunRow) => string | null, show?: Line['show']) => line(kind, key, rows.map(cell), show);
  // Values that differ have to read differently, where they stand side by side to be compared.
  const metricLine = (key: string, cell: (row: RunRow) => string | null) => {
    const cells = rows.map(cell);
    const known = [...new Set(cells.filter((one): one is string => one !== null))];
    const labels = labelsOf(known.map(Number));
    const texts = new Map(known.map((one, at) => [one, labels[at]!]));
    return line('Metrics', key, cells, (one) => (one === null ? '–' : texts.get(one)!));
  };
  return [
    ...keys((row) => row.metrics).map((key) => metricLine(key, (row) => (row.metrics.has(key) ? full(row.metrics.get(key)!.last) : null))),
    ...keys((row) => row.params).map((key) => own('Params', key, (row) => row.params.get(key) ?? null)),
    ...keys((row) => row.tags)
      .filter((key) => !key.startsWith('mlflow.'))
      .map((key) => own('Tags', key, (row) => row.tags.get(key) ?? null)),
    own(
      'Run',
      'Duration',
      (row) => (row.durationMs === null ? null : String(row.durationMs)),
      (cell) => (cell === null ? '–' : duration(cell)),
    ),
    own('Run', 'User', (row) => row.user),
    own(
      'Run',
      'Commit',
      (row) => row.source.gitCommit,
      (cell) => cell?.slice(0, 8) ?? '–',
    ),
    own('Run', 'Source', (row) => row.source.name),
  ];
}

export const isNumber = (cells: (string | null)[]) =>
  cells.some((cell) => cell !== null) && cells.every((cell) => cell === null || cell === 'NaN' || !Number.isNaN(Number(cell)));
