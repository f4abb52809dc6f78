// What the table shows as a file: of every run that the filter leaves or of chosen ones, read page by page.
import { readPage, type TableAsk, type TableRow } from '../../api/table.ts';
import type { Report } from '../../ui/feedback/progress.tsx';

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

export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
