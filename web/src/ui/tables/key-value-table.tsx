// Pairs of key and value, as a table that can be searched, sorted and copied.
import { TextInput } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { plural } from '../../format.ts';
import buttonsCss from '../buttons.module.css';
import { Icon } from '../icons.tsx';
import { Panel, PanelEmpty } from '../panel.tsx';
import css from './key-value-table.module.css';
import listTableCss from './list-table.module.css';
import { Scroller } from './scroller.tsx';
import { copy } from './values.tsx';

type Props<T extends { key: string }> = {
  title: string;
  rows: T[];
  /** `sort`: what a column is sorted by; without it, it isn't. */
  columns: { name: string; numeric?: boolean; show: (row: T) => ReactNode; sort?: (row: T) => number | string | null }[];
  /** A row as text, for copying all. */
  text: (row: T) => string;
  empty: ReactNode;
};

/** Numbers by size, texts as people count; what isn't there comes first. */
function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

export function Fields<T extends { key: string }>({ title, rows, columns, text, empty }: Props<T>) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<{ name: string; down: boolean } | null>(null);
  const by = columns.find(({ name }) => name === sort?.name)?.sort;
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return rows.filter((row) => !wanted || `${row.key} ${text(row)}`.toLowerCase().includes(wanted));
  }, [rows, search, text]);
  const shown = by ? [...found].sort((a, b) => (sort?.down ? -1 : 1) * compare(by(a), by(b))) : found;
  return (
    <Panel
      title={title}
      note={search ? `${shown.length} of ${rows.length}` : rows.length || ''}
      actions={
        <>
          {rows.length > 5 && (
            <TextInput
              className={css.panelSearch}
              placeholder="Filter"
              aria-label={`Filter ${title}`}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          {rows.length > 0 && (
            <button
              type="button"
              className={buttonsCss.quiet}
              title={`Copy ${plural(shown.length, 'row')}`}
              aria-label={`Copy ${title}`}
              onClick={() => void copy(shown.map(text).join('\n'), `Copied ${plural(shown.length, 'row')}`)}
            >
              <Icon name="copy" />
            </button>
          )}
        </>
      }
    >
      {rows.length === 0 ? (
        <PanelEmpty>{empty}</PanelEmpty>
      ) : (
        <Scroller label={`${title}, table`}>
          <table className={css.fields}>
            <thead>
              <tr>
                {columns.map(({ name, numeric, sort: sortable }) => (
                  <th
                    key={name}
                    scope="col"
                    className={numeric ? 'numeric' : undefined}
                    aria-sort={sort?.name === name ? (sort.down ? 'descending' : 'ascending') : undefined}
                  >
                    {sortable ? (
                      <button
                        type="button"
                        className={listTableCss.sort}
                        onClick={() => setSort(sort?.name !== name ? { name, down: false } : sort.down ? null : { name, down: true })}
                      >
                        {name}
                        {sort?.name === name && <Icon name={sort.down ? 'down' : 'up'} size={11} />}
                      </button>
                    ) : (
                      name
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.key}>
                  {columns.map(({ name, numeric, show }) => (
                    <td key={name} className={numeric ? 'numeric' : undefined}>
                      {show(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </Panel>
  );
}
