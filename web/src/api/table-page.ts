// One page of the runs table: exactly the columns that are shown, in one question.
import { type Column, columnOf, orderOf } from '../runs/table/columns.ts';
import { ApiError } from './client.ts';
import { type Lifecycle, RunTableDocument } from './documents.gen.ts';
import { nextCursor } from './pages.ts';
import { ask } from './session.ts';
import type { TableRow } from './table-rows.ts';

export type TablePage = { rows: TableRow[]; total: number | null; tookMs: number; next: string | null };
export type TableAsk = {
  team: string;
  experimentIds: string[] | null;
  filter: string;
  sort: string;
  lifecycle: Lifecycle;
  columns: readonly Column[];
};

const MAX_CELLS = 100_000;
const BASE = ['attributes.run_name', 'attributes.status', 'attributes.start_time', 'tags.mlflow.parentRunId'].map((id) => columnOf(id).wire);

export type PageRequest = { after: string | null; size: number; ids?: string[]; count?: boolean; signal?: AbortSignal };

export async function readPage(asked: TableAsk, { after, size, ids, count = false, signal }: PageRequest): Promise<TablePage> {
  const began = performance.now();
  const names = [...new Set([...BASE, ...asked.columns.map(({ wire }) => wire)])];
  const { team } = await ask(
    RunTableDocument,
    {
      team: asked.team,
      experimentIds: asked.experimentIds,
      filter: asked.filter || null,
      where: ids ? { attribute: { key: 'run_id', op: 'IN', values: ids } } : null,
      columns: names,
      orderBy: ids ? null : orderOf(asked.sort),
      lifecycle: asked.lifecycle,
      first: Math.max(1, Math.min(size, Math.floor(MAX_CELLS / names.length))),
      after,
      count,
    },
    signal,
  );
  if (!team) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
  const { runIds, columns, pageInfo, totalCount } = team.runTable;
  const valuesOf = new Map(names.map((name, at) => [name, columns[at]!.values]));
  const [runNames, statuses, starts, parents] = BASE.map((name) => valuesOf.get(name)!);
  const shown = asked.columns.map(({ id, wire }) => [id, valuesOf.get(wire)!] as const);
  return {
    rows: runIds.map((runId, at) => ({
      runId,
      name: String(runNames![at] ?? ''),
      status: String(statuses![at]),
      startedAt: starts![at] == null ? null : Number(starts![at]),
      nested: parents![at] != null,
      cells: Object.fromEntries(shown.map(([id, values]) => [id, values[at] ?? null])),
    })),
    total: totalCount ?? null,
    tookMs: performance.now() - began,
    next: nextCursor({ pageInfo }),
  };
}
