// The rows of the table of differences, by what they are of.
import clsx from 'clsx';
import type { RunRow } from '../api/runs.ts';
import dataTableCss from '../ui/tables/data-table.module.css';
import { isNumber, type Line } from './difference-lines.ts';
import css from './differences.module.css';

/** `at`: where the run's cell stands in a line. */
type Column = { row: RunRow; at: number };

export function Grouped({ lines, columns }: { lines: Line[]; columns: Column[] }) {
  return [...new Set(lines.map(({ kind }) => kind))].map((kind) => (
    <Kind key={kind} kind={kind} lines={lines.filter((line) => line.kind === kind)} columns={columns} />
  ));
}

function Kind({ kind, lines, columns }: { kind: string; lines: Line[]; columns: Column[] }) {
  return (
    <tbody>
      <tr className={dataTableCss.kind}>
        <th scope="rowgroup" colSpan={columns.length + 1}>
          {kind} <span className="dim">{lines.length}</span>
        </th>
      </tr>
      {lines.map(({ key, cells, show, best }) => (
        <tr key={key}>
          <th scope="row" title={key}>
            {key}
          </th>
          {columns.map(({ row, at }) => {
            const cell = cells[at] ?? null;
            return (
              <td
                key={row.runId}
                className={clsx('mono', isNumber(cells) ? 'numeric' : undefined, at === best ? css.best : undefined)}
                title={at === best ? `${cell} (the best of these)` : (cell ?? undefined)}
              >
                {cell === null ? <span className="absent">–</span> : show(cell)}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  );
}
