// Why a filter leaves no run: how many each of its conditions leaves by itself, and what there is instead.
import { useQuery } from '@tanstack/react-query';
import { RunsDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { readPage, type TableAsk } from '../../api/table.ts';
import { columnOf, type RunKeys } from '../table/columns.ts';
import { fieldOf } from './fields.ts';
import { parseRows } from './filter-reader.ts';
import { type FilterRow, printRows } from './filter-rows.ts';

export type Condition = {
  row: FilterRow;
  text: string;
  runs: number /** Of a metric that is nowhere as low or as high: the nearest there is. */;
  nearest: { word: string; value: number } | null;
};

/** More would ask for minutes what is read in a second. */
const MOST = 6;

const without = (asked: TableAsk): TableAsk => ({ ...asked, filter: '', columns: [] });

async function countRuns({ team, experimentIds, lifecycle }: TableAsk, filter: string, signal: AbortSignal): Promise<number> {
  const variables = { team, experimentIds, filter, lifecycle, first: 1, params: [], metrics: [], tags: [], count: true };
  return (await ask(RunsDocument, variables, signal)).team?.runs.totalCount ?? 0;
}

async function nearestOf(asked: TableAsk, field: string | null, { operator }: FilterRow, signal: AbortSignal): Promise<Condition['nearest']> {
  if (!field?.startsWith('metrics.') || !/^[<>]/.test(operator)) return null;
  const low = operator.startsWith('<');
  const column = columnOf(field);
  const { rows } = await readPage({ ...without(asked), columns: [column], sort: low ? field : `-${field}` }, { after: null, size: 1, signal });
  const value = rows[0]?.cells[field];
  return typeof value === 'number' ? { word: low ? 'lowest' : 'highest', value } : null;
}

/** Of a filter of conditions that must all hold; nothing of any other. */
export function useConditions(asked: TableAsk, keys: RunKeys | undefined) {
  const rows = parseRows(asked.filter);
  const list = rows && (rows.join === 'AND' || rows.rows.length === 1) ? rows.rows : [];
  return useQuery({
    queryKey: queryKeys.conditions(asked.team, asked.experimentIds, asked.filter),
    enabled: keys !== undefined && list.length > 0 && list.length <= MOST,
    queryFn: ({ signal }): Promise<Condition[]> =>
      Promise.all(
        list.map(async (row) => {
          const text = printRows({ join: 'AND', rows: [row] });
          const runs = await countRuns(asked, text, signal);
          return {
            row,
            text,
            runs,
            nearest: runs === 0 ? await nearestOf(asked, fieldOf(row.field.replace(/^attributes\./, ''), keys), row, signal) : null,
          };
        }),
      ),
  });
}
