// A column’s header: sorts, resizes, moves and pins it.
import { Menu } from '@mantine/core';
import clsx from 'clsx';
import type { CSSProperties } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { type Column, metricColumn, STATS } from './columns.ts';
import css from './table.module.css';
import type { TableProps } from './table-props.ts';

export const NAME = 'attributes.run_name';

type HeaderProps = Pick<TableProps, 'sort' | 'setSort' | 'setColumns' | 'columns' | 'pinned' | 'setPinned'> & {
  left: CSSProperties | undefined;
  column: Column | null;
  index: number;
  resize: (event: unknown) => void;
  resizing: boolean;
};

export function Header({ column, index, columns, sort, setSort, setColumns, pinned, setPinned, left, resize, resizing }: HeaderProps) {
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
