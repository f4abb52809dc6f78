// What the table shows of some runs or of all, saved as a file.
import type { TableAsk } from '../../api/table.ts';
import { plural } from '../../format.ts';
import { sayFault } from '../../ui/feedback/act.ts';
import { Cancelled, work } from '../../ui/feedback/progress.tsx';
import { toast } from '../../ui/feedback/toasts.ts';
import { readAll, save } from './export.ts';
import { type Format, print } from './export-text.ts';

/** Reads what the table shows, of chosen runs or of all, and has it saved. */
export async function exportRuns(asked: TableAsk, ids: string[] | null, total: number, format: Format, name: string): Promise<void> {
  try {
    const rows = await work(`Reading ${plural(total, 'run')}`, total, (report, signal) => readAll(asked, ids, report, signal));
    save(print(rows, asked.columns, format), `${name.replaceAll(/[^\w.-]+/g, '-') || 'runs'}.${format}`);
    toast(`Exported ${plural(rows.length, 'run')}`);
  } catch (error) {
    if (!(error instanceof Cancelled)) sayFault(error);
  }
}
