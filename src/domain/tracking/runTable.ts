// Runs as columns: a page of a search, and of each run only what the columns show.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { cellsOfRuns } from '../../db/tracking/runCells.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import type { Long } from '../../lib/long.ts';
import { findKeyIds } from '../../points/keyIds.ts';
import { fieldKeys, type RunField, runField } from '../../search/fields.ts';
import type { Stat } from '../../search/tree.ts';
import { listRuns, type RunSearch, type SliceRequest } from './runSearch.ts';
import type { Run } from './runs.ts';

export const TABLE_LIMITS = { columns: 200, cells: 100_000 } as const;

export type Cell = string | Long | null;
export type ColumnType = 'TEXT' | 'INTEGER' | 'NUMBER' | 'TIME';
export type TableColumn = {
  /** As it was asked for. */
  name: string;
  kind: 'ATTRIBUTE' | 'PARAM' | 'TAG' | 'METRIC';
  key: string;
  /** Of a metric. */
  stat: Stat | null;
  type: ColumnType;
  /** One for each row. */
  values: Cell[];
};
export type RunTable = { rows: { runId: string; cursor: string }[]; hasNext: boolean; hasPrevious: boolean; columns: TableColumn[] };

type ColumnField = Exclude<RunField, { kind: 'dataset' }>;

const ATTRIBUTES: Record<string, { type: ColumnType; value: (run: Run) => Cell }> = {
  run_id: { type: 'TEXT', value: (run) => run.runId },
  run_name: { type: 'TEXT', value: (run) => run.name },
  status: { type: 'TEXT', value: (run) => run.status },
  user_id: { type: 'TEXT', value: (run) => run.userId || null },
  artifact_uri: { type: 'TEXT', value: (run) => run.artifactUri },
  experiment_id: { type: 'TEXT', value: (run) => String(run.experimentId) },
  start_time: { type: 'TIME', value: (run) => run.startTime || null },
  end_time: { type: 'TIME', value: (run) => run.endTime },
  duration: { type: 'INTEGER', value: durationOf },
};

/** Milliseconds; null where the clocks make no sense, as in searches. */
function durationOf({ startTime, endTime }: Run): Cell {
  if (endTime === null || startTime <= 0 || endTime < startTime) return null;
  return typeof startTime === 'number' && typeof endTime === 'number' ? endTime - startTime : BigInt(endTime) - BigInt(startTime);
}

function parseColumns(names: string[], rows: number): ColumnField[] {
  const argument = 'columns';
  if (names.length > TABLE_LIMITS.columns || names.length * rows > TABLE_LIMITS.cells) {
    throw limitExceeded(
      `A table has at most ${TABLE_LIMITS.columns} columns and ${TABLE_LIMITS.cells} cells a page; you asked for ${names.length} columns × ${rows} rows. Ask for fewer columns, or for fewer rows with 'first'.`,
      { argument, limit: TABLE_LIMITS.cells, asked: names.length * rows },
    );
  }
  return names.map((name, index) => {
    const field = runField(name, `${argument}[${index}]`);
    if (field.kind !== 'dataset') return field;
    throw invalid(`'${name}' is no column: a run may have any number of datasets.`, { argument: `${argument}[${index}]` });
  });
}

/** At most four statements, whatever the page and the columns. Throws INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export async function readRunTable(ctx: TeamCtx, search: RunSearch, names: string[], slice: SliceRequest): Promise<RunTable> {
  requireCan(ctx, 'team:read');
  const fields = parseColumns(names, slice.limit);
  const page = await listRuns(ctx, search, slice);
  const runs = page.rows.map(({ row }) => row);
  const columns = await fill(ctx, runs, names, fields);
  const rows = page.rows.map(({ row, cursor }) => ({ runId: row.runId, cursor }));
  return { rows, hasNext: page.hasNext, hasPrevious: page.hasPrevious, columns };
}

async function fill(ctx: TeamCtx, runs: Run[], names: string[], fields: ColumnField[]): Promise<TableColumn[]> {
  const { db } = ctx;
  const { teamId } = ctx.team;
  const keyIds = await findKeyIds(db, teamId, fieldKeys(fields));
  const columns = fields.map((field, index): TableColumn => {
    const base = { name: names[index]!, values: new Array<Cell>(runs.length).fill(null) };
    if (field.kind === 'attribute') {
      const { type, value } = ATTRIBUTES[field.name]!;
      return { ...base, kind: 'ATTRIBUTE', key: field.name, stat: null, type, values: runs.map(value) };
    }
    if (field.kind !== 'metric') return { ...base, kind: field.kind === 'param' ? 'PARAM' : 'TAG', key: field.key, stat: null, type: 'TEXT' };
    const whole = field.whole !== undefined && keyIds.has(field.whole);
    const stat = whole ? 'last' : field.stat;
    return { ...base, kind: 'METRIC', key: whole ? field.whole! : field.key, stat, type: stat === 'count' ? 'INTEGER' : 'NUMBER' };
  });

  const runIds = runs.map((run) => run.runId);
  const rowOf = new Map(runIds.map((runId, index) => [runId, index]));
  const shown = { PARAM: byKeyId(columns, 'PARAM', keyIds), TAG: byKeyId(columns, 'TAG', keyIds), METRIC: byKeyId(columns, 'METRIC', keyIds) };
  const wanted = { PARAM: [...shown.PARAM.keys()], TAG: [...shown.TAG.keys()], METRIC: [...shown.METRIC.keys()] };
  const stats = new Set(columns.flatMap(({ stat }) => stat ?? []));
  for (const cell of await cellsOfRuns(db, teamId, runIds, wanted, stats)) {
    const row = rowOf.get(cell.runId)!;
    for (const { stat, values } of shown[cell.kind].get(cell.keyId)!) values[row] = (stat === null ? cell.value : cell[stat]) ?? null;
  }
  return columns;
}

type ByKeyId = Map<number, TableColumn[]>;

/** The same key may be in several columns, with other statistics. */
function byKeyId(columns: TableColumn[], kind: TableColumn['kind'], keyIds: Map<string, number>): ByKeyId {
  const found: ByKeyId = new Map();
  for (const column of columns) {
    const keyId = column.kind === kind ? keyIds.get(column.key) : undefined;
    if (keyId !== undefined) found.set(keyId, [...(found.get(keyId) ?? []), column]);
  }
  return found;
}
