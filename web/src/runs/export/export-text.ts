// Rows of the table as the text of a file: CSV or JSON. Pure.
import type { CellValue, TableRow } from '../../api/table-rows.ts';
import { isoOf } from '../../times.ts';
import type { Column } from '../table/columns.ts';
import { csvCell } from './csv.ts';

export type Format = 'csv' | 'json';

/** What no calendar holds stays the number that was logged. */
const timeOf = (value: CellValue): CellValue => isoOf(value) ?? value;
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
