// What the table of runs is given, and how high its rows are.
import type { TableRow } from '../../api/table.ts';
import type { Stroke } from '../../charts/slots.ts';
import type { Column } from './columns.ts';

/** As in the style sheet. */
export const ROW = { compact: 28, comfortable: 36 };

export type Density = keyof typeof ROW;

export type TableProps = {
  rows: TableRow[];
  /** Pinned ones first. */
  columns: Column[];
  pinned: ReadonlySet<string>;
  setPinned: (ids: string[]) => void;
  density: Density;
  sort: string;
  setSort: (sort: string) => void;
  setColumns: (ids: string[]) => void;
  selected: ReadonlySet<string>;
  select: (ids: string[], on: boolean) => void;
  /** How runs look in the charts; those that aren't there are not drawn. */
  looks: ReadonlyMap<string, Stroke>;
  hidden: ReadonlySet<string>;
  toggle: (runId: string) => void;
  cursor: number;
  setCursor: (index: number) => void;
  more: (() => void) | null;
  loadingMore: boolean;
  sizeKey: string;
  hrefOf: (run: TableRow) => string;
  experimentName: (id: string) => string;
  total: number | null;
};
