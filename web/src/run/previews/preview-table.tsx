// Rows and columns of a file: CSV and TSV as text, and whatever else comes as cells.
import clsx from 'clsx';
import { useMemo } from 'react';
import { count } from '../../format.ts';
import dataTableCss from '../../ui/tables/data-table.module.css';
import { Scroller } from '../../ui/tables/scroller.tsx';
import { parseTable, separatorOf, tableOf } from './text-table.ts';

const TABLE_ROWS = 200;

type TextTableProps = { text: string; separator: string | undefined; header: boolean };

/** Unless the name says the separator it is guessed. `header`: whether the text begins where the file does. */
export function TextTable({ text, separator, header }: TextTableProps) {
  // One row more than is shown tells whether there are more.
  const { head, body } = useMemo(
    () => tableOf(parseTable(text, separator ?? separatorOf(text), TABLE_ROWS + 1 + Number(header)), header),
    [text, separator, header],
  );
  const note = body.length > TABLE_ROWS ? `The first ${count(TABLE_ROWS)} rows.` : body.length === 0 ? 'No rows below the header.' : null;
  return <DataTable head={head.map((name) => ({ name }))} body={body.slice(0, TABLE_ROWS)} note={note} />;
}

const isNumber = (cell: string) => cell === '' || !Number.isNaN(Number(cell)) || /^[+-]?(nan|inf(inity)?)$/i.test(cell);

type Props = { head: { name: string; type?: string }[]; body: string[][]; note: string | null };

/** Columns of numbers stand to the right. */
export function DataTable({ head, body, note }: Props) {
  const numeric = head.map((_, at) => body.length > 0 && body.every((row) => isNumber(row[at] ?? '')));
  return (
    <>
      <Scroller label="The file as a table" both>
        <table className={dataTableCss.data}>
          <thead>
            <tr>
              {head.map(({ name, type }, at) => (
                <th key={at} scope="col" className={numeric[at] ? 'numeric' : undefined}>
                  {name}
                  {type && <span className={dataTableCss.type}>{type}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, index) => (
              <tr key={index}>
                {head.map((_, at) => (
                  <td key={at} className={clsx('mono', numeric[at] && 'numeric')} title={(row[at]?.length ?? 0) > 40 ? row[at] : undefined}>
                    {row[at] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {note && <p className={clsx('dim', dataTableCss.tableNote)}>{note}</p>}
    </>
  );
}
