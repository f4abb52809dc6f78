// A row of the runs table.

export type CellValue = string | number | null;
/** `cells` by the id of the column; the rest is what every row shows. Times in milliseconds. */
export type TableRow = {
  runId: string;
  name: string;
  status: string;
  startedAt: number | null;
  nested: boolean;
  cells: Record<string, CellValue>;
};
