// What differs between runs, row by row; what is the same everywhere is folded away below. Up to twelve runs stand beside each other at a time.
import { Button, TextInput } from '@mantine/core';
import clsx from 'clsx';
import { useMemo, useState } from 'react';
import type { RunRow } from '../api/runs.ts';
import { Swatch } from '../charts/swatch.tsx';
import { count } from '../format.ts';
import { to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Empty } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import pageCss from '../ui/page.module.css';
import dataTableCss from '../ui/tables/data-table.module.css';
import { Scroller } from '../ui/tables/scroller.tsx';
import { copy, Status } from '../ui/tables/values.tsx';
import { linesOf } from './difference-lines.ts';
import { Grouped } from './difference-rows.tsx';
import css from './differences.module.css';
import { COLUMNS, Pager } from './differences-pager.tsx';
import type { Grouping } from './groups.ts';

export function Differences({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const team = useTeam();
  const [all, setAll] = useParam('all');
  const [fromText, setFrom] = useParam('from', '0');
  const [search, setSearch] = useState('');
  const lines = useMemo(() => linesOf(rows), [rows]);
  const from = Math.max(0, Math.min(Number(fromText) || 0, rows.length - 1));
  const columns = rows.map((row, at) => ({ row, at })).slice(from, from + COLUMNS);
  const found = lines.filter(({ key }) => key.toLowerCase().includes(search.toLowerCase()));
  const differing = found.filter(({ differs }) => differs);
  const same = found.filter(({ differs }) => !differs);
  const text = () =>
    [['', ...rows.map(({ name }) => name)], ...differing.map(({ kind, key, cells }) => [`${kind} ${key}`, ...cells.map((cell) => cell ?? '')])]
      .map((cells) => cells.join('\t'))
      .join('\n');
  return (
    <div className={pageCss.part}>
      <div className={pageCss.bar}>
        <TextInput
          placeholder="Filter"
          aria-label="Filter rows"
          leftSection={<Icon name="search" size={13} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <span className="dim">
          {count(differing.length)} differ, {count(same.length)} are the same
        </span>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<Icon name="copy" size={13} />}
          onClick={() => void copy(text(), 'Copied the differences as a table')}
        >
          Copy
        </Button>
        <span className="grow" />
        {rows.length > COLUMNS && (
          <Pager from={from} shown={columns.length} total={rows.length} go={(next) => setFrom(String(next), { replace: true })} />
        )}
      </div>
      {found.length === 0 ? (
        <Empty title={`Nothing is called “${search}”`} />
      ) : (
        <Scroller label="Differences, table" both>
          <table className={clsx(dataTableCss.data, css.differences)}>
            <thead>
              <tr>
                <th scope="col">Key</th>
                {columns.map(({ row }) => (
                  <th key={row.runId} scope="col">
                    <Swatch colour={grouping.colour(row)} dash={grouping.dash(row)} />
                    <a href={to('t', team.slug, 'runs', row.runId)}>{row.name}</a>
                    <Status status={row.status} text={false} />
                  </th>
                ))}
              </tr>
            </thead>
            {differing.length === 0 && (
              <tbody>
                <tr>
                  <td className="dim" colSpan={columns.length + 1}>
                    These runs have the same values throughout.
                  </td>
                </tr>
              </tbody>
            )}
            <Grouped lines={differing} columns={columns} />
            {same.length > 0 && (
              <tbody>
                <tr className={dataTableCss.fold}>
                  <th scope="rowgroup" colSpan={columns.length + 1}>
                    <button
                      type="button"
                      className={buttonsCss.link}
                      aria-expanded={all === '1'}
                      onClick={() => setAll(all ? null : '1', { replace: true })}
                    >
                      <Icon name={all ? 'down' : 'right'} size={11} />
                      {all ? 'Fold what is the same' : `${same.length} more with the same value in every run`}
                    </button>
                  </th>
                </tr>
              </tbody>
            )}
            {all && <Grouped lines={same} columns={columns} />}
          </table>
        </Scroller>
      )}
    </div>
  );
}
