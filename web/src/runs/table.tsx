// The runs as a table: its headers, where columns are sorted, resized, moved and pinned. The rows are in rows.tsx; what is shown is the room's business.

import { Checkbox, Menu } from '@mantine/core';
import { type ColumnSizingState, columnResizingFeature, columnSizingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import clsx from 'clsx';
import { type CSSProperties, useMemo, useRef, useState } from 'react';
import type { TableRow } from '../api/table.ts';
import { Icon } from '../ui/icons.tsx';
import { type Column, metricColumn, STATS, widthOf } from './columns.ts';
import css from './table.module.css';
import { Body } from './table-rows.tsx';

/** As in the style sheet. */
const ROW = { compact: 28, comfortable: 36 };
export type Density = keyof typeof ROW;
const CHECK = 36;
const NAME = 'attributes.run_name';
const features = tableFeatures({ columnSizingFeature, columnResizingFeature });

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
  cursor: number;
  setCursor: (index: number) => void;
  more: (() => void) | null;
  loadingMore: boolean;
  sizeKey: string;
  hrefOf: (run: TableRow) => string;
  experimentName: (id: string) => string;
  total: number | null;
};

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
  const { rows, columns, cursor, more, selected, select, total, pinned, density } = props;
  const rowHeight = ROW[density];
  const scroller = useRef<HTMLDivElement>(null);
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
      ref={scroller}
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
        {...{ rows, columns, lefts, grid, selected, select, cursor, more, rowHeight, scroller }}
        hrefOf={props.hrefOf}
        experimentName={props.experimentName}
      />
      {props.loadingMore && <div className={css.more}>Loading more…</div>}
    </div>
  );
}

const NO_DATA: Record<string, never>[] = [];

type HeaderProps = Pick<TableProps, 'sort' | 'setSort' | 'setColumns' | 'columns' | 'pinned' | 'setPinned'> & {
  left: CSSProperties | undefined;
  column: Column | null;
  index: number;
  resize: (event: unknown) => void;
  resizing: boolean;
};

function Header({ column, index, columns, sort, setSort, setColumns, pinned, setPinned, left, resize, resizing }: HeaderProps) {
  const id = column?.id ?? NAME;
  const title = column?.title ?? 'Name';
  const direction = sort === id ? 'ascending' : sort === `-${id}` ? 'descending' : undefined;
  const ids = columns.map((one) => one.id);
  const move = (by: number) => {
    const next = ids.filter((one) => one !== id);
    next.splice(Math.max(0, index + by), 0, id);
    setColumns(next);
  };
  // Numbers are looked for at their best, which may be either end; text from its start.
  const next = direction === 'ascending' ? `-${id}` : direction === 'descending' ? '' : id;
  return (
    <div
      className={clsx(css.cell, column ? (column.numeric ? 'numeric' : undefined) : css.pin1, left ? css.pinned : undefined)}
      style={left}
      role="columnheader"
      aria-sort={direction}
      draggable={column !== null && !resizing}
      onDragStart={(event) => event.dataTransfer.setData('text/column', id)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const moved = event.dataTransfer.getData('text/column');
        if (!moved || moved === id) return;
        const rest = ids.filter((one) => one !== moved);
        rest.splice(column ? rest.indexOf(id) : 0, 0, moved);
        setColumns(rest);
      }}
    >
      <button
        type="button"
        className={css.sort}
        onClick={() => setSort(next)}
        title={column?.kind && column.kind !== 'attributes' ? `${column.kind}.${column.title}` : title}
      >
        <span className={css.title}>{title}</span>
        {direction && <Icon name={direction === 'ascending' ? 'up' : 'down'} size={11} />}
      </button>
      {column && (
        <Menu position="bottom-end">
          <Menu.Target>
            <button type="button" className={css.menu} aria-label={`Column ${title}`}>
              <Icon name="down" size={11} />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setSort(id)}>Sort up</Menu.Item>
            <Menu.Item onClick={() => setSort(`-${id}`)}>Sort down</Menu.Item>
            <Menu.Divider />
            {column.kind === 'metrics' && (
              <>
                <Menu.Label>Show its</Menu.Label>
                {STATS.map((stat) => (
                  <Menu.Item
                    key={stat}
                    rightSection={column.stat === stat ? <Icon name="check" size={13} /> : null}
                    onClick={() => setColumns([...new Set(ids.map((one) => (one === id ? metricColumn(column.key, stat) : one)))])}
                  >
                    {stat}
                  </Menu.Item>
                ))}
                <Menu.Divider />
              </>
            )}
            <Menu.Item onClick={() => setPinned(pinned.has(id) ? [...pinned].filter((one) => one !== id) : [...pinned, id])}>
              {pinned.has(id) ? 'Unpin' : 'Pin beside the name'}
            </Menu.Item>
            <Menu.Item disabled={index === 0} onClick={() => move(-1)}>
              Move left
            </Menu.Item>
            <Menu.Item disabled={index === columns.length - 1} onClick={() => move(1)}>
              Move right
            </Menu.Item>
            <Menu.Item onClick={() => setColumns(ids.filter((one) => one !== id))}>Hide</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: widths are a convenience of the pointer */}
      <span className={clsx(css.resize, resizing && css.active)} onMouseDown={resize} onTouchStart={resize} />
    </div>
  );
}
