// The rows of the runs table: only those in view are drawn. Apart from the headers, so that scrolling draws nothing but rows, and those of plain elements:
// dozens come into view with each frame.
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { type CSSProperties, type MouseEvent, memo, type RefObject, useEffect } from 'react';
import type { TableRow } from '../../api/table.ts';
import { hover, useHovered } from '../../charts/lines/hover.ts';
import type { Stroke } from '../../charts/slots.ts';
import { copy } from '../../ui/tables/values.tsx';
import type { Column } from './columns.ts';
import tableCss from './table.module.css';
import { Cell, NameCell } from './table-cells.tsx';

/** So many rows ahead of the last one in view more are asked for: what a second of fast scrolling passes, and nothing before anybody scrolls. */
const ahead = (last: number) => Math.min(400, Math.max(20, last - 30));
const OVERSCAN = 16;

type Props = {
  rows: TableRow[];
  columns: Column[];
  lefts: (CSSProperties | undefined)[];
  grid: CSSProperties;
  selected: ReadonlySet<string>;
  select: (ids: string[], on: boolean) => void;
  looks: ReadonlyMap<string, Stroke>;
  hidden: ReadonlySet<string>;
  toggle: (runId: string) => void;
  cursor: number;
  more: (() => void) | null;
  rowHeight: number;
  scroller: RefObject<HTMLDivElement | null>;
  hrefOf: (run: TableRow) => string;
  experimentName: (id: string) => string;
};

function copyValue(event: MouseEvent): void {
  const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-copy]');
  // Somebody who marks text means to copy that.
  if (cell && !window.getSelection()?.toString()) void copy(cell.title, `Copied ${cell.title}`);
}

export function Body(props: Props) {
  const { rows, columns, lefts, grid, selected, select, looks, hidden, toggle, cursor, more, rowHeight, scroller, hrefOf, experimentName } = props;
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: OVERSCAN });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height, another measure
  useEffect(() => virtual.measure(), [rowHeight]);
  useEffect(() => {
    if (more && rows.length > 0 && last >= rows.length - ahead(last)) more();
  }, [more, last, rows.length]);
  useEffect(() => {
    if (cursor >= 0) virtual.scrollToIndex(cursor, { align: 'auto' });
  }, [cursor, virtual]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a convenience of the pointer; the run's own page copies by keyboard
    <div className={tableCss.body} role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: grid.minWidth }} onClick={copyValue}>
      {items.map(({ index, start }) => {
        const run = rows[index]!;
        return (
          <Row
            key={run.runId}
            {...{ run, index, start, columns, lefts, grid, select, toggle, experimentName }}
            look={looks.get(run.runId)}
            hidden={hidden.has(run.runId)}
            selected={selected.has(run.runId)}
            current={index === cursor}
            href={hrefOf(run)}
          />
        );
      })}
    </div>
  );
}

type RowProps = Pick<Props, 'columns' | 'lefts' | 'grid' | 'select' | 'toggle' | 'experimentName'> & {
  run: TableRow;
  look: Stroke | undefined;
  hidden: boolean;
  index: number;
  start: number;
  selected: boolean;
  current: boolean;
  href: string;
};

const Row = memo(function Row(props: RowProps) {
  const { run, index, start, columns, lefts, grid, selected, current, href, select, experimentName } = props;
  const lit = useHovered(run.runId);
  return (
    <div
      className={clsx(
        tableCss.row,
        tableCss.item,
        selected ? tableCss.selected : undefined,
        current ? tableCss.current : undefined,
        lit ? tableCss.lit : undefined,
      )}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ ...grid, transform: `translateY(${start}px)` }}
      onMouseEnter={() => hover(run.runId)}
      onMouseLeave={() => hover(null)}
    >
      <div className={clsx(tableCss.cell, tableCss.pin0)} role="cell">
        <input
          type="checkbox"
          className={tableCss.check}
          aria-label={`Select ${run.name}`}
          checked={selected}
          onChange={() => select([run.runId], !selected)}
        />
      </div>
      <NameCell {...{ run, href }} look={props.look} hidden={props.hidden} toggle={props.toggle} />
      {columns.map((column, at) => (
        <Cell key={column.id} run={run} column={column} experimentName={experimentName} pinned={lefts[at]} />
      ))}
    </div>
  );
});
