// The runs as a table: its headers, where columns are sorted, resized, moved and pinned. The rows are in rows.tsx; what is shown is the room's business.
import { Checkbox } from '@mantine/core';
import { type ColumnSizingState, columnResizingFeature, columnSizingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import clsx from 'clsx';
import { type CSSProperties, useCallback, useMemo, useRef, useState } from 'react';
import { useKeptScroll } from '../../kept.ts';
import { widthOf } from './columns.ts';
import css from './table.module.css';
import { Header, NAME } from './table-header.tsx';
import { ROW, type TableProps } from './table-props.ts';
import { Body } from './table-rows.tsx';

const CHECK = 36;

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });

/** Widths are remembered on this machine: they fit a screen, not a link. */
function useSizes(key: string): [ColumnSizingState, (next: ColumnSizingState) => void] {
  const [sizes, setSizes] = useState<ColumnSizingState>(() => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? '{}') as ColumnSizingState;
    } catch {
      return {};
    }
  });
  return [
    sizes,
    (next) => {
      setSizes(next);
      localStorage.setItem(key, JSON.stringify(next));
    },
  ];
}

export function RunsTable(props: TableProps) {
  const { rows, columns, cursor, more, selected, select, total, pinned, density, looks, hidden, toggle } = props;
  const rowHeight = ROW[density];
  const scroller = useRef<HTMLDivElement>(null);
  const kept = useKeptScroll(`runs.${props.sizeKey}.${props.sort}`);
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      scroller.current = element;
      kept(element);
    },
    [kept],
  );
  const [sizes, setSizes] = useSizes(`runledger.widths.${props.sizeKey}`);
  const definitions = useMemo(
    () => [
      { id: NAME, size: window.innerWidth < 700 ? 160 : 216, minSize: 110 },
      ...columns.map((column) => ({ id: column.id, size: widthOf(column), minSize: 48 })),
    ],
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: NO_DATA,
    columnResizeMode: 'onChange',
    state: { columnSizing: sizes },
    onColumnSizingChange: (update) => setSizes(typeof update === 'function' ? update(sizes) : update),
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const template = `${CHECK}px ${headers.map((header) => `${header.getSize()}px`).join(' ')} 1fr`;
  const width = headers.reduce((sum, header) => sum + header.getSize(), CHECK);
  const sizeText = headers.map((header) => header.getSize()).join(' ');
  // Where pinned columns stop: beside the name and the pinned ones before them.
  const lefts = useMemo(() => {
    const found: (CSSProperties | undefined)[] = [];
    const widths = sizeText.split(' ').map(Number);
    let left = CHECK + (widths[0] ?? 0);
    for (const [index, { id }] of columns.entries()) {
      found.push(pinned.has(id) ? ({ '--left': `${left}px` } as CSSProperties) : undefined);
      left += widths[index + 1] ?? 0;
    }
    return found;
  }, [columns, pinned, sizeText]);
  const grid = useMemo<CSSProperties>(() => ({ gridTemplateColumns: template, minWidth: width }), [template, width]);
  const all = rows.length > 0 && rows.every(({ runId }) => selected.has(runId));
  return (
    <div
      className={css.scroll}
      data-density={density}
      ref={attach}
      tabIndex={0}
      role="table"
      aria-label="Runs"
      aria-rowcount={(total ?? rows.length) + 1}
      aria-colcount={columns.length + 2}
    >
      <div className={css.head} role="rowgroup">
        <div className={css.row} role="row" aria-rowindex={1} style={grid}>
          <div className={clsx(css.cell, css.pin0)} role="columnheader">
            <Checkbox
              size="xs"
              aria-label={all ? 'Select none' : 'Select all that are loaded'}
              checked={all}
              indeterminate={!all && selected.size > 0}
              onChange={() => select(all ? [...selected] : rows.map(({ runId }) => runId), !all)}
            />
          </div>
          {headers.map((header, index) => (
            <Header
              key={header.id}
              column={index === 0 ? null : columns[index - 1]!}
              index={index - 1}
              resize={header.getResizeHandler()}
              resizing={header.column.getIsResizing()}
              left={lefts[index - 1]}
              {...props}
            />
          ))}
        </div>
      </div>
      <Body
        {...{ rows, columns, lefts, grid, selected, select, looks, hidden, toggle, cursor, more, rowHeight, scroller }}
        hrefOf={props.hrefOf}
        experimentName={props.experimentName}
      />
      {props.loadingMore && <div className={css.more}>Loading more…</div>}
    </div>
  );
}

const NO_DATA: Record<string, never>[] = [];
