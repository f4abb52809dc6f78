// Pairs of key and value, as a table that can be searched, sorted by key and copied.
import { TextInput } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { plural } from '../format.ts';
import { Icon } from './icons.tsx';
import { copy } from './values.tsx';

type Props<T extends { key: string }> = {
  title: string;
  rows: T[];
  columns: { name: string; numeric?: boolean; show: (row: T) => ReactNode }[];
  /** A row as text, for copying all. */
  text: (row: T) => string;
  empty: ReactNode;
};

export function Fields<T extends { key: string }>({ title, rows, columns, text, empty }: Props<T>) {
  const [search, setSearch] = useState('');
  const shown = useMemo(() => {
    const wanted = search.toLowerCase();
    return rows.filter((row) => !wanted || `${row.key} ${text(row)}`.toLowerCase().includes(wanted));
  }, [rows, search, text]);
  return (
    <section className="panel" aria-label={title}>
      <header className="panel-head">
        <h2>{title}</h2>
        <span className="dim">{search ? `${shown.length} of ${rows.length}` : rows.length || ''}</span>
        <span className="grow" />
        {rows.length > 5 && (
          <TextInput
            className="panel-search"
            placeholder="Filter"
            aria-label={`Filter ${title}`}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        {rows.length > 0 && (
          <button
            type="button"
            className="quiet"
            title={`Copy ${plural(shown.length, 'row')}`}
            aria-label={`Copy ${title}`}
            onClick={() => void copy(shown.map(text).join('\n'), `Copied ${plural(shown.length, 'row')}`)}
          >
            <Icon name="copy" />
          </button>
        )}
      </header>
      {rows.length === 0 ? (
        <p className="panel-empty">{empty}</p>
      ) : (
        <div className="scroll-x" tabIndex={0} role="group" aria-label={`${title}, table`}>
          <table className="fields">
            <thead>
              <tr>
                {columns.map(({ name, numeric }) => (
                  <th key={name} scope="col" className={numeric ? 'numeric' : undefined}>
                    {name}
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
        </div>
      )}
    </section>
  );
}
