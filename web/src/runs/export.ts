// What the table shows as a file: CSV or JSON, of every run that the filter leaves or of chosen ones, read page by page.
import { type CellValue, readPage, type TableAsk, type TableRow } from '../api/table.ts';
import type { Report } from '../ui/progress.tsx';
import type { Column } from './columns.ts';
import { csvCell } from './csv.ts';

export type Format = 'csv' | 'json';
const PAGE = 1_000;
const IDS = 500;

/** Every row of the question, or those with the given ids, in the order of the table. */
export async function readAll(asked: TableAsk, ids: string[] | null, report: Report, signal: AbortSignal): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  if (ids) {
    for (let at = 0; at < ids.length; at += IDS) {
      const part = ids.slice(at, at + IDS);
      const page = await readPage({ ...asked, filter: '', lifecycle: 'ALL' }, { after: null, size: part.length, ids: part, signal });
      const found = new Map(page.rows.map((row) => [row.runId, row]));
      rows.push(...part.flatMap((id) => found.get(id) ?? []));
      report(rows.length);
    }
    return rows;
  }
  for (let after: string | null = null, more = true; more; ) {
    const page = await readPage(asked, { after, size: PAGE, count: after === null, signal });
    rows.push(...page.rows);
    report(rows.length, page.total ?? undefined);
    after = page.next;
    more = after !== null;
  }
  return rows;
}

const timeOf = (value: CellValue) => (value === null ? null : new Date(Number(value)).toISOString());
const isTime = ({ id }: Column) => id === 'attributes.start_time' || id === 'attributes.end_time';

/** Numbers as they are, times as ISO 8601; columns are named as the filter names them. */
function valuesOf(row: TableRow, columns: readonly Column[]): [string, CellValue][] {
  return [
    ['run_id', row.runId],
    ['run_name', row.name],
    ['status', row.status],
    ...columns
      .filter(({ id }) => id !== 'attributes.status' && id !== 'attributes.run_id')
      .map((column): [string, CellValue] => {
        const value = row.cells[column.id] ?? null;
        return [column.id.replace(/^attributes\./, '').replace('@', '.'), isTime(column) ? timeOf(value) : value];
      }),
  ];
}

/** Of lines, the first of which names the columns. */
export const printCsv = (lines: readonly CellValue[][]): Blob =>
  new Blob(
    lines.map((line) => `${line.map(csvCell).join(',')}\r\n`),
    { type: 'text/csv' },
  );

export function print(rows: readonly TableRow[], columns: readonly Column[], format: Format): Blob {
  const lines = rows.map((row) => valuesOf(row, columns));
  if (format === 'json') return new Blob([JSON.stringify(lines.map((line) => Object.fromEntries(line)))], { type: 'application/json' });
  return printCsv([(lines[0] ?? []).map(([name]) => name), ...lines.map((line) => line.map(([, value]) => value))]);
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
