// The rows of the runs table: only those in view are drawn. Apart from the headers, so that scrolling draws nothing but rows, and those of plain elements:
// dozens come into view with each frame.
import clsx from 'clsx';
import { type CSSProperties, type MouseEvent, memo, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { TableRow } from '../../api/table.ts';
import { hover, hoveredRun, onHover } from '../../charts/lines/hover.ts';
import type { Stroke } from '../../charts/slots.ts';
import { copy, useNow } from '../../ui/tables/values.tsx';
import type { Column } from './columns.ts';
import tableCss from './table.module.css';
import { cellOf, NameCell } from './table-cells.tsx';
import { type Picking, usePicking } from './use-picking.ts';
import { useWindow } from './use-window.ts';

/** So many rows ahead of the last one in view more are asked for: what a second of fast scrolling passes, and nothing before anybody scrolls. */
const ahead = (last: number) => Math.min(400, Math.max(20, last - 30));

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

/** Lights up the row of the run under the pointer, wherever that is. By hand: a row that had to listen would cost more than its cells. */
function useLitRow(body: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const light = () => {
      const runId = hoveredRun();
      for (const row of body.current?.querySelectorAll('[data-lit]') ?? []) row.removeAttribute('data-lit');
      if (runId !== null) body.current?.querySelector(`[data-run="${runId}"]`)?.setAttribute('data-lit', '');
    };
    return onHover(light);
  }, [body]);
}

export function Body(props: Props) {
  const { rows, columns, lefts, grid, selected, select, looks, hidden, toggle, cursor, more, rowHeight, scroller, hrefOf, experimentName } = props;
  const body = useRef<HTMLDivElement>(null);
  const now = useNow();
  const pick = usePicking(rows, select);
  const { from, to, show } = useWindow(scroller, rows.length, rowHeight);
  useLitRow(body);
  const last = to - 1;
  useEffect(() => {
    if (more && rows.length > 0 && last >= rows.length - ahead(last)) more();
  }, [more, last, rows.length]);
  useEffect(() => {
    if (cursor >= 0) show(cursor);
  }, [cursor, show]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a convenience of the pointer; the run's own page copies by keyboard
    // biome-ignore lint/a11y/useKeyWithMouseEvents: lights up the same run in the charts, nothing more
    <div
      className={tableCss.body}
      ref={body}
      role="rowgroup"
      style={{ height: rows.length * rowHeight, minWidth: grid.minWidth }}
      onClick={copyValue}
      onMouseOver={(event) => hover((event.target as HTMLElement).closest<HTMLElement>('[data-run]')?.dataset.run ?? null)}
      onMouseLeave={() => hover(null)}
    >
      {rows.slice(from, to).map((run, at) => (
        <Row
          // A row that leaves at one end is filled anew at the other: cheaper than one made for it.
          key={(from + at) % (to - from)}
          {...{ run, columns, lefts, grid, pick, toggle, experimentName, now }}
          index={from + at}
          start={(from + at) * rowHeight}
          look={looks.get(run.runId)}
          hidden={hidden.has(run.runId)}
          selected={selected.has(run.runId)}
          current={from + at === cursor}
          href={hrefOf(run)}
        />
      ))}
    </div>
  );
}

type RowProps = Pick<Props, 'columns' | 'lefts' | 'grid' | 'toggle' | 'experimentName'> & {
  pick: Picking;
  run: TableRow;
  look: Stroke | undefined;
  hidden: boolean;
  index: number;
  start: number;
  selected: boolean;
  current: boolean;
  href: string;
  now: number;
};

const Row = memo(function Row(props: RowProps) {
  const { run, index, start, columns, lefts, grid, selected, current, href, pick, experimentName, now } = props;
  const element = useRef<HTMLDivElement>(null);
  // The row is another run's now: what was focused in it isn't there any more.
  useLayoutEffect(() => {
    element.current?.toggleAttribute('data-lit', hoveredRun() === run.runId);
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && activeElement !== document.body && element.current?.contains(activeElement)) activeElement.blur();
  }, [run.runId]);
  return (
    <div
      className={clsx(tableCss.row, tableCss.item, selected ? tableCss.selected : undefined, current ? tableCss.current : undefined)}
      ref={element}
      role="row"
      data-run={run.runId}
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ ...grid, top: start }}
    >
      <div className={clsx(tableCss.cell, tableCss.pin0)} role="cell">
        <button
          type="button"
          role="checkbox"
          className={tableCss.check}
          aria-label={`Select ${run.name}`}
          aria-checked={selected}
          onClick={(event) => pick(index, !selected, event.shiftKey)}
        />
      </div>
      <NameCell {...{ run, href }} look={props.look} hidden={props.hidden} toggle={props.toggle} />
      {columns.map((column, at) => cellOf({ run, column, experimentName, pinned: lefts[at], now }))}
    </div>
  );
});
